import type { KeyedEffect, OutboxEffect } from '../lifecycle/outbox-effect.ts';

/** An effect that waits: how often it was tried, when it is due, and since when it is there. */
export type OutboxRow = KeyedEffect & {
  tries: number;
  dueAt: number;
  since: number;
  /** Its text in the table, by which it is told from a newer one that took its key. */
  stored: string;
};

/** `since` stands beside the effect's own fields. */
type StoredEffect = OutboxEffect & { since?: number };

/** What the task has yet to do outside. `TaskStore` makes the table. */
export class OutboxRows {
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
  }

  add({ key, effect }: KeyedEffect, now: number): void {
    const stored: StoredEffect = { ...effect, since: now };
    this.#sql.exec(
      'INSERT OR REPLACE INTO intents (key, body, tries, due_at) VALUES (?, ?, 0, ?)',
      key,
      JSON.stringify(stored),
      now,
    );
  }

  all(): OutboxRow[] {
    return this.#sql
      .exec<{ key: string; body: string; tries: number; due_at: number }>(
        'SELECT key, body, tries, due_at FROM intents ORDER BY due_at',
      )
      .toArray()
      .map(({ key, body, tries, due_at: dueAt }) => {
        // Rows from before it was kept count from the time at which they are due.
        const { since = dueAt, ...effect }: StoredEffect = JSON.parse(body);
        return { key, effect, tries, dueAt, since, stored: body };
      });
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
