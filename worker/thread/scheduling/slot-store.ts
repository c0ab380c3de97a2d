import type { TaskQueue } from '../../../protocol/task.ts';
import type { Place } from '../../tasks/lifecycle/state.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS places (
    task_id TEXT PRIMARY KEY, rank INTEGER NOT NULL, attempt INTEGER NOT NULL, place TEXT NOT NULL,
    given INTEGER NOT NULL, ahead INTEGER NOT NULL, after TEXT);
`;

/** A task that is at work, or waits for its turn. */
export type PlaceRow = {
  taskId: string;
  /** The stretch of work that it waits with, or is at. */
  attempt: number;
  place: 'waiting' | 'taken';
  /** True once its turn was given, also before the task has said that it took it. */
  given: boolean;
  /** It goes before those that have not begun: it was begun before, or is urgent. */
  ahead: boolean;
  /** The task that it waits for; it may have ended meanwhile. */
  after: string | null;
};

/** Those whose turn it is, in order. `blocks` tells whether a task still holds up the ones after it. */
export function dueTurns(
  rows: readonly PlaceRow[],
  limit: number,
  blocks: (taskId: string) => boolean,
): PlaceRow[] {
  const busy = rows.filter(({ place, given }) => place === 'taken' || given).length;
  return rows
    .filter(({ place, given }) => place === 'waiting' && !given)
    .filter(({ after }) => after === null || !blocks(after))
    .slice(0, Math.max(0, limit - busy));
}

type Raw = {
  task_id: string;
  attempt: number;
  place: 'waiting' | 'taken';
  given: number;
  ahead: number;
  after: string | null;
};

/** Who is at work and who waits, in order: plain reads and writes. */
export class PlaceStore {
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
  }

  init(): void {
    this.#sql.exec(SCHEMA);
  }

  /** All tasks that take a place or wait for one, the next first; those that nobody knows of are left out. */
  all(): PlaceRow[] {
    return this.#sql
      .exec<Raw>('SELECT * FROM places WHERE task_id IN (SELECT id FROM tasks) ORDER BY rank')
      .toArray()
      .map((row) => ({
        taskId: row.task_id,
        attempt: row.attempt,
        place: row.place,
        given: row.given === 1,
        ahead: row.ahead === 1,
        after: row.after,
      }));
  }

  /** Takes what a task says of its place. */
  put(taskId: string, place: Place, attempt: number): void {
    const [known] = this.#sql.exec<Raw>('SELECT * FROM places WHERE task_id = ?', taskId);
    if (place === 'none') {
      this.#sql.exec('DELETE FROM places WHERE task_id = ?', taskId);
    } else if (place === 'taken') {
      this.#sql.exec(
        `INSERT INTO places VALUES (?, 0, ?, 'taken', 0, 0, NULL)
          ON CONFLICT (task_id) DO UPDATE SET place = 'taken', given = 0, attempt = excluded.attempt`,
        taskId,
        attempt,
      );
    } else if (known === undefined || known.place === 'taken' || known.attempt < attempt) {
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
      `INSERT OR REPLACE INTO places VALUES (?, 0, ?, 'waiting', 0, ?, ?)`,
      taskId,
      attempt,
      ahead ? 1 : 0,
      after,
    );
    const others = this.#waiting().filter((row) => row.task_id !== taskId);
    const place = ahead ? others.findLastIndex((row) => row.ahead === 1) + 1 : others.length;
    this.#arrange(others.map((row) => row.task_id).toSpliced(place, 0, taskId));
  }

  /** Puts a waiting task at this place, counted from 1; false when it does not wait. */
  move(taskId: string, position: number): boolean {
    const ids = this.#waiting().map((row) => row.task_id);
    if (!ids.includes(taskId)) return false;
    const others = ids.filter((id) => id !== taskId);
    this.#arrange(others.toSpliced(position - 1, 0, taskId));
    return true;
  }

  give(taskId: string): void {
    this.#sql.exec('UPDATE places SET given = 1 WHERE task_id = ?', taskId);
  }

  /** The queue as the person sees it. */
  queue(): TaskQueue {
    return this.all()
      .filter(({ place, given }) => place === 'waiting' && !given)
      .map(({ taskId, after }) => ({ taskId, after }));
  }

  #waiting(): Raw[] {
    return this.#sql
      .exec<Raw>(`SELECT * FROM places WHERE place = 'waiting' AND given = 0 ORDER BY rank`)
      .toArray();
  }

  #arrange(ids: readonly string[]): void {
    for (const [place, id] of ids.entries()) {
      this.#sql.exec('UPDATE places SET rank = ? WHERE task_id = ?', place + 1, id);
    }
  }
}
