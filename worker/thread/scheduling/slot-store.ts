import type { TaskQueue } from '../../../protocol/task.ts';
import type { z } from 'zod/mini';
import type { SetAside } from '../../platform/set-aside.ts';
import type { Slot } from '../../tasks/lifecycle/state.ts';
import { StoredSlotRow } from '../storage/rows.ts';

/** A task that is at work, or waits for its turn. */
export type SlotRow = {
  taskId: string;
  /** The stretch of work that it waits with, or is at. */
  attempt: number;
  slot: 'waiting' | 'taken';
  /** True once its turn was granted, also before the task has said that it took it. */
  granted: boolean;
  /** It goes before those that have not begun: it was begun before, or is urgent. */
  ahead: boolean;
  /** The task that it waits for; it may have ended meanwhile. */
  after: string | null;
};

/** Those whose turn it is, in order. `blocks` tells whether a task still holds up the ones after it. */
export function dueSlots(
  rows: readonly SlotRow[],
  limit: number,
  blocks: (taskId: string) => boolean,
): SlotRow[] {
  const busy = rows.filter(({ slot, granted }) => slot === 'taken' || granted).length;
  return rows
    .filter(({ slot, granted }) => slot === 'waiting' && !granted)
    .filter(({ after }) => after === null || !blocks(after))
    .slice(0, Math.max(0, limit - busy));
}

type Raw = z.infer<typeof StoredSlotRow>;

/** Who is at work and who waits, in order: plain reads and writes. */
export class SlotStore {
  readonly #sql: SqlStorage;
  readonly #setAside: SetAside;

  constructor({ sql }: DurableObjectStorage, setAside: SetAside) {
    this.#sql = sql;
    this.#setAside = setAside;
  }

  /** All tasks that take a slot or wait for one, the next first; those that nobody knows of are left out. */
  all(): SlotRow[] {
    return this.#read(
      'SELECT * FROM slots WHERE task_id IN (SELECT id FROM tasks) ORDER BY rank',
    ).map((row) => ({
      taskId: row.task_id,
      attempt: row.attempt,
      slot: row.slot,
      granted: row.granted === 1,
      ahead: row.ahead === 1,
      after: row.after,
    }));
  }

  /** Takes what a task says of its slot. */
  put(taskId: string, slot: Slot, attempt: number): void {
    const [known] = this.#read('SELECT * FROM slots WHERE task_id = ?', taskId);
    if (slot === 'none') {
      this.#sql.exec('DELETE FROM slots WHERE task_id = ?', taskId);
    } else if (slot === 'taken') {
      this.#sql.exec(
        `INSERT INTO slots VALUES (?, 0, ?, 'taken', 0, 0, NULL)
          ON CONFLICT (task_id) DO UPDATE SET slot = 'taken', granted = 0, attempt = excluded.attempt`,
        taskId,
        attempt,
      );
    } else if (known === undefined || known.slot === 'taken' || known.attempt < attempt) {
      // What it had to wait for is over once it has begun.
      this.join(taskId, { attempt, ahead: attempt > 1, after: null });
    }
  }

  /** A task joins the queue: at its end, or behind the last of those that go ahead. */
  join(
    taskId: string,
    { attempt, ahead, after }: { attempt: number; ahead: boolean; after: string | null },
  ): void {
    this.#sql.exec(
      `INSERT OR REPLACE INTO slots VALUES (?, 0, ?, 'waiting', 0, ?, ?)`,
      taskId,
      attempt,
      ahead ? 1 : 0,
      after,
    );
    const others = this.#waiting().filter((row) => row.task_id !== taskId);
    const position = ahead ? others.findLastIndex((row) => row.ahead === 1) + 1 : others.length;
    this.#arrange(others.map((row) => row.task_id).toSpliced(position, 0, taskId));
  }

  /** Puts a waiting task at this position, counted from 1; false when it does not wait. */
  move(taskId: string, position: number): boolean {
    const ids = this.#waiting().map((row) => row.task_id);
    if (!ids.includes(taskId)) return false;
    const others = ids.filter((id) => id !== taskId);
    this.#arrange(others.toSpliced(position - 1, 0, taskId));
    return true;
  }

  grant(taskId: string): void {
    this.#sql.exec('UPDATE slots SET granted = 1 WHERE task_id = ?', taskId);
  }

  /** The queue as the person sees it. */
  queue(): TaskQueue {
    return this.all()
      .filter(({ slot, granted }) => slot === 'waiting' && !granted)
      .map(({ taskId, after }) => ({ taskId, after }));
  }

  #waiting(): Raw[] {
    return this.#read(`SELECT * FROM slots WHERE slot = 'waiting' AND granted = 0 ORDER BY rank`);
  }

  /** Without those that cannot be read: each is written anew when its task speaks next. */
  #read(query: string, ...bindings: string[]): Raw[] {
    return this.#sql
      .exec<{ task_id: string }>(query, ...bindings)
      .toArray()
      .flatMap((row) => {
        const place = { table: 'slots', key: row.task_id };
        return this.#setAside.read(StoredSlotRow, place, row) ?? [];
      });
  }

  #arrange(ids: readonly string[]): void {
    for (const [index, id] of ids.entries()) {
      this.#sql.exec('UPDATE slots SET rank = ? WHERE task_id = ?', index + 1, id);
    }
  }
}
