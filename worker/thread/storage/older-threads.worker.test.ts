import { runInDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../../protocol/settings.ts';
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
    expect(snapshot.inbox).toEqual(inbox.map((item) => expect.objectContaining(item)));
    expect(snapshot.settings).toEqual(older.kv.settings ?? DEFAULT_SETTINGS);
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
      page.send({ type: 'send', id: '01JZZZZZZZZZZZZZZZZZZZZ001', text: 'Still there?' });
      await page.first('ack');
    },
  );
});
