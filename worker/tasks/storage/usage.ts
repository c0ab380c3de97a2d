import type { Usage } from '../../../protocol/model.ts';
import type { UsageByDay } from '../../../protocol/pages.ts';
import type { UsageRow } from '../../history/rows.ts';
import type { Spent } from '../api.ts';

/** Condition on a row that can be summed: SQLite would take any type for a number. */
const READABLE = `(typeof(input) = 'integer' AND typeof(output) = 'integer'
  AND typeof(cache_read) = 'integer' AND typeof(cache_write) = 'integer'
  AND typeof(cost) IN ('real', 'integer') AND typeof(model) = 'text'
  AND day GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]')`;

/** What the gateway metered for one task, a row a request. */
export class UsageStore {
  readonly #sql: SqlStorage;

  constructor({ sql }: DurableObjectStorage) {
    this.#sql = sql;
  }

  /** A repeated id counts once: what was counted takes the place of what was estimated. */
  add(row: UsageRow): void {
    this.#sql.exec(
      `INSERT INTO usage (id, model, day, input, output, cache_read, cache_write, cost, is_estimated)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET input = excluded.input, output = excluded.output,
          cache_read = excluded.cache_read, cache_write = excluded.cache_write,
          cost = excluded.cost, is_estimated = excluded.is_estimated
        WHERE is_estimated = 1`,
      row.id,
      row.model,
      row.day,
      row.inputTokens,
      row.outputTokens,
      row.cacheReadTokens,
      row.cacheWriteTokens,
      row.cost,
      row.isEstimated === true ? 1 : 0,
    );
  }

  /** Every request, for Postgres. */
  rows(taskId: string): UsageRow[] {
    return this.#sql
      .exec<Omit<UsageRow, 'taskId' | 'at' | 'isEstimated'> & { estimated: number }>(
        `SELECT id, model, day, input AS inputTokens, output AS outputTokens,
          cache_read AS cacheReadTokens, cache_write AS cacheWriteTokens, cost,
          is_estimated AS estimated FROM usage WHERE ${READABLE} ORDER BY id`,
      )
      .toArray()
      .map(({ estimated, ...row }) => ({
        ...row,
        taskId,
        at: Date.parse(row.day),
        ...(estimated === 1 && { isEstimated: true }),
      }));
  }

  total(): Usage {
    const [row] = this.#sql.exec<Record<keyof Usage, number>>(
      `SELECT coalesce(sum(input), 0) AS inputTokens, coalesce(sum(output), 0) AS outputTokens,
        coalesce(sum(cache_read), 0) AS cacheReadTokens, coalesce(sum(cache_write), 0) AS cacheWriteTokens,
        coalesce(sum(cost), 0) AS cost FROM usage WHERE ${READABLE}`,
    );
    return (
      row ?? { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, cost: 0 }
    );
  }

  /** What it cost on the newest day on which it cost something. */
  spent(): Spent | null {
    const [row] = this.#sql.exec<Spent>(
      `SELECT day, sum(cost) AS cost FROM usage WHERE ${READABLE}
        GROUP BY day ORDER BY day DESC LIMIT 1`,
    );
    return row ?? null;
  }

  /** Use by model and UTC day, newest first. */
  byDay(): UsageByDay[] {
    return this.#sql
      .exec<Omit<UsageByDay, 'isEstimated'> & { estimated: number }>(
        `SELECT day, model, sum(input) AS inputTokens, sum(output) AS outputTokens,
          sum(cache_read) AS cacheReadTokens, sum(cache_write) AS cacheWriteTokens,
          sum(cost) AS cost, max(is_estimated) AS estimated FROM usage WHERE ${READABLE}
          GROUP BY day, model ORDER BY day DESC, model`,
      )
      .toArray()
      .map(({ estimated, ...row }) => ({ ...row, isEstimated: estimated === 1 }));
  }

  count(): number {
    const [row] = this.#sql.exec<{ rows: number }>('SELECT count(*) AS rows FROM usage');
    return row?.rows ?? 0;
  }
}
