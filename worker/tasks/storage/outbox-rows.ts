import * as z from 'zod/mini';
import type { SetAside } from '../../platform/set-aside.ts';
import { StoredTime } from '../../platform/stored-values.ts';
import type { KeyedEffect } from '../lifecycle/outbox-effect.ts';
import { StoredEffect } from './rows.ts';

/** An effect that waits: how often it was tried, when it is due, and since when it is there. */
export type OutboxRow = KeyedEffect & {
  tries: number;
  dueAt: number;
  since: number;
  /** Its text in the table, by which it is told from a newer one that took its key. */
  stored: string;
};

/** Beside the effect's own fields; rows from before it was kept count from when they are due. */
const Since = z.object({ since: z.optional(StoredTime) });

/** What the task has yet to do outside. */
export class OutboxRows {
  readonly #sql: SqlStorage;
  readonly #setAside: SetAside;

  constructor(storage: DurableObjectStorage, setAside: SetAside) {
    this.#sql = storage.sql;
    this.#setAside = setAside;
  }

  /** @param at when it is due, from which its age counts unless it is older. */
  add({ key, effect }: KeyedEffect, at: number, since = at): void {
    this.#sql.exec(
      'INSERT OR REPLACE INTO intents (key, body, tries, due_at) VALUES (?, ?, 0, ?)',
      key,
      this.#setAside.fit({ table: 'intents', key }, { ...effect, since }),
      at,
    );
  }

  all(): OutboxRow[] {
    return this.#sql
      .exec<{ key: string; body: string; tries: number; due_at: number }>(
        'SELECT key, body, tries, due_at FROM intents ORDER BY due_at',
      )
      .toArray()
      .flatMap(({ key, body, tries, due_at: dueAt }) => {
        const place = { table: 'intents', key };
        const effect = this.#setAside.readJson(StoredEffect, place, body);
        const kept = this.#setAside.readJson(Since, place, body);
        if (effect === null || kept === null) return [];
        return [{ key, effect, tries, dueAt, since: kept.since ?? dueAt, stored: body }];
      });
  }

  /** Takes back whatever waits under the key. */
  takeBack(key: string): void {
    this.#sql.exec('DELETE FROM intents WHERE key = ?', key);
  }

  /** Puts off this very row, not a newer one that took its key meanwhile. */
  postpone({ key, stored, dueAt }: OutboxRow, to: number): void {
    this.#sql.exec(
      'UPDATE intents SET tries = tries + 1, due_at = ? WHERE key = ? AND due_at = ? AND body = ?',
      to,
      key,
      dueAt,
      stored,
    );
  }

  /** The same for a row that is done with. */
  remove({ key, stored, dueAt }: OutboxRow): void {
    this.#sql.exec(
      'DELETE FROM intents WHERE key = ? AND due_at = ? AND body = ?',
      key,
      dueAt,
      stored,
    );
  }
}
