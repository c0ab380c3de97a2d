import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { run } from '../../e2e/harness/command.ts';
import { EVERY_TABLE } from '../../worker/history/testing/rows.ts';
import { PostgresReader } from '../../worker/history/read.ts';
import { pageAfter } from '../../worker/history/pages.ts';
import { upsert } from '../../worker/history/upsert.ts';
import { migrateDatabase } from './migrate.ts';
import { type LocalPostgres, startPostgres } from './postgres.ts';

const Journal = z.looseObject({ entries: z.array(z.looseObject({ idx: z.int(), when: z.int() })) });
const folder = mkdtempSync(path.join(tmpdir(), 'mainloop-migrate-'));
let server: LocalPostgres;
let client: postgres.Sql;

beforeAll(async () => {
  server = await startPostgres({ dataDir: path.join(folder, 'data'), log: () => {} });
  await migrateDatabase(server.url);
  client = postgres(server.url, { max: 1, fetch_types: false, prepare: false, onnotice: () => {} });
}, 60_000);

afterAll(async () => {
  await client?.end({ timeout: 5 });
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The migrations of a next version: one more that works, and one that does not. */
function nextVersion(): string {
  const next = path.join(folder, 'migrations');
  cpSync('migrations', next, { recursive: true });
  const journalFile = path.join(next, 'meta/_journal.json');
  const journal = Journal.parse(JSON.parse(readFileSync(journalFile, 'utf8')));
  const last = journal.entries.at(-1);
  for (const [at, sql] of [
    'ALTER TABLE "messages" RENAME COLUMN "text" TO "said"; ALTER TABLE "tasks" DROP COLUMN "words";',
    'CREATE TABLE "tasks" ("id" text);',
  ].entries()) {
    const tag = `9${at}_next`;
    writeFileSync(path.join(next, `${tag}.sql`), sql);
    const idx = (last?.idx ?? 0) + at + 1;
    journal.entries.push({ ...last, idx, when: (last?.when ?? 0) + at + 1, tag });
  }
  writeFileSync(journalFile, JSON.stringify(journal));
  return next;
}

it('a migration that fails takes all of its update back, and the version that runs goes on', async () => {
  await expect(migrateDatabase(server.url, nextVersion())).rejects.toThrow(
    /relation "tasks" already exists\. Nothing in it was changed.*Do not deploy/,
  );
  const db = drizzle(client);
  await upsert(
    db,
    EVERY_TABLE.map((row, at) => ({ epoch: 1, revision: at + 1, row })),
  );
  expect(await new PostgresReader(db, 'ada').row('settings')).not.toBeNull();
  expect((await pageAfter(db, 'ada', null)).rows).toHaveLength(1);
  // Put right, it is taken.
  await migrateDatabase(server.url);
});

it('npm run migrate says so in words', async () => {
  const { code, output } = await run('dev/postgres/migrate.ts', [], {
    DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
  });
  expect(code).toBe(1);
  expect(output).toMatch(/^The database could not be brought up to date: .*ECONNREFUSED/);
  expect(output).not.toMatch(/ {4}at /);
});

it('an address that cannot be read is named, and what it holds is not repeated', async () => {
  const failed: unknown = await migrateDatabase('postgres://a:pass%word@h/d').catch(
    (error) => error,
  );
  expect(String(failed)).toContain('DATABASE_URL must be an address such as postgres://');
  expect(String(failed)).not.toContain('pass%word');
});
