import { runInDurableObject } from 'cloudflare:test';
import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, Settings } from '../../../protocol/settings.ts';
import { damageEveryTenth } from '../../testing/damage.ts';
import {
  type OlderObject,
  type PassingRow,
  addRow,
  load,
  olderObjects,
  passingRows,
} from '../../testing/older-objects.ts';
import { type OpenThread, openThread } from '../testing/open-thread.ts';
import { THREAD_MIGRATIONS } from './migrations.ts';

const VERSIONS = ['v0a', 'v0b', 'v1'];

/** The conversation with the rows of an older version, changed before its code of today starts on them. */
function reopened(
  { sql, kv, name }: OlderObject,
  change?: (storage: DurableObjectStorage) => void,
): Promise<OpenThread> {
  return openThread({}, (stub, personId) =>
    load(stub, { name, sql, kv: { ...kv, person: personId } }, change),
  );
}

/** A column of JSON of each row, in its order. */
function stored(thread: OpenThread, query: string): Promise<Record<string, unknown>[]> {
  return runInDurableObject(thread.stub, (_, { storage }) =>
    storage.sql
      .exec<{ body: string }>(query)
      .toArray()
      .map(({ body }) => JSON.parse(body)),
  );
}

describe.each(VERSIONS)('the conversation of %s', (version) => {
  const { thread: older } = olderObjects(version);

  it('opens whole: messages, tasks, inbox, settings, queue', async () => {
    const thread = await reopened(older);
    const page = await thread.page();
    const { snapshot } = await page.first('snapshot');
    const messages = await stored(thread, 'SELECT body FROM messages ORDER BY seq');
    expect(messages.length).toBeGreaterThan(10);
    expect(snapshot.messages).toEqual(messages.slice(-50));
    const tasks = await stored(
      thread,
      'SELECT body FROM tasks ORDER BY open DESC, created_at DESC',
    );
    expect(snapshot.tasks).toEqual(tasks.map((task) => expect.objectContaining(task)));
    const inbox = await stored(thread, 'SELECT body FROM inbox ORDER BY open DESC, id DESC');
    expect(snapshot.inbox).toMatchObject(inbox);
    // What they did not have yet has its default.
    expect(Settings.parse(snapshot.settings)).toMatchObject(older.kv.settings ?? DEFAULT_SETTINGS);
    expect(snapshot.queue).toEqual(older.kv.queue ?? []);
    expect(await thread.stub.health()).toEqual({
      version: THREAD_MIGRATIONS.length,
      closed: null,
      setAside: { count: 0, rows: [] },
    });
  });

  it('gives a page that was away since the beginning every entry of its log', async () => {
    const thread = await reopened(older);
    const log = await stored(thread, 'SELECT body FROM log ORDER BY seq');
    const page = await thread.page(0);
    await page.until(() => (page.entries().length >= log.length ? true : null), 'all entries');
    expect(page.entries().slice(0, log.length)).toMatchObject(
      log.map(({ type }, at) => ({ seq: at + 1, change: { type } })),
    );
    expect(page.all('snapshot')).toEqual([]);
  });

  it('says what it owed, and ends what was cut', async () => {
    const turns = passingRows(version, 'MainThread').filter(({ table }) => table === 'turns');
    const owed = ({ row }: PassingRow) => row.reply_id === null;
    expect(turns.some(owed) && turns.some((turn) => !owed(turn))).toBe(true);
    const thread = await reopened(older, (storage) => {
      for (const turn of turns) addRow(storage, turn);
    });
    await thread.page();
    await expect.poll(() => stored(thread, 'SELECT cause AS body FROM turns')).toEqual([]);
    const replies = await stored(thread, 'SELECT body FROM messages ORDER BY seq DESC LIMIT 1');
    expect(replies).toMatchObject([{ from: 'mainloop', text: 'Hello.', state: { is: 'done' } }]);
    expect(await thread.stub.health()).toMatchObject({ setAside: { count: 0 } });
  });
});

describe('every tenth row of a conversation is damaged', () => {
  const { thread: older } = olderObjects('v1');
  const turns = passingRows('v1', 'MainThread').filter(({ table }) => table === 'turns');

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])(
    'from row %i on: it opens without them, and they are listed',
    async (first) => {
      let damaged: { table: string; key: string }[] = [];
      const thread = await reopened(older, (storage) => {
        for (const turn of turns) addRow(storage, turn);
        damaged = damageEveryTenth(storage, first);
      });
      expect(damaged.length).toBeGreaterThan(5);
      const page = await thread.page();
      const { snapshot } = await page.first('snapshot');
      const lost = (table: string) =>
        new Set(damaged.filter((row) => row.table === table).map(({ key }) => key));
      const { count: before } = { count: snapshot.messages.length };
      expect(before).toBeGreaterThan(10);
      for (const { id } of snapshot.messages) expect(lost('messages')).not.toContain(id);
      for (const { id } of snapshot.tasks) expect(lost('tasks')).not.toContain(id);
      const { setAside } = await thread.stub.health();
      const listed = setAside.rows.map(({ table, key }) => `${table} ${key}`);
      expect(listed.toSorted()).toEqual(
        damaged.map(({ table, key }) => `${table} ${key}`).toSorted(),
      );
      // A page that was away gets the whole picture in place of the entries that cannot be read.
      const back = await thread.page(0);
      await back.until(
        () => back.all('entries')[0] ?? back.all('snapshot')[0] ?? null,
        'an answer',
      );
      if (lost('log').size > 0) await back.first('snapshot');
      page.send({ type: 'send', id: ulid(), text: 'Still there?' });
      await page.first('ack');
    },
  );
});

describe('a value of a conversation’s own is damaged', () => {
  const { thread: older } = olderObjects('v1');

  it.each(Object.keys(older.kv))('%s: it opens, and the damage is listed', async (key) => {
    const thread = await openThread({}, (stub, personId) =>
      load(stub, { ...older, kv: { ...older.kv, person: personId, [key]: { damaged: true } } }),
    );
    const { snapshot } = await (await thread.page()).first('snapshot');
    expect(snapshot.tasks.length).toBeGreaterThan(5);
    const { setAside } = await thread.stub.health();
    // Signing in has written it anew.
    const isMended = key === 'email';
    expect(setAside.rows).toMatchObject(isMended ? [] : [{ table: 'kv', key }]);
  });

  it('a limit that cannot be read leaves the other settings as they were', async () => {
    const { settings } = older.kv;
    const thread = await openThread({}, (stub, personId) =>
      load(stub, {
        ...older,
        kv: { ...older.kv, person: personId, settings: Object.assign({}, settings, { limits: 7 }) },
      }),
    );
    const { snapshot } = await (await thread.page()).first('snapshot');
    expect(Settings.parse(snapshot.settings)).toMatchObject({
      ...DEFAULT_SETTINGS,
      ...Object.assign({}, settings, { limits: DEFAULT_SETTINGS.limits }),
    });
  });
});

/** A reply about a failed task that a crash left in the middle. @returns its id. */
async function leaveCutReply(thread: OpenThread, reason: string): Promise<string> {
  const turn = passingRows('v1', 'MainThread').find(({ kind }) => kind === 'notice failed begun');
  const { line: task } = JSON.parse(String(turn?.row.cause));
  const id = String(turn?.row.reply_id);
  const cause = { is: 'notice', task, notice: { is: 'failed', reason } };
  const from = 'mainloop';
  const reply = { id, from, text: '', at: 1, seq: 1, state: { is: 'streaming' }, taskIds: [] };
  await runInDurableObject(thread.stub, (_, { storage: { sql } }) => {
    sql.exec('INSERT INTO turns (cause, reply_id) VALUES (?, ?)', JSON.stringify(cause), id);
    sql.exec('INSERT INTO messages VALUES (?, 1, ?, ?)', id, '', JSON.stringify(reply));
  });
  return id;
}

describe('whatever stands in a conversation, it opens', () => {
  const text = '\uFFFD'.repeat(350_000);

  it('though its messages are too large to be sent at once', async () => {
    const thread = await openThread();
    await runInDurableObject(thread.stub, (_, { storage }) => {
      for (let seq = 1; seq <= 30; seq++) {
        const id = ulid();
        const body = JSON.stringify({ id, from: 'person', text, at: 1, seq });
        storage.sql.exec('INSERT INTO messages VALUES (?, ?, ?, ?)', id, seq, '', body);
      }
    });
    const { snapshot } = await (await thread.page()).first('snapshot');
    expect(snapshot.messages.length).toBeGreaterThan(0);
    expect(snapshot.messages.length).toBeLessThan(30);
    expect(snapshot.hasOlder).toBe(true);
  });

  it('though a reply that was cut would not fit into its row', async () => {
    const thread = await openThread();
    const replyId = await leaveCutReply(thread, text);
    await thread.crash();
    const page = await thread.page();
    expect(await page.ended(1)).toMatchObject({
      from: 'mainloop',
      state: { is: 'done' },
      text: expect.stringContaining('failed'),
    });
    expect((await thread.stub.health()).setAside.rows).toMatchObject([
      { table: 'messages', key: replyId },
    ]);
  });

  it('though a reply that was cut cannot be ended', async () => {
    const thread = await openThread();
    await leaveCutReply(thread, 'It broke.');
    await runInDurableObject(thread.stub, (_, { storage }) => {
      storage.sql.exec('DROP TABLE history_outbox');
    });
    await thread.crash();
    const { snapshot } = await (await thread.page()).first('snapshot');
    expect(snapshot.messages).toHaveLength(1);
    await expect.poll(() => stored(thread, 'SELECT cause AS body FROM turns')).toEqual([]);
  });
});

it('a conversation that a newer version wrote for itself alone says so, and keeps what is sent for later', async () => {
  const { thread: older } = olderObjects('v1');
  const thread = await reopened(older, (storage) =>
    storage.kv.put('storage', { version: 1_000, opensFrom: 1_000 }),
  );
  const client = await thread.connect();
  client.hello();
  const { text, id } = await client.first('refused');
  expect({ text, id }).toEqual({
    text: expect.stringContaining('newer version of Mainloop'),
    id: null,
  });
  client.send({ type: 'send', id: ulid(), text: 'Are you there?' });
  expect(await thread.stub.health()).toMatchObject({ version: 1_000, closed: text });
  expect(await thread.stub.messages({ is: 'before', seq: 1_000, limit: 10 })).toEqual({
    messages: [],
    hasOlder: false,
    hasNewer: false,
  });
  expect(client.all('ack')).toEqual([]);
  expect(client.all('refused')).toHaveLength(1);
});

it('a task that can no longer tell anything is shown as failed, and nothing waits for it', async () => {
  const { thread: older } = olderObjects('v1');
  const thread = await reopened(older);
  const page = await thread.page();
  const { snapshot } = await page.first('snapshot');
  const task = snapshot.tasks.find(({ status }) => status === 'Needs answers');
  if (task === undefined) throw new Error('No task asks.');
  await thread.stub.taskUnreadable(task.id, 'It cannot be read.');
  await thread.stub.taskUnreadable(task.id, 'It cannot be read.');
  const again = await (await thread.page()).first('snapshot');
  expect(again.snapshot.tasks.find(({ id }) => id === task.id)).toMatchObject({
    status: 'Failed',
    note: 'It cannot be read.',
  });
  const items = again.snapshot.inbox.filter(({ taskId }) => taskId === task.id);
  expect(items.filter(({ outcome }) => outcome === null)).toMatchObject([
    { kind: 'failure', reason: 'It cannot be read.' },
  ]);
  await page.until(() => (page.replies().at(-1)?.text === 'Hello.' ? true : null), 'a reply');
});
