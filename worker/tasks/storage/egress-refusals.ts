import * as z from 'zod/mini';
import type { EgressRefusal } from '../../../protocol/pages.ts';
import type { SetAside } from '../../platform/set-aside.ts';
import { StoredTime } from '../../platform/stored-values.ts';

/** Most that is remembered: a sandbox may ask for a new name each time. The oldest make room. */
export const REFUSALS_MAX = 100;

/** A row of `egress_refusals`. */
export const StoredEgressRefusal = z.object({
  asked: z.string(),
  count: z.int(),
  first_at: StoredTime,
  last_at: StoredTime,
});

/** As Postgres has it with the task's state. */
export const StoredRefusal = z.object({
  asked: z.string(),
  count: z.int(),
  firstAt: StoredTime,
  lastAt: StoredTime,
});

/** The same thing, asked for again. */
export function together(before: EgressRefusal | undefined, more: EgressRefusal): EgressRefusal {
  if (before === undefined) return more;
  return { ...more, count: before.count + more.count, firstAt: before.firstAt };
}

/** What the task's sandboxes asked for and were refused. */
export class EgressRefusalStore {
  readonly #sql: SqlStorage;
  readonly #setAside: SetAside;

  constructor({ sql }: DurableObjectStorage, setAside: SetAside) {
    this.#sql = sql;
    this.#setAside = setAside;
  }

  /** Adds to what is there, the oldest of them first. */
  add(refusals: readonly EgressRefusal[]): void {
    for (const { asked, count, firstAt, lastAt } of refusals) {
      this.#sql.exec(
        `INSERT INTO egress_refusals (asked, count, first_at, last_at) VALUES (?, ?, ?, ?)
          ON CONFLICT (asked) DO UPDATE SET count = count + excluded.count, last_at = excluded.last_at`,
        asked,
        count,
        firstAt,
        lastAt,
      );
    }
    this.#sql.exec(
      `DELETE FROM egress_refusals WHERE asked NOT IN
        (SELECT asked FROM egress_refusals ORDER BY last_at DESC, rowid DESC LIMIT ?)`,
      REFUSALS_MAX,
    );
  }

  /** The newest first. */
  all(): EgressRefusal[] {
    return this.#sql
      .exec<{ asked: string }>('SELECT * FROM egress_refusals ORDER BY last_at DESC, rowid DESC')
      .toArray()
      .flatMap((row) => {
        const place = { table: 'egress_refusals', key: row.asked };
        const read = this.#setAside.read(StoredEgressRefusal, place, row);
        if (read === null) return [];
        const { asked, count, first_at: firstAt, last_at: lastAt } = read;
        return [{ asked, count, firstAt, lastAt }];
      });
  }
}
