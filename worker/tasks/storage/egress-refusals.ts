import * as z from 'zod/mini';
import type { EgressRefusal } from '../../../protocol/pages.ts';
import type { SetAside } from '../../platform/set-aside.ts';
import { StoredTime } from '../../platform/stored-values.ts';

/** Most that is remembered: a sandbox may ask for a new name each time. The oldest make room. */
const ROWS_MAX = 100;

/** A row of `egress_refusals`. */
export const StoredEgressRefusal = z.object({
  asked: z.string(),
  count: z.int(),
  first_at: StoredTime,
  last_at: StoredTime,
});

/** What the task's sandboxes asked for and were refused. */
export class EgressRefusalStore {
  readonly #sql: SqlStorage;
  readonly #setAside: SetAside;

  constructor({ sql }: DurableObjectStorage, setAside: SetAside) {
    this.#sql = sql;
    this.#setAside = setAside;
  }

  /** @param times how often since it was last counted. */
  count(asked: string, times: number, now: number): void {
    this.#sql.exec(
      `INSERT INTO egress_refusals (asked, count, first_at, last_at) VALUES (?, ?, ?, ?)
        ON CONFLICT (asked) DO UPDATE SET count = count + excluded.count, last_at = excluded.last_at`,
      asked,
      times,
      now,
      now,
    );
    this.#sql.exec(
      `DELETE FROM egress_refusals WHERE asked NOT IN
        (SELECT asked FROM egress_refusals ORDER BY last_at DESC, rowid DESC LIMIT ?)`,
      ROWS_MAX,
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
