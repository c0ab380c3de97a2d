import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { zstdDecompressSync } from 'node:zlib';
import postgres from 'postgres';

const run = promisify(execFile);

/** What a stack keeps, where it keeps it. */
export type Keeping = { dataDir: string; databaseUrl: string; logged(): string };

/** What is read, or nothing where it is gone meanwhile: a stack that is searched still works. */
function unlessGone<T>(read: () => T[]): T[] {
  try {
    return read();
  } catch {
    return [];
  }
}

/** Every file below the folder, with what it holds. A git host of the test's own keeps nothing here. */
function filesBelow(folder: string): { file: string; bytes: Buffer }[] {
  // Folder by folder: of a listing of all of them nothing comes where one goes in the middle.
  return unlessGone(() => readdirSync(folder, { withFileTypes: true })).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(file);
    return entry.isFile() ? unlessGone(() => [{ file, bytes: readFileSync(file) }]) : [];
  });
}

/** What a set-up wrote, unpacked, where these bytes are an archive of that. */
function unpackedSetup(bytes: Buffer): Buffer | null {
  const body = bytes.subarray(32);
  if (!createHash('sha256').update(body).digest().equals(bytes.subarray(0, 32))) return null;
  const shares: Buffer[] = [];
  for (let at = 0; at < body.byteLength;) {
    const to = at + 5 + body.readUInt32BE(at);
    shares.push(zstdDecompressSync(body.subarray(at + 5, to)));
    at = to;
  }
  return Buffer.concat(shares);
}

async function inPostgres({ databaseUrl }: Keeping): Promise<string> {
  const sql = postgres(databaseUrl, { max: 1, connect_timeout: 5, onnotice: () => {} });
  try {
    const tables = await sql<{ name: string }[]>`
      select table_name as name from information_schema.tables where table_schema = 'public'`;
    const rows = [];
    for (const { name } of tables) rows.push(await sql`select * from ${sql(name)}`);
    return JSON.stringify(rows);
  } finally {
    await sql.end();
  }
}

export type Kept = {
  /** By where it was found, what is kept there. */
  places: Map<string, Buffer>;
  /** Set-ups among the checkpoints. */
  setups: Buffer[];
};

/**
 * All that a stack keeps and has said: its files (SQLite, checkpoints, Postgres' own), what Postgres
 * answers, the history of a repository at the git host, and the logs.
 */
export async function keptAnywhere(
  stack: Keeping,
  of: 'with Postgres’ own files' | 'as Postgres answers' = 'with Postgres’ own files',
): Promise<Kept> {
  const places = new Map<string, Buffer>();
  const setups: Buffer[] = [];
  const postgresFiles = path.join(stack.dataDir, 'postgres') + path.sep;
  for (const { file, bytes } of filesBelow(stack.dataDir)) {
    if (of === 'as Postgres answers' && file.startsWith(postgresFiles)) continue;
    places.set(path.relative(stack.dataDir, file), bytes);
    const setup = unpackedSetup(bytes);
    if (setup === null) continue;
    setups.push(setup);
    places.set(`${file} (unpacked)`, setup);
  }
  for (const { file } of filesBelow(path.join(stack.dataDir, 'githost'))) {
    if (path.basename(file) !== 'HEAD' || !path.dirname(file).endsWith('.git')) continue;
    const all = ['--git-dir', path.dirname(file), 'log', '--all', '--patch', '--text'];
    const { stdout } = await run('git', all, { maxBuffer: 100_000_000 });
    places.set(`${file} (history)`, Buffer.from(stdout));
  }
  const answered = inPostgres(stack);
  // One that a test has stopped answers nothing: its files tell.
  const text = of === 'as Postgres answers' ? answered.catch(() => '') : answered;
  places.set('Postgres', Buffer.from(await text));
  places.set('the logs', Buffer.from(stack.logged()));
  return { places, setups };
}

/** Where a secret is found, as it is or as base64 at any place of what is encoded. */
export function placesWith({ places }: Kept, secret: string): string[] {
  const forms = [0, 1, 2].map((offset) => {
    const encoded = Buffer.from(`${'-'.repeat(offset)}${secret}`).toString('base64');
    return encoded.slice(offset === 0 ? 0 : offset + 1, -4);
  });
  return [...places].flatMap(([place, bytes]) =>
    [secret, encodeURIComponent(secret), ...forms].some((form) => bytes.includes(form))
      ? [place]
      : [],
  );
}
