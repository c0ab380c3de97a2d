import type { Spent } from '../../tasks/api.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS spending (day TEXT NOT NULL, task_id TEXT NOT NULL, cost REAL NOT NULL, PRIMARY KEY (day, task_id));
`;
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

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
  }

  init(): void {
    this.#sql.exec(SCHEMA);
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

  on(day: string): number {
    const [row] = this.#sql.exec<{ cost: number }>(
      'SELECT coalesce(sum(cost), 0) AS cost FROM spending WHERE day = ?',
      day,
    );
    return row?.cost ?? 0;
  }
}
