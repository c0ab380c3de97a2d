import * as z from 'zod/mini';
import type { ObjectStorage } from './migrations.ts';
import type { SetAside } from './set-aside.ts';

/** A table whose rows are read through a schema: a column of JSON, or the row's own columns. */
export type StoredTable = {
  name: string;
  /** The column that names a row, also among what was set aside. */
  key: string;
  /** Null where the schema is of the columns themselves. */
  json: { column: string; schema: z.ZodMiniType } | null;
  columns: z.ZodMiniType;
};

/** Rows of one table that are looked at, the newest first, and their characters: a look must end soon. */
const LOOKED_AT = 5_000;
const LOOKED_AT_MAX_CHARS = 20_000_000;

/** Columns that no schema cares for. */
export const ANY_COLUMNS = z.looseObject({});

const charsOf = (row: Record<string, SqlStorageValue>) =>
  Object.values(row).reduce<number>(
    (sum, value) => sum + (typeof value === 'string' ? value.length : 0),
    0,
  );

/**
 * Reads every row as the object would, so that those that cannot be read are named before somebody
 * misses them.
 */
export function inspect(
  { sql }: Pick<ObjectStorage, 'sql'>,
  setAside: SetAside,
  tables: readonly StoredTable[],
): void {
  for (const { name, key, json, columns } of tables) {
    const rows = sql.exec(`SELECT * FROM ${name} ORDER BY rowid DESC LIMIT ?`, LOOKED_AT);
    let chars = 0;
    // One at a time: all of them together are more than an object may hold.
    for (const row of rows) {
      chars += charsOf(row);
      if (chars > LOOKED_AT_MAX_CHARS) break;
      const place = { table: name, key: String(row[key]) };
      if (setAside.read(columns, place, row) === null || json === null) continue;
      const text = row[json.column];
      if (text !== null) setAside.readJson(json.schema, place, text);
    }
  }
}
