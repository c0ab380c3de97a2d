import type * as z from 'zod/mini';
import type { SetAsideRow } from '../../protocol/health.ts';
import { VALUE_MAX_BYTES, cut, fittingJson } from './fit.ts';
import { log } from './log.ts';
import type { ObjectStorage } from './migrations.ts';

/** The table of an object's storage; its migrations make it. */
export const SET_ASIDE_TABLE = `CREATE TABLE IF NOT EXISTS set_aside (
  number INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, key TEXT NOT NULL,
  why TEXT NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL, UNIQUE (source, key))`;

/** How much of a row is kept here, in UTF-16 code units. */
const BODY_MAX_CHARS = 100_000;
const WHY_MAX_CHARS = 300;
const NO_JSON = 'It is not JSON.';
const TOO_LARGE = 'It is too large for one row: its long texts were cut.';

/** A value that no row can hold, however its texts are cut. */
export class TooLarge extends Error {}

/** Where a row stands: its table, or `kv` for a key of the key-value storage. */
export type Place = { table: string; key: string | number };

/** The first thing that a schema finds wrong, without the value itself. */
function whyNot(error: z.core.$ZodError): string {
  const [issue] = error.issues;
  const path = issue?.path.join('.') ?? '';
  return cut(path === '' ? 'It has another shape.' : `Wrong or missing: ${path}.`, WHY_MAX_CHARS);
}

/**
 * Reads what an object has stored, each row through its schema. A row that cannot be read is left
 * out, and named here with its reason, once: reading it again changes nothing. Never throws.
 */
export class SetAside {
  readonly #storage: ObjectStorage;
  /** Those that were named: place, length and hash. */
  readonly #known = new Set<string>();

  constructor(storage: ObjectStorage) {
    this.#storage = storage;
  }

  /** A value of the key-value storage or a row's columns; null when it cannot be read. */
  read<T>(schema: z.ZodMiniType<T>, place: Place, value: unknown): T | null {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    this.add(place, whyNot(parsed.error), textOf(value));
    return null;
  }

  /** The JSON in a row's column; null when it cannot be read. */
  readJson<T>(schema: z.ZodMiniType<T>, place: Place, text: unknown): T | null {
    let value: unknown;
    try {
      value = JSON.parse(String(text));
    } catch {
      this.add(place, NO_JSON, String(text));
      return null;
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    this.add(place, whyNot(parsed.error), String(text));
    return null;
  }

  /** As `readJson` for many rows: those that can be read. */
  readAll<T>(
    schema: z.ZodMiniType<T>,
    table: string,
    rows: Iterable<{ key: string | number; body: string }>,
  ): T[] {
    const values: T[] = [];
    for (const { key, body } of rows) {
      const value = this.readJson(schema, { table, key }, body);
      if (value !== null) values.push(value);
    }
    return values;
  }

  /**
   * The value as JSON that a row can hold. One that is too large is kept with its long texts cut,
   * and named here.
   * @throws TooLarge when it is so in another way; nothing was stored then.
   */
  fit(place: Place, value: unknown, maxBytes?: number): string {
    const fitting = fittingJson(value, maxBytes);
    if (fitting === null) throw new TooLarge(`That is more than one row can hold: ${place.table}.`);
    if (!fitting.whole) this.add(place, TOO_LARGE, textOf(value));
    return fitting.json;
  }

  /** As `fit`, for a value of the key-value storage. */
  fitValue<T>(schema: z.ZodMiniType<T>, place: Place, value: T): T {
    const fitting = fittingJson(value, VALUE_MAX_BYTES);
    if (fitting?.whole === true) return value;
    return schema.parse(JSON.parse(this.fit(place, value, VALUE_MAX_BYTES)));
  }

  /** Names a row and keeps the start of what it holds. */
  add({ table, key }: Place, why: string, body: string): void {
    const kept = cut(body, BODY_MAX_CHARS);
    const known = `${table}\n${key}\n${kept.length}\n${hashOf(kept)}`;
    if (this.#known.has(known)) return;
    try {
      this.#storage.sql.exec(
        `INSERT INTO set_aside (source, key, why, body, at) VALUES (?, ?, ?, ?, ?)
          ON CONFLICT (source, key) DO UPDATE SET why = excluded.why, body = excluded.body, at = excluded.at
          WHERE body <> excluded.body`,
        table,
        String(key),
        why,
        kept,
        Date.now(),
      );
      this.#known.add(known);
      log.warn('storage.set_aside', { table, key: cut(String(key), 100), why });
    } catch (error) {
      log.error('storage.not_set_aside', error, { table });
    }
  }

  /** How many there are; none where the table is not there yet. */
  count(): number {
    const { sql } = this.#storage;
    const [table] = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'set_aside'");
    if (table === undefined) return 0;
    const [row] = sql.exec<{ count: number }>('SELECT count(*) AS count FROM set_aside');
    return row?.count ?? 0;
  }

  /** Those that were set aside last, and how many there are. */
  list(limit: number): { count: number; rows: SetAsideRow[] } {
    const [counted] = this.#storage.sql.exec<{ count: number }>(
      'SELECT count(*) AS count FROM set_aside',
    );
    const rows = this.#storage.sql
      .exec<{ number: number; source: string; key: string; why: string; at: number }>(
        'SELECT number, source, key, why, at FROM set_aside ORDER BY number DESC LIMIT ?',
        limit,
      )
      .toArray()
      .map(({ source, ...row }) => ({ ...row, table: source }));
    return { count: counted?.count ?? 0, rows };
  }
}

/** FNV-1a: tells a row that has changed from one that has not, where the text itself is too much to keep. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash >>> 0;
}

function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
}
