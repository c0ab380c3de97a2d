import { env } from 'cloudflare:workers';
import { runInDurableObject } from 'cloudflare:test';
import { ulid } from 'ulid';
import { expect, it } from 'vitest';
import type { BackupRow } from '../../protocol/backup.ts';
import { app } from '../app.ts';
import { fakePostgres } from '../history/testing/fake-postgres.ts';
import { conversation, drained, person, snapshotOf } from '../thread/testing/lost-thread.ts';
import { type OpenThread, openThread } from '../thread/testing/open-thread.ts';
import { importRows, importTasks } from './import.ts';
import { importFolder, ownRow } from './own-row.ts';

type Postgres = ReturnType<typeof fakePostgres>;

/** All rows of a conversation, as a file has them. */
async function exported(): Promise<{ rows: BackupRow[]; shown: unknown }> {
  const postgres = fakePostgres();
  const thread = await conversation(postgres);
  await drained(thread);
  const rows: BackupRow[] = [];
  for (let after: Awaited<ReturnType<typeof page>>['next'] = null, more = true; more;) {
    const found: Awaited<ReturnType<typeof page>> = await page(after);
    rows.push(...found.rows);
    after = found.next;
    more = after !== null;
  }
  return { rows, shown: steady(await snapshotOf(thread)) };
  function page(after: Parameters<ReturnType<Postgres['open']>['page']>[1]) {
    return postgres.open().page(thread.personId, after);
  }
}

const steady = ({ seq: _seq, ...snapshot }: Awaited<ReturnType<typeof snapshotOf>>) => snapshot;

/** A person who has signed in and nothing else. */
async function nobody(): Promise<{ thread: OpenThread; postgres: Postgres }> {
  const postgres = fakePostgres();
  return { thread: await openThread({ history: postgres.open }), postgres };
}

it('another person imports it, and it is theirs; the page that is open sees it', async () => {
  const { rows, shown } = await exported();
  const { thread, postgres } = await nobody();
  const page = await thread.page();
  const id = ulid();
  expect(await thread.stub.beginImport(person(thread), id)).toEqual({ is: 'begun', from: 'rows' });
  expect(await importRows(postgres.open, thread.personId, rows)).toEqual({ is: 'taken' });
  expect(await thread.stub.goOnImporting(id, 'tasks')).toBe(true);
  expect(await thread.stub.endImport(person(thread), id)).toMatchObject({
    is: 'rebuilt',
    text: expect.stringMatching(/^Imported: 4 messages, 1 task/),
  });
  expect(steady(await snapshotOf(thread))).toEqual(shown);
  const kept = JSON.stringify(postgres.kept().filter(({ table }) => table === 'thread_tasks'));
  expect(kept).toContain(thread.personId);
  await expect.poll(() => page.frames.filter(({ type }) => type === 'snapshot').length).toBe(2);
  expect(await thread.stub.beginImport(person(thread), id)).toEqual({ is: 'begun', from: 'done' });
});

it('one that was cut short goes on with the same file, and nothing is said in between', async () => {
  const { rows } = await exported();
  const { thread, postgres } = await nobody();
  const id = ulid();
  await thread.stub.beginImport(person(thread), id);
  await importRows(postgres.open, thread.personId, rows.slice(0, 3));
  await thread.crash();
  const page = await thread.connect();
  page.hello();
  expect(await page.first('refused')).toMatchObject({ text: expect.stringMatching(/imported/) });
  expect(await thread.stub.rebuild(person(thread))).toMatchObject({ is: 'refused' });
  expect(await thread.stub.beginImport(person(thread), id)).toEqual({ is: 'begun', from: 'rows' });
  await importRows(postgres.open, thread.personId, rows);
  expect(await thread.stub.endImport(person(thread), id)).toMatchObject({ is: 'rebuilt' });
});

it('another file takes the place of rows that came, and of nothing more', async () => {
  const { rows } = await exported();
  const { thread, postgres } = await nobody();
  await thread.stub.beginImport(person(thread), ulid());
  await importRows(postgres.open, thread.personId, rows);
  const id = ulid();
  expect(await thread.stub.beginImport(person(thread), id)).toEqual({ is: 'begun', from: 'rows' });
  expect(postgres.kept()).toEqual([]);
  await thread.stub.goOnImporting(id, 'tasks');
  expect(await thread.stub.beginImport(person(thread), ulid())).toMatchObject({
    is: 'refused',
    text: expect.stringMatching(/another file has begun/),
  });
});

it('is refused, in words, where the conversation or Postgres holds something', async () => {
  const postgres = fakePostgres();
  const thread = await conversation(postgres);
  expect(await thread.stub.beginImport(person(thread), ulid())).toMatchObject({
    is: 'refused',
    text: expect.stringMatching(/not empty.*nothing was changed/),
  });
  const { rows } = await exported();
  const other = await nobody();
  await importRows(other.postgres.open, other.thread.personId, rows);
  expect(await other.thread.stub.beginImport(person(other.thread), ulid())).toMatchObject({
    is: 'refused',
    text: expect.stringMatching(/has rows of yours already/),
  });
  expect(await other.thread.stub.goOnImporting(ulid(), 'rows')).toBe(false);
});

it('a row that this version does not know is refused', async () => {
  const { postgres } = await nobody();
  const row: BackupRow = { is: 'row', table: 'messages', epoch: 1, revision: 1, row: { id: 'x' } };
  expect(await importRows(postgres.open, 'ada', [row])).toMatchObject({ is: 'refused' });
  expect(postgres.batches).toEqual([]);
});

it('tasks that Postgres did not answer are named to be asked again', async () => {
  const task = (taskId: string) => ({
    rebuild: async () => {
      if (taskId === 'away') throw new Error('connection reset');
      if (taskId === 'none') return { is: 'nothing', text: 'Nothing is there.' } as const;
      return { is: 'rebuilt', text: 'Done.' } as const;
    },
    summary: async () => null,
  });
  expect(await importTasks(task, ['one', 'away', 'none'])).toEqual({
    is: 'tasks',
    made: 1,
    not: [{ taskId: 'none', text: 'Nothing is there.' }],
    again: ['away'],
  });
});

it('a file names no other person’s work: its checkpoints are in a folder of the person’s own', async () => {
  const folder = await importFolder('ada');
  const bundle = { generation: 3, key: 'T/3/bundle/x', commit: 'c' };
  const row: BackupRow = {
    is: 'row',
    table: 'task_states',
    taskId: '01JZZZZZZZZZZZZZZZZZZZ0001',
    epoch: 1,
    revision: 1,
    row: {
      values: {
        head: { spec: { personId: 'eve', taskId: 'another' } },
        checkpoint: { bundle, transcript: null },
      },
      effects: [
        { key: 'stop:3', effect: { do: 'stop_sandbox', generation: 3 } },
        { key: 'delete_checkpoint:T/1', effect: { do: 'delete_checkpoint', key: 'T/1' } },
        { key: 'watch', effect: { do: 'watch' } },
      ],
    },
  };
  const owned = ownRow({ personId: 'ada', folder }, row);
  expect(owned).toMatchObject({
    values: {
      head: { spec: { personId: 'ada', taskId: row.taskId } },
      checkpoint: { bundle: { ...bundle, key: `${folder}T/3/bundle/x` } },
    },
    effects: [
      { key: `delete_checkpoint:${folder}T/1`, effect: { key: `${folder}T/1` } },
      { key: 'watch' },
    ],
  });
  // Exported and imported once more, it moves into the next person's folder.
  const next = await importFolder('bob');
  const again = ownRow({ personId: 'bob', folder: next }, { ...row, row: { ...owned } });
  expect(again).toMatchObject({
    values: { checkpoint: { bundle: { key: `${next}T/3/bundle/x` } } },
  });
});

it('a checkpoint comes into R2 while its file is imported, and at no other time', async () => {
  const you = await env.MAIN_THREAD.get(env.MAIN_THREAD.idFromName('local:you@localhost'));
  await runInDurableObject(you, async (instance) => {
    const ports = instance.ports();
    const postgres = fakePostgres();
    instance.ports = () => ({ ...ports, history: postgres.open });
  });
  const put = (id: string, key: string) =>
    app.fetch(
      new Request(
        `http://127.0.0.1/api/import/checkpoint?id=${id}&key=${encodeURIComponent(key)}`,
        {
          method: 'PUT',
          body: 'work',
          headers: { origin: 'http://127.0.0.1', 'content-length': '4' },
        },
      ),
      env,
    );
  const id = ulid();
  expect((await put(id, 'T/1/bundle/x')).status).toBe(409);
  await you.beginImport({ id: 'local:you@localhost' }, id);
  expect((await put(id, '../T/1/bundle')).status).toBe(400);
  expect((await put(id, 'T/1/bundle/x')).status).toBe(204);
  const folder = await importFolder('local:you@localhost');
  expect(await (await env.CHECKPOINTS.get(`${folder}T/1/bundle/x`))?.text()).toBe('work');
});
