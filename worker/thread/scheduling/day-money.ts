import { LongPoll } from '../../platform/long-poll.ts';
import type { SetAside } from '../../platform/set-aside.ts';
import type { DayAnswer, OpenCalls } from '../../tasks/api.ts';
import { StoredReserved } from '../storage/rows.ts';

/** How long a call waits for others before its task is told that it does. */
const HELD_MS = 15_000;
/** A task says sooner than that what it has under way, if it has something. */
const TOLD_AT_LEAST_MS = 15 * 60_000;
/** How often the same word is written. */
const WRITTEN_AGAIN_MS = 60_000;

type Day = { limit: number | null; used: number };

/** The money of the day for the tasks' calls to models: what is spent, and what is set aside for calls under way. */
export class DayMoney {
  readonly #sql: SqlStorage;
  readonly #setAside: SetAside;
  readonly #day: () => Day;
  readonly #changed = new LongPoll();
  /** By task: the last call that was let through, and the word with which it was asked for. */
  readonly #let = new Map<string, { asked: number; worst: number }>();

  /** @param day what the day may cost and has cost, in US dollars. */
  constructor({ sql }: DurableObjectStorage, setAside: SetAside, day: () => Day) {
    this.#sql = sql;
    this.#setAside = setAside;
    this.#day = day;
  }

  /** Takes a task's word about its calls under way; one that a later one has overtaken changes nothing. */
  put(taskId: string, { worst, revision, asks }: OpenCalls, now: number): void {
    if (this.#day().limit === null) return;
    // The task does not know yet that it may make the call: its word does not count it.
    const last = this.#let.get(taskId);
    const unheard = asks !== null && last?.asked === asks ? last.worst : 0;
    // Also that there are none: else an earlier word would be believed after it. One that says the same as
    // the one before it is not written each time: there is one with each step of a worker.
    this.#sql.exec(
      `INSERT INTO reserved (task_id, worst, revision, told_at) VALUES (?, ?, ?, ?)
        ON CONFLICT (task_id) DO UPDATE SET worst = excluded.worst, revision = excluded.revision,
          told_at = excluded.told_at WHERE revision < excluded.revision
            AND (worst <> excluded.worst OR told_at <= excluded.told_at - ${WRITTEN_AGAIN_MS})`,
      taskId,
      worst + unheard,
      revision,
      now,
    );
    this.#changed.wake();
  }

  /** Something may be left now, or nothing any more. */
  wake(): void {
    this.#changed.wake();
  }

  /** Sets the worst case of one more call aside, as soon as what others may cost leaves something of the day's budget. */
  async reserve(taskId: string, worst: number, open: OpenCalls): Promise<DayAnswer> {
    const until = Date.now() + HELD_MS;
    this.put(taskId, open, Date.now());
    for (;;) {
      const now = Date.now();
      const { limit, used } = this.#day();
      if (limit === null) return { is: 'ok' };
      if (used >= limit) return { is: 'over', limit, used };
      const others = this.#open(now);
      if (others === 0 || used + others < limit) {
        this.#add(taskId, worst, open.revision, now);
        this.#let.set(taskId, { asked: open.revision, worst });
        return { is: 'ok' };
      }
      if (now >= until) return { is: 'held' };
      await this.#changed.wait(until - now);
    }
  }

  #add(taskId: string, worst: number, revision: number, now: number): void {
    this.#sql.exec(
      `INSERT INTO reserved (task_id, worst, revision, told_at) VALUES (?, ?, ?, ?)
        ON CONFLICT (task_id) DO UPDATE SET worst = worst + excluded.worst, told_at = excluded.told_at`,
      taskId,
      worst,
      revision,
      now,
    );
  }

  #open(now: number): number {
    const rows = this.#sql.exec<{ task_id: string }>('SELECT * FROM reserved').toArray();
    let sum = 0;
    for (const row of rows) {
      const place = { table: 'reserved', key: row.task_id };
      const read = this.#setAside.read(StoredReserved, place, row);
      if (read === null || read.told_at < now - TOLD_AT_LEAST_MS) {
        this.#sql.exec('DELETE FROM reserved WHERE task_id = ?', row.task_id);
      } else sum += read.worst;
    }
    return sum;
  }
}
