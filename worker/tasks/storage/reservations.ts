import * as z from 'zod/mini';
import type { CallUsage, ModelCall } from '../../models/model-call.ts';
import type { SetAside } from '../../platform/set-aside.ts';
import { StoredDay, StoredTime } from '../../platform/stored-values.ts';

/** What a call has used, as far as it is known. */
export const StoredCallUsage = z.object({
  id: z.string(),
  model: z.string(),
  day: StoredDay,
  at: StoredTime,
  inputTokens: z.int(),
  outputTokens: z.int(),
  cacheReadTokens: z.int(),
  cacheWriteTokens: z.int(),
  cost: z.number(),
  isEstimated: z.optional(z.boolean()),
}) satisfies z.ZodMiniType<CallUsage>;

/** Money set aside for calls to the model that are under way: a row a call. */
export class ReservationStore {
  readonly #sql: SqlStorage;
  readonly #setAside: SetAside;

  constructor({ sql }: DurableObjectStorage, setAside: SetAside) {
    this.#sql = sql;
    this.#setAside = setAside;
  }

  add({ id, worst, likely }: ModelCall, now: number): void {
    const place = { table: 'reservations', key: id };
    this.#sql.exec(
      'INSERT INTO reservations (id, worst, heard_at, usage) VALUES (?, ?, ?, ?)',
      id,
      worst,
      now,
      this.#setAside.fit(place, likely),
    );
  }

  /** It goes on. @param usage null where no more is known of it than before. */
  heard(id: string, usage: CallUsage | null, now: number): void {
    const place = { table: 'reservations', key: id };
    this.#sql.exec(
      'UPDATE reservations SET heard_at = ?, usage = coalesce(?, usage) WHERE id = ?',
      now,
      usage === null ? null : this.#setAside.fit(place, usage),
      id,
    );
  }

  remove(id: string): void {
    this.#sql.exec('DELETE FROM reservations WHERE id = ?', id);
  }

  /** Calls under way, and what all of them may cost at most, in US dollars. */
  open(): { calls: number; worst: number } {
    const [row] = this.#sql.exec<{ calls: number; worst: number }>(
      `SELECT count(*) AS calls, coalesce(sum(worst), 0) AS worst FROM reservations
        WHERE typeof(worst) IN ('real', 'integer')`,
    );
    return row ?? { calls: 0, worst: 0 };
  }

  /** When of one of them was heard least lately; null where there is none. */
  heardFirst(): number | null {
    const [row] = this.#sql.exec<{ first: number | null }>(
      'SELECT min(heard_at) AS first FROM reservations',
    );
    return row?.first ?? null;
  }

  /** Takes away those of which nothing was heard since. @returns what is known of them. */
  takeSilent(since: number): CallUsage[] {
    const rows = this.#sql
      .exec<{ key: string; body: string }>(
        'SELECT id AS key, usage AS body FROM reservations WHERE heard_at <= ? ORDER BY id',
        since,
      )
      .toArray();
    for (const { key } of rows) this.remove(key);
    return this.#setAside.readAll(StoredCallUsage, 'reservations', rows);
  }
}
