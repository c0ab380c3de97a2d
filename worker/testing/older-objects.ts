import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import * as z from 'zod/mini';

/** The rows of one object as an older version left them; see `fixtures/README.md`. */
export type OlderObject = { name: string; sql: string; kv: Record<string, unknown> };
export type PassingRow = {
  object: string;
  table: string;
  /** What it is about, in a few words. */
  kind: string;
  row: Record<string, string | number | null>;
};

const Fields = z.record(z.string(), z.unknown());
const PassingRows = z.array(
  z.object({
    object: z.string(),
    table: z.string(),
    kind: z.string(),
    row: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  }),
);

const files: Record<string, string> = import.meta.glob<string>('./fixtures/*.{sql,json}', {
  query: '?raw',
  import: 'default',
  eager: true,
});

function textOf(file: string): string {
  const text = files[`./fixtures/${file}`];
  if (text === undefined) throw new Error(`There is no fixture ${file}.`);
  return text;
}

/** All objects of a version: its conversation and its tasks. */
export function olderObjects(version: string): { thread: OlderObject; tasks: OlderObject[] } {
  const objects = Object.keys(files)
    .filter((file) => file.startsWith(`./fixtures/${version}-`) && file.endsWith('.sql'))
    .map((file) => file.slice('./fixtures/'.length, -'.sql'.length))
    .map((name) => ({
      name,
      sql: textOf(`${name}.sql`),
      kv: Fields.parse(JSON.parse(textOf(`${name}.kv.json`))),
    }));
  const thread = objects.find(({ name }) => name.endsWith('-main-thread'));
  if (thread === undefined) throw new Error(`There is no conversation of ${version}.`);
  return { thread, tasks: objects.filter((one) => one !== thread) };
}

/** Rows that were there for a moment only. */
export function passingRows(version: string, object: 'MainThread' | 'Task'): PassingRow[] {
  const rows = PassingRows.parse(JSON.parse(textOf(`${version}-passing-rows.json`)));
  return rows.filter((row) => row.object === object);
}

/** Puts the rows into an object that nobody used before; its next call finds them as at a start. */
export async function load(
  stub: DurableObjectStub,
  { sql, kv }: OlderObject,
  change: (storage: DurableObjectStorage) => void = () => {},
): Promise<void> {
  await runInDurableObject(stub, (_, { storage }) => {
    storage.sql.exec(sql);
    for (const [key, value] of Object.entries(kv)) storage.kv.put(key, value);
    change(storage);
  });
  await evictDurableObject(stub);
}

/** Adds a row that was there for a moment, in the place of another of its key. */
export function addRow({ sql }: DurableObjectStorage, { table, row }: PassingRow): void {
  const columns = Object.keys(row);
  sql.exec(
    `INSERT OR REPLACE INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
    ...Object.values(row),
  );
}
