import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type PostgresJsDatabase, drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { migrateDatabase } from '../../dev/postgres/migrate.ts';
import { type LocalPostgres, startPostgres } from '../../dev/postgres/postgres.ts';
import { type BackupCursor, type BackupRow, BackupTable } from '../../protocol/backup.ts';
import { type BackupPage, countRows, forgetRows, pageAfter } from './pages.ts';
import { type KeptRow, PostgresReader } from './read.ts';
import { type HistoryRow, type UsageRow, usageOfDay } from './rows.ts';
import { EVERY_TABLE, TASK_ID, eventRow, messageRow } from './testing/rows.ts';
import { upsert } from './upsert.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'mainloop-read-'));
let server: LocalPostgres;
let client: postgres.Sql;
let db: PostgresJsDatabase;
let ada: PostgresReader;
let bob: PostgresReader;

const EVENTS = 120;
const MESSAGES = 130;
const usage = EVERY_TABLE.find(({ table }) => table === 'usage');

beforeAll(async () => {
  server = await startPostgres({ dataDir: folder, log: () => {} });
  await migrateDatabase(server.url);
  client = postgres(server.url, { max: 1, fetch_types: false, prepare: false, onnotice: () => {} });
  db = drizzle(client);
  ada = new PostgresReader(db, 'ada');
  bob = new PostgresReader(db, 'bob');
  const put = (epoch: number, ...rows: HistoryRow[]) =>
    upsert(
      db,
      rows.map((row, at) => ({ epoch, revision: at + 1, row })),
    );
  await put(5, ...EVERY_TABLE.filter(({ table }) => table !== 'messages'));
  const ids = Array.from({ length: MESSAGES }, (_, at) => String(at).padStart(26, '0'));
  await put(5, ...ids.map((id) => messageRow(id, `Message ${id}`)));
  await put(8, ...Array.from({ length: EVENTS }, (_, at) => eventRow(at + 1)));
  if (usage?.table !== 'usage') throw new Error('There is no example of a use.');
  const ofTask = { ...usage.row, id: `${usage.row.id}9`, taskId: TASK_ID, cost: 0.25 };
  await put(8, { ...usage, row: ofTask });
  await put(8, { ...usage, row: { ...ofTask, id: `${usage.row.id}8`, cost: 0.5 } });
}, 120_000);

afterAll(async () => {
  await client?.end({ timeout: 5 });
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function all(pages: AsyncGenerator<KeptRow[]>): Promise<unknown[]> {
  const bodies: unknown[] = [];
  for await (const page of pages) bodies.push(...page.map(({ body }) => body));
  return bodies;
}

const rowOf = (table: HistoryRow['table']) =>
  EVERY_TABLE.find((example) => example.table === table)?.row;

it('gives back every row of a person’s tables once, in order, however many there are', async () => {
  const messages = await all(ada.rows('messages'));
  expect(messages).toHaveLength(MESSAGES);
  expect(messages.map((body) => Reflect.get(Object(body), 'id'))).toEqual(
    Array.from({ length: MESSAGES }, (_, at) => String(at).padStart(26, '0')),
  );
  expect(await all(ada.rows('inbox_items'))).toEqual([rowOf('inbox_items')]);
  expect(await all(ada.rows('thread_tasks'))).toEqual([rowOf('thread_tasks')]);
  expect(await ada.row('settings')).toEqual(rowOf('settings'));
  expect(await ada.row('threads')).toEqual(rowOf('threads'));
});

it('gives back a task: its state, its activity by number, its use', async () => {
  expect(await ada.taskState(TASK_ID)).toEqual(rowOf('task_states'));
  const events = await all(ada.taskEvents(TASK_ID));
  expect(events.map((body) => Reflect.get(Object(body), 'number'))).toEqual(
    Array.from({ length: EVENTS }, (_, at) => at + 1),
  );
  expect(await all(ada.taskUsage(TASK_ID))).toMatchObject([{ cost: 0.5 }, { cost: 0.25 }]);
});

it('sums what each day cost, by task and for the conversation itself', async () => {
  const sums = (await ada.spending()).toSorted((one, other) => other.cost - one.cost);
  expect(sums).toEqual([
    { day: '2026-11-02', taskId: TASK_ID, cost: 0.75 },
    { day: '2026-11-02', taskId: null, cost: 1e-7 },
  ]);
});

it('counts a day’s row of the conversation in place of the calls before it, and beside those after it', async () => {
  if (usage?.table !== 'usage') throw new Error('There is no example of a use.');
  const { row } = usage;
  const of = (epoch: number, revision: number, one: UsageRow) => ({
    epoch,
    revision,
    row: { ...usage, personId: 'eve', row: one },
  });
  await upsert(db, [
    of(1, 9, { ...row, id: 'older life', cost: 0.1 }),
    of(2, 1, { ...row, id: 'before', cost: 0.2 }),
    of(2, 2, { ...row, id: 'a task', taskId: TASK_ID, cost: 0.4 }),
    of(2, 3, usageOfDay(row.day, 8)),
    of(2, 4, { ...row, id: 'after', cost: 16 }),
    of(2, 5, { ...row, id: 'another day', day: '2026-11-03', cost: 32 }),
  ]);
  const sums = (await new PostgresReader(db, 'eve').spending()).toSorted((a, b) => a.cost - b.cost);
  expect(sums).toEqual([
    { day: row.day, taskId: TASK_ID, cost: 0.4 },
    { day: row.day, taskId: null, cost: 24 },
    { day: '2026-11-03', taskId: null, cost: 32 },
  ]);
});

it('knows the newest life of each object that wrote', async () => {
  expect(await ada.conversationEpoch()).toBe(5);
  expect(await ada.taskEpoch(TASK_ID)).toBe(8);
});

it('has nothing for another person', async () => {
  expect(await bob.conversationEpoch()).toBeNull();
  expect(await bob.taskEpoch(TASK_ID)).toBeNull();
  expect(await bob.taskState(TASK_ID)).toBeNull();
  expect(await bob.row('settings')).toBeNull();
  expect(await bob.spending()).toEqual([]);
  const pages = [bob.rows('messages'), bob.taskEvents(TASK_ID), bob.taskUsage(TASK_ID)];
  expect(await Promise.all(pages.map(all))).toEqual([[], [], []]);
});

it('all of a person’s rows are read page by page, each once, and nobody else’s', async () => {
  const rows: BackupRow[] = [];
  let pages = 0;
  for (let after: BackupCursor | null = null, more = true; more; pages++) {
    const page: BackupPage = await pageAfter(db, 'ada', after);
    rows.push(...page.rows);
    after = page.next;
    more = after !== null;
  }
  const counts = await countRows(db, 'ada');
  for (const table of BackupTable.options) {
    expect(rows.filter((row) => row.table === table)).toHaveLength(counts[table] ?? 0);
  }
  const events = rows.filter(({ table }) => table === 'task_events');
  expect(events.map(({ row }) => row['number'])).toEqual(
    Array.from({ length: EVENTS }, (_, at) => at + 1),
  );
  expect(events[0]).toMatchObject({ taskId: TASK_ID, epoch: 8, revision: expect.any(Number) });
  expect((await pageAfter(db, 'bob', null)).rows).toEqual([]);
});

it('a page ends where it becomes large, and holds one row at least', async () => {
  const large = Array.from({ length: 4 }, (_, at) =>
    messageRow(`${at}`.padStart(26, '0'), 'x'.repeat(900_000)),
  );
  const carol = large.map((row, at) => ({
    epoch: 1,
    revision: at + 1,
    row: { ...row, personId: 'carol' },
  }));
  await upsert(db, carol);
  const first = await pageAfter(db, 'carol', null);
  expect(first.rows).toHaveLength(3);
  expect((await pageAfter(db, 'carol', first.next)).rows).toHaveLength(1);
  await forgetRows(db, 'carol');
  expect((await pageAfter(db, 'carol', null)).rows).toEqual([]);
  expect((await countRows(db, 'ada')).messages).toBe(MESSAGES);
});
