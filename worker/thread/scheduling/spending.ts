import * as z from 'zod/mini';
import { RepositoryName } from '../../../protocol/ids.ts';
import { WorkerModel } from '../../../protocol/model.ts';
import type { SpentOnDay } from '../../../protocol/pages.ts';
import type { SetAside } from '../../platform/set-aside.ts';
import type { Spent } from '../../tasks/api.ts';

/** The conversation's own use, beside the tasks'. */
const THREAD = '';

/** The UTC day, `YYYY-MM-DD`. */
export function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}

/** The first moment of the next UTC day. */
export function nextDay(now: number): number {
  return Date.parse(`${dayOf(now)}T00:00:00Z`) + 24 * 60 * 60_000;
}

/** What a person's tasks and conversation cost each day, in US dollars. */
export class Spending {
  readonly #sql: SqlStorage;
  readonly #setAside: SetAside;

  constructor({ sql }: DurableObjectStorage, setAside: SetAside) {
    this.#sql = sql;
    this.#setAside = setAside;
  }

  /** Takes what a task has cost on a day in all; a late word of less changes nothing. */
  put(taskId: string, { day, cost }: Spent): void {
    this.#sql.exec(
      `INSERT INTO spending VALUES (?, ?, ?)
        ON CONFLICT (day, task_id) DO UPDATE SET cost = max(cost, excluded.cost)`,
      day,
      taskId,
      cost,
    );
  }

  /** Adds one call of the conversation's own. */
  add(day: string, cost: number): void {
    this.#sql.exec(
      `INSERT INTO spending VALUES (?, ?, ?)
        ON CONFLICT (day, task_id) DO UPDATE SET cost = cost + excluded.cost`,
      day,
      THREAD,
      cost,
    );
  }

  /** What Postgres had of it, in place of nothing: the sums of many rows. */
  restore(rows: readonly { taskId: string | null; day: string; cost: number }[]): void {
    for (const { taskId, day, cost } of rows) {
      this.#sql.exec(
        `INSERT INTO spending VALUES (?, ?, ?)
          ON CONFLICT (day, task_id) DO UPDATE SET cost = cost + excluded.cost`,
        day,
        taskId ?? THREAD,
        cost,
      );
    }
  }

  /** What the conversation's own calls cost, by day. */
  own(): Spent[] {
    return this.#sql
      .exec<{ day: string; cost: SqlStorageValue }>(
        'SELECT day, cost FROM spending WHERE task_id = ? ORDER BY day',
        THREAD,
      )
      .toArray()
      .flatMap(({ day, cost }) => {
        const place = { table: 'spending', key: THREAD };
        const read = this.#setAside.read(z.number(), place, cost);
        return read === null ? [] : [{ day, cost: read }];
      });
  }

  /** From a day on, by day, repository and the model that a task has now; oldest first. */
  since(day: string): SpentOnDay[] {
    const rows = this.#sql.exec<{
      day: string;
      own: number;
      repository: SqlStorageValue;
      model: SqlStorageValue;
      cost: number;
    }>(
      `SELECT s.day AS day, s.task_id = '' AS own,
          CASE WHEN json_valid(t.body) THEN json_extract(t.body, '$.repository') END AS repository,
          CASE WHEN json_valid(t.body) THEN json_extract(t.body, '$.model') END AS model,
          sum(s.cost) AS cost
        FROM spending s LEFT JOIN tasks t ON t.id = s.task_id
        WHERE s.day >= ? AND typeof(s.cost) IN ('real', 'integer')
        GROUP BY 1, 2, 3, 4 HAVING sum(s.cost) > 0 ORDER BY 1, 2 DESC, 3, 4`,
      day,
    );
    return rows.toArray().map(({ own, repository, model, ...spent }) => ({
      ...spent,
      by: own === 1 ? 'conversation' : 'tasks',
      // What is said of a task in another way than it should be is not known.
      repository: RepositoryName.safeParse(repository).data ?? null,
      model: WorkerModel.safeParse(model).data ?? null,
    }));
  }

  on(day: string): number {
    const rows = this.#sql.exec<{ task_id: string; cost: SqlStorageValue }>(
      'SELECT task_id, cost FROM spending WHERE day = ?',
      day,
    );
    let sum = 0;
    for (const { task_id: taskId, cost } of rows.toArray()) {
      sum += this.#setAside.read(z.number(), { table: 'spending', key: taskId }, cost) ?? 0;
    }
    return sum;
  }
}
