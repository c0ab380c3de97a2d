import type { TaskQueue } from '../../../protocol/task.ts';
import type { z } from 'zod/mini';
import type { SetAside } from '../../platform/set-aside.ts';
import type { Slot } from '../../tasks/lifecycle/state.ts';
import { StoredSlotRow } from '../storage/rows.ts';
import { type SlotRow, rankBetween } from './slots.ts';

const WAITING = `slot = 'waiting' AND granted = 0`;

type Raw = z.infer<typeof StoredSlotRow>;

function rowOf(raw: Raw): SlotRow {
  return {
    taskId: raw.task_id,
    attempt: raw.attempt,
    slot: raw.slot === 'waiting' && raw.granted === 1 ? 'granted' : raw.slot,
    ahead: raw.ahead === 1,
    after: raw.after,
  };
}

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
    ).map(rowOf);
  }

  /** Every task with a row, also one that nobody knows of. */
  taskIds(): string[] {
    return this.#sql
      .exec<{ task_id: string }>('SELECT task_id FROM slots')
      .toArray()
      .map((row) => row.task_id);
  }

  /** Whether there is such a row. */
  has(slot: 'waiting' | 'granted' | 'any'): boolean {
    const wanted = {
      waiting: WAITING,
      granted: `slot = 'waiting' AND granted = 1`,
      any: '1',
    }[slot];
    return this.#sql.exec(`SELECT 1 FROM slots WHERE ${wanted} LIMIT 1`).toArray().length > 0;
  }

  row(taskId: string): SlotRow | null {
    const [raw] = this.#read('SELECT * FROM slots WHERE task_id = ?', taskId);
    return raw === undefined ? null : rowOf(raw);
  }

  /** Takes what a task says of its slot. */
  put(taskId: string, slot: Slot, attempt: number): void {
    const known = this.row(taskId);
    if (slot === 'none') {
      this.#sql.exec('DELETE FROM slots WHERE task_id = ?', taskId);
    } else if (slot === 'taken') {
      this.#sql.exec(
        `INSERT INTO slots VALUES (?, 0, ?, 'taken', 0, 0, NULL)
          ON CONFLICT (task_id) DO UPDATE SET slot = 'taken', granted = 0, attempt = excluded.attempt`,
        taskId,
        attempt,
      );
    } else if (known === null || known.slot === 'taken' || known.attempt < attempt) {
      // What it had to wait for is over once it has begun.
      this.join(taskId, { attempt, ahead: attempt > 1, after: null });
    }
  }

  /** A task joins the queue: at its end, or behind the last of those that go ahead. */
  join(
    taskId: string,
    { attempt, ahead, after }: { attempt: number; ahead: boolean; after: string | null },
  ): void {
    this.#sql.exec('DELETE FROM slots WHERE task_id = ?', taskId);
    const rank = this.#joiningRank(ahead) ?? (this.#numberAnew(), this.#joiningRank(ahead)) ?? 0;
    this.#sql.exec(
      `INSERT INTO slots VALUES (?, ?, ?, 'waiting', 0, ?, ?)`,
      taskId,
      rank,
      attempt,
      ahead ? 1 : 0,
      after,
    );
  }

  /** Puts a waiting task at this position, counted from 1; false when it does not wait. */
  move(taskId: string, position: number): boolean {
    if (this.row(taskId)?.slot !== 'waiting') return false;
    const between = () => {
      const others = this.#waiting().filter((one) => one.taskId !== taskId);
      const place = Math.min(position - 1, others.length);
      return rankBetween(others[place - 1]?.rank ?? null, others[place]?.rank ?? null);
    };
    const rank = between() ?? (this.#numberAnew(), between()) ?? 0;
    this.#sql.exec('UPDATE slots SET rank = ? WHERE task_id = ?', rank, taskId);
    return true;
  }

  grant(taskId: string): void {
    this.#sql.exec('UPDATE slots SET granted = 1 WHERE task_id = ?', taskId);
  }

  /** The queue as the person sees it. */
  queue(): TaskQueue {
    return this.all()
      .filter(({ slot }) => slot === 'waiting')
      .map(({ taskId, after }) => ({ taskId, after }));
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

  #joiningRank(ahead: boolean): number | null {
    if (!ahead) return rankBetween(this.#rank('SELECT max(rank) AS rank FROM slots WHERE 1'), null);
    const last = this.#rank('SELECT max(rank) AS rank FROM slots WHERE ahead = 1');
    const next = this.#rank(
      'SELECT min(rank) AS rank FROM slots WHERE rank > ?',
      last ?? Number.MIN_SAFE_INTEGER,
    );
    return rankBetween(last, next);
  }

  #rank(select: string, ...given: number[]): number | null {
    const [row] = this.#sql.exec<{ rank: number | null }>(`${select} AND ${WAITING}`, ...given);
    return row?.rank ?? null;
  }

  #waiting(): { taskId: string; rank: number }[] {
    return this.#sql
      .exec<{ task_id: string; rank: number }>(
        `SELECT task_id, rank FROM slots WHERE ${WAITING} ORDER BY rank`,
      )
      .toArray()
      .map(({ task_id: taskId, rank }) => ({ taskId, rank }));
  }

  /** Halving a gap some fifty times leaves none: then all are numbered 1, 2, 3 again. */
  #numberAnew(): void {
    for (const [index, { taskId }] of this.#waiting().entries()) {
      this.#sql.exec('UPDATE slots SET rank = ? WHERE task_id = ?', index + 1, taskId);
    }
  }
}
