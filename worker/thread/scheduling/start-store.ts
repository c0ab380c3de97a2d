import type { TaskSpec } from '../../tasks/api.ts';

/**
 * `wanted` until the task's object has it; `given_up` once that failed too often. The spec is kept
 * for as long as the task is, so that a task whose object lost everything can begin again.
 */
export type StartState = 'wanted' | 'created' | 'given_up';
export type Start = { spec: TaskSpec; state: StartState; tries: number; dueAt: number };

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS starts (
    task_id TEXT PRIMARY KEY, spec TEXT NOT NULL, state TEXT NOT NULL, tries INTEGER NOT NULL, due_at INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS starts_state ON starts (state);
`;

type Raw = { spec: string; state: StartState; tries: number; due_at: number };

/** What tasks were started with, and whether their objects have it: plain reads and writes. */
export class StartStore {
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
  }

  init(): void {
    this.#sql.exec(SCHEMA);
  }

  /** The intent to create a task. Call in the transaction that makes it known. */
  put(spec: TaskSpec, dueAt: number): void {
    this.#sql.exec(
      `INSERT OR IGNORE INTO starts VALUES (?, ?, 'wanted', 0, ?)`,
      spec.taskId,
      JSON.stringify(spec),
      dueAt,
    );
  }

  get(taskId: string): Start | null {
    const [raw] = this.#sql.exec<Raw>('SELECT * FROM starts WHERE task_id = ?', taskId);
    return raw === undefined ? null : startOf(raw);
  }

  wanted(): Start[] {
    return this.#sql
      .exec<Raw>(`SELECT * FROM starts WHERE state = 'wanted' ORDER BY task_id`)
      .toArray()
      .map(startOf);
  }

  /** When the first of those that are wanted is due; null when all are there. */
  firstDue(): number | null {
    const [row] = this.#sql.exec<{ first: number | null }>(
      `SELECT min(due_at) AS first FROM starts WHERE state = 'wanted'`,
    );
    return row?.first ?? null;
  }

  set(taskId: string, { state, tries, dueAt }: Omit<Start, 'spec'>): void {
    this.#sql.exec(
      'UPDATE starts SET state = ?, tries = ?, due_at = ? WHERE task_id = ?',
      state,
      tries,
      dueAt,
      taskId,
    );
  }
}

function startOf({ spec, state, tries, due_at: dueAt }: Raw): Start {
  return { spec: JSON.parse(spec), state, tries, dueAt };
}
