import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { asc, count } from 'drizzle-orm';
import { type PostgresJsDatabase, drizzle } from 'drizzle-orm/postgres-js';
import postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { migrateDatabase } from '../../dev/postgres/migrate.ts';
import { type LocalPostgres, startPostgres } from '../../dev/postgres/postgres.ts';
import type { HistoryRow } from './rows.ts';
import {
  inboxItems,
  messages,
  settings,
  taskEvents,
  taskStates,
  tasks,
  threadTasks,
  threads,
  usage,
} from './schema.ts';
import { EVERY_TABLE, eventRow, messageRow } from './testing/rows.ts';
import { upsert } from './upsert.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'mainloop-history-'));
let server: LocalPostgres;
let client: postgres.Sql;
let db: PostgresJsDatabase;

beforeAll(async () => {
  server = await startPostgres({ dataDir: folder, log: () => {} });
  await migrateDatabase(server.url);
  // As `connect.ts` does it for Hyperdrive.
  client = postgres(server.url, { max: 1, fetch_types: false, prepare: false, onnotice: () => {} });
  db = drizzle(client);
}, 120_000);

afterAll(async () => {
  await client?.end({ timeout: 5 });
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  await client`truncate messages, tasks, task_events, inbox_items, usage, settings, threads, thread_tasks, task_states`;
});

const revised = (...rows: HistoryRow[]) =>
  rows.map((row, at) => ({ epoch: 0, revision: at + 1, row }));

async function bodies(): Promise<Record<string, unknown[]>> {
  const kept: Record<string, unknown[]> = {};
  const tables = {
    messages,
    tasks,
    taskEvents,
    inboxItems,
    usage,
    settings,
    threads,
    threadTasks,
    taskStates,
  };
  for (const [name, table] of Object.entries(tables)) {
    kept[name] = (await db.select({ body: table.body }).from(table)).map(({ body }) => body);
  }
  return kept;
}

async function textOf(id: string): Promise<string | undefined> {
  const rows = await db.select().from(messages).orderBy(asc(messages.id));
  return rows.find((row) => row.id === id)?.text;
}

it('the schema is brought up to date again without harm', async () => {
  await upsert(db, revised(...EVERY_TABLE));
  await migrateDatabase(server.url);
  expect(await db.select().from(messages)).toHaveLength(1);
});

describe('every table', () => {
  it('gives back the row as it was, whole', async () => {
    await upsert(db, revised(...EVERY_TABLE));
    const [message, task, event, item, used, set, thread, threadTask, state] = EVERY_TABLE.map(
      ({ row }) => row,
    );
    expect(await bodies()).toEqual({
      messages: [message],
      tasks: [task],
      taskEvents: [event],
      inboxItems: [item],
      usage: [used],
      settings: [set],
      threads: [thread],
      threadTasks: [threadTask],
      taskStates: [state],
    });
  });

  it('has the columns that searches and reports need', async () => {
    await upsert(db, revised(...EVERY_TABLE));
    const at = new Date(Date.UTC(2026, 10, 2, 3, 4, 5, 678));
    const personId = 'ada';
    expect(await db.select().from(messages)).toMatchObject([
      { personId, revision: 1, seq: 12, author: 'mainloop', at },
    ]);
    expect(await db.select().from(tasks)).toMatchObject([
      {
        personId,
        title: 'Add a --json flag',
        status: 'In review',
        pullRequestUrl: 'https://git.example/demo/tasks/pull/7',
        cost: 0.0123,
        createdAt: at,
        endedAt: new Date(at.getTime() + 3),
      },
    ]);
    expect(await db.select().from(taskEvents)).toMatchObject([{ number: 1, type: 'step', at }]);
    expect(await db.select().from(inboxItems)).toMatchObject([{ kind: 'failure', open: false }]);
    expect(await db.select().from(usage)).toMatchObject([
      { taskId: null, day: '2026-11-02', inputTokens: 3_000_000_000, cost: 1e-7 },
    ]);
  });
});

describe('writing again', () => {
  it('changes nothing', async () => {
    const rows = revised(...EVERY_TABLE);
    await upsert(db, rows);
    const before = await bodies();
    await upsert(db, rows);
    await upsert(db, rows.toReversed());
    expect(await bodies()).toEqual(before);
  });

  it('with a newer revision replaces the row', async () => {
    await upsert(db, [{ epoch: 0, revision: 1, row: messageRow('A', 'one') }]);
    await upsert(db, [{ epoch: 0, revision: 5, row: messageRow('A', 'two') }]);
    expect(await textOf('A')).toBe('two');
  });

  it('with an older revision, which came late, changes nothing', async () => {
    await upsert(db, [{ epoch: 0, revision: 5, row: messageRow('A', 'new') }]);
    await upsert(db, [
      { epoch: 0, revision: 4, row: messageRow('A', 'old') },
      { epoch: 0, revision: 6, row: messageRow('B', 'another') },
    ]);
    expect([await textOf('A'), await textOf('B')]).toEqual(['new', 'another']);
    const [kept] = await db.select().from(messages).orderBy(asc(messages.id));
    expect(kept).toMatchObject({ revision: 5, body: { text: 'new' } });
  });

  it('in every order ends with the newest', async () => {
    const versions = ['one', 'two', 'three'].map((text, at) => ({
      epoch: 0,
      revision: at + 1,
      row: messageRow('A', text),
    }));
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
    ]) {
      await client`truncate messages`;
      for (const at of order) await upsert(db, versions.slice(at, at + 1));
      expect(await textOf('A')).toBe('three');
    }
  });
});

describe('a rebuilt owner', () => {
  it('counts from 1 again, and its rows are newer all the same', async () => {
    await upsert(db, [{ epoch: 0, revision: 900, row: messageRow('A', 'before') }]);
    await upsert(db, [{ epoch: 7, revision: 1, row: messageRow('A', 'after') }]);
    await upsert(db, [{ epoch: 0, revision: 901, row: messageRow('A', 'late, from before') }]);
    expect(await textOf('A')).toBe('after');
  });
});

it('a row of the same id of another person is a row of its own', async () => {
  await upsert(db, [{ epoch: 0, revision: 1, row: messageRow('A', 'hers') }]);
  await upsert(db, [
    { epoch: 9, revision: 9, row: { ...messageRow('A', 'his'), personId: 'bob' } },
  ]);
  const rows = await db.select().from(messages).orderBy(asc(messages.personId));
  expect(rows.map(({ personId, text }) => [personId, text])).toEqual([
    ['ada', 'hers'],
    ['bob', 'his'],
  ]);
});

describe('text that Postgres does not take', () => {
  it.each([
    ['NUL', 'a\0b', 'ab'],
    ['nothing but NUL', '\0\0', ''],
    ['an escaped NUL, which is plain text', 'JSON: "\\u0000"', 'JSON: "\\u0000"'],
    ['both', '\\u0000\0\\\0u0000', '\\u0000\\u0000'],
    ['half a character', 'cut \uD83D', 'cut \uFFFD'],
    ['the other half', '\uDE00 cut', '\uFFFD cut'],
  ])('is written as near as can be: %s', async (_, text, kept) => {
    await upsert(db, revised(messageRow('A', text), eventRow(1, text)));
    expect(await textOf('A')).toBe(kept);
    const { messages: written, taskEvents: events } = await bodies();
    expect(written).toMatchObject([{ text: kept }]);
    expect(events).toMatchObject([{ body: { text: kept } }]);
  });
});

describe('many rows', () => {
  it('arrive whole, in batches', async () => {
    const rows = revised(...Array.from({ length: 1_000 }, (_, at) => eventRow(at + 1)));
    for (let from = 0; from < rows.length; from += 100)
      await upsert(db, rows.slice(from, from + 100));
    const kept = await db.select().from(taskEvents).orderBy(asc(taskEvents.number));
    expect(kept.map(({ number }) => number)).toEqual(rows.map((_, at) => at + 1));
    expect(kept.map(({ body }) => body)).toEqual(rows.map(({ row }) => row.row));
  });

  it('arrive whole in one batch too', async () => {
    await upsert(db, revised(...Array.from({ length: 1_000 }, (_, at) => eventRow(at + 1))));
    expect(await db.select({ rows: count() }).from(taskEvents)).toEqual([{ rows: 1_000 }]);
  });

  it('come with their batch or not at all', async () => {
    const beyondInteger = eventRow(3_000_000_000);
    await expect(upsert(db, revised(messageRow('A', 'one'), beyondInteger))).rejects.toMatchObject({
      cause: { code: '22003' },
    });
    expect(await textOf('A')).toBeUndefined();
  });
});

it('nothing to write is nothing to do', async () => {
  await upsert(db, []);
  expect(await bodies()).toMatchObject({ messages: [], usage: [] });
});
