import type { SetAside } from '../../platform/set-aside.ts';
import type { TaskSpec } from '../../tasks/api.ts';
import { StoredSpec } from '../../tasks/storage/rows.ts';
import { StoredStart } from '../storage/rows.ts';

/**
 * `wanted` until the task's object has it; `given_up` once that failed too often. The spec is kept
 * for as long as the task is, so that a task whose object lost everything can begin again.
 */
export type StartState = 'wanted' | 'created' | 'given_up';
export type Start = { spec: TaskSpec; state: StartState; tries: number; dueAt: number };

/** What tasks were started with, and whether their objects have it: plain reads and writes. */
export class StartStore {
  readonly #sql: SqlStorage;
  readonly #setAside: SetAside;
  /** Specs that were read from this very text: those that are wanted are asked for again and again. */
  readonly #specs = new Map<string, { text: string; spec: TaskSpec }>();

  constructor({ sql }: DurableObjectStorage, setAside: SetAside) {
    this.#sql = sql;
    this.#setAside = setAside;
  }

  /** The intent to create a task. Call in the transaction that makes it known. */
  put(spec: TaskSpec, dueAt: number): void {
    this.#sql.exec(
      `INSERT OR IGNORE INTO starts VALUES (?, ?, 'wanted', 0, ?)`,
      spec.taskId,
      this.#setAside.fit({ table: 'starts', key: spec.taskId }, spec),
      dueAt,
    );
  }

  /** Null when nobody started it here, or when it cannot be read. */
  get(taskId: string): Start | null {
    const [start] = this.#read('SELECT * FROM starts WHERE task_id = ?', taskId);
    return start ?? null;
  }

  wanted(): Start[] {
    return this.#read(`SELECT * FROM starts WHERE state = 'wanted' ORDER BY task_id`);
  }

  /** When the first of those that are wanted is due; null when all are there. */
  firstDue(): number | null {
    const times = this.wanted().map(({ dueAt }) => dueAt);
    return times.length === 0 ? null : Math.min(...times);
  }

  set(taskId: string, { state, tries, dueAt }: Omit<Start, 'spec'>): void {
    this.#sql.exec(
      'UPDATE starts SET state = ?, tries = ?, due_at = ? WHERE task_id = ?',
      state,
      tries,
      dueAt,
      taskId,
    );
    if (state !== 'wanted') this.#specs.delete(taskId);
  }

  #read(query: string, ...bindings: string[]): Start[] {
    return this.#sql
      .exec<{ task_id: string }>(query, ...bindings)
      .toArray()
      .flatMap((raw) => {
        const place = { table: 'starts', key: raw.task_id };
        const row = this.#setAside.read(StoredStart, place, raw);
        const spec = row && this.#specOf(raw.task_id, row.spec);
        if (row === null || spec === null) return [];
        if (row.state === 'wanted') this.#specs.set(raw.task_id, { text: row.spec, spec });
        return [{ spec, state: row.state, tries: row.tries, dueAt: row.due_at }];
      });
  }

  #specOf(taskId: string, text: string): TaskSpec | null {
    const known = this.#specs.get(taskId);
    if (known?.text === text) return known.spec;
    return this.#setAside.readJson(StoredSpec, { table: 'starts', key: taskId }, text);
  }
}
