import { runInDurableObject } from 'cloudflare:test';
import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import type { TaskStatus } from '../../../protocol/task.ts';
import { damageEveryTenth } from '../../testing/damage.ts';
import {
  type OlderObject,
  addRow,
  load,
  olderObjects,
  passingRows,
} from '../../testing/older-objects.ts';
import { CANCEL, type OpenTask, RETRY, ask, emptyTask } from '../testing/open-task.ts';
import { TASK_MIGRATIONS } from './migrations.ts';
import { UNREADABLE_RECORD } from './salvage.ts';
import { UNREADABLE_HEAD } from './task-values.ts';

const Head = z.object({ spec: z.looseObject({ taskId: z.string(), prompt: z.string() }) });

const Opened = z.object({ pullRequest: z.object({ number: z.int(), url: z.string() }) });

/** The status that a fixture is named by. */
const STATUS: Record<string, TaskStatus> = {
  cancelled: 'Cancelled',
  done: 'Done',
  failed: 'Failed',
  'in-review': 'In review',
  plan: 'Needs approval',
  question: 'Needs answers',
  queued: 'Queued',
  working: 'Working',
};
const statusOf = ({ name }: OlderObject) => STATUS[name.replace(/^v\w+-task-/, '')];

/** The task with the rows of an older version, changed before its code of today starts on them. */
async function reopened(
  { sql, kv, name }: OlderObject,
  change?: (storage: DurableObjectStorage) => void,
): Promise<OpenTask> {
  const { spec } = Head.parse(kv.head);
  const personId = ulid();
  const head = { ...Head.parse(kv.head), createdAt: 1, spec: { ...spec, personId } };
  const task = await emptyTask({ personId, taskId: spec.taskId }, (stub) =>
    load(stub, { name, sql, kv: { ...kv, head } }, change),
  );
  const record = Opened.safeParse(kv.record);
  if (record.success)
    task.fakes.host.pullRequests = [{ ...record.data.pullRequest, state: 'open' }];
  return task;
}

function count(task: OpenTask, table: string): Promise<number> {
  return runInDurableObject(
    task.stub,
    (_, { storage }) => storage.sql.exec(`SELECT 1 FROM ${table}`).toArray().length,
  );
}

const ALL = ['v0a', 'v0b', 'v1'].flatMap((version) => olderObjects(version).tasks);
const named = ALL.map((older) => [older.name, older] as const);

describe.each(named)('%s', (_, older) => {
  const { spec } = Head.parse(older.kv.head);

  it('opens whole', async () => {
    const task = await reopened(older);
    const details = await task.stub.details();
    expect(details).toMatchObject({ prompt: spec.prompt, task: { status: statusOf(older) } });
    const events = await task.stub.events(0, 1_000);
    expect(events.map(({ number }) => number)).toEqual(events.map((_event, at) => at + 1));
    expect(events.length).toBe(await count(task, 'events'));
    expect(details?.task.queued.length).toBe(await count(task, 'queued_messages'));
    expect(await task.stub.health()).toEqual({
      version: TASK_MIGRATIONS.length,
      closed: null,
      setAside: { count: 0, rows: [] },
    });
  });

  it('goes on, or can be ended: no rule of today stumbles over it', async () => {
    const task = await reopened(older);
    const status = statusOf(older);
    const isAgain = status === 'Failed' || status === 'Cancelled';
    const isOver = status === 'Done';
    const answer = await (isAgain ? ask(task.stub, RETRY) : ask(task.stub, CANCEL));
    expect(answer.is).toBe(isOver ? 'refused' : 'done');
    await task.runWorkflow();
    await expect.poll(() => task.fakes.reports.length > 0).toBe(!isOver);
  });

  it('has its repository’s webhooks sent to it again, unless nothing there matters any more', async () => {
    const task = await reopened(older);
    const over = ['Done', 'Failed', 'Cancelled'].includes(statusOf(older) ?? '');
    await task.runWorkflow();
    await expect.poll(() => task.fakes.watched).toHaveLength(over ? 0 : 1);
  });
});

describe.each(['v0a', 'v0b', 'v1'])('what a task of %s had only begun', (version) => {
  const rows = passingRows(version, 'Task');
  const older = olderObjects(version).tasks.find(({ name }) => name.endsWith('-cancelled'));
  const task = () => {
    if (older === undefined) throw new Error('There is no such fixture.');
    return reopened(older, (storage) => {
      for (const row of rows.filter(({ table }) => table !== 'history_outbox'))
        addRow(storage, row);
    });
  };

  it('is told to the main thread and done, by today’s words', async () => {
    const opened = await task();
    opened.fakes.grantsSlots = false;
    const reports = rows.filter(({ table }) => table === 'reports');
    expect(reports.length).toBeGreaterThan(3);
    await opened.runWorkflow();
    const numbers = new Set(reports.map(({ row }) => row.number));
    await expect.poll(() => opened.fakes.reports.length).toBeGreaterThanOrEqual(numbers.size);
    const settled = opened.fakes.reports.flatMap(({ inbox }) =>
      inbox?.is === 'settle' ? [inbox.outcome.by] : [],
    );
    expect(new Set(settled)).toEqual(new Set(['task']));
    for (const { task: told, slot } of opened.fakes.reports) {
      expect(told.queued).toEqual(expect.any(Array));
      expect(['none', 'waiting', 'taken']).toContain(slot);
    }
    await expect.poll(() => opened.fakes.stopped.length).toBeGreaterThan(0);
    expect(await opened.stub.health()).toMatchObject({ setAside: { count: 0 } });
  });
});

describe('every tenth row of a task is damaged', () => {
  const cases = ALL.filter(({ name }) => name.startsWith('v1-')).flatMap((older) =>
    [0, 3, 6, 9].map((first) => [older.name, first, older] as const),
  );

  it.each(cases)(
    '%s from row %i on: it opens without them, and they are listed',
    async (_, first, older) => {
      let damaged: { table: string; key: string }[] = [];
      const task = await reopened(older, (storage) => {
        for (const row of passingRows('v1', 'Task')) {
          if (row.table !== 'history_outbox') addRow(storage, row);
        }
        // The intent to watch is written anew when the storage comes up to date.
        damaged = damageEveryTenth(storage, first).filter(({ key }) => key !== 'watch');
      });
      task.fakes.grantsSlots = false;
      expect(await task.stub.summary()).toMatchObject({ status: statusOf(older) });
      const lost = damaged.filter(({ table }) => table === 'events').length;
      const events = await task.stub.events(0, 1_000);
      expect(events.length).toBe((await count(task, 'events')) - lost);
      const listed = (await task.stub.health())?.setAside.rows.map(
        ({ table, key }) => `${table} ${key}`,
      );
      expect(listed?.toSorted()).toEqual(
        damaged.map(({ table, key }) => `${table} ${key}`).toSorted(),
      );
      await task.runWorkflow();
    },
  );
});

describe('a task whose state cannot be read', () => {
  const older = ALL.find(({ name }) => name === 'v1-task-question');
  const damaged = (record: unknown) => {
    if (older === undefined) throw new Error('There is no such fixture.');
    return reopened(older, (storage) => storage.kv.put('record', record));
  };

  it.each([
    ['is no record', 'rubbish'],
    ['lacks its state', { attempt: 3, generation: 2 }],
    ['has a state that nobody knows', { attempt: 3, generation: 2, state: { is: 'dreaming' } }],
  ])('since it %s is shown as failed in a plain sentence, once', async (_, record) => {
    const task = await damaged(record);
    expect(await task.stub.summary()).toMatchObject({ status: 'Failed', note: UNREADABLE_RECORD });
    await task.runWorkflow();
    await expect.poll(() => task.fakes.stopped.length).toBe(1);
    await expect.poll(() => task.fakes.reports.at(-1)?.slot).toBe('none');
    expect(task.fakes.reports.filter(({ inbox }) => inbox !== null)).toMatchObject([
      { inbox: { is: 'settle' }, task: { status: 'Failed' } },
      {
        inbox: { is: 'open', item: { kind: 'failure', reason: UNREADABLE_RECORD } },
        notice: { is: 'failed' },
      },
    ]);
    const health = await task.stub.health();
    expect(health?.setAside.rows).toMatchObject([{ table: 'kv', key: 'record' }]);
  });

  it('keeps what stood there, and goes on above every attempt and sandbox that it had', async () => {
    const task = await damaged({ attempt: 3, generation: 'x' });
    expect(await ask(task.stub, RETRY)).toEqual({ is: 'done' });
    expect(await task.stub.summary()).toMatchObject({ status: 'Queued', attempt: 4 });
    await expect.poll(() => task.fakes.dispatched.at(-1)?.attempt).toBe(4);
    await task.stub.advance(4, 1);
    expect(task.fakes.ensured.at(-1)?.run.generation).toBe(2);
    const kept = await runInDurableObject(task.stub, (_, { storage }) =>
      storage.sql.exec<{ body: string }>("SELECT body FROM set_aside WHERE key = 'record'").one(),
    );
    expect(JSON.parse(kept.body)).toMatchObject({ attempt: 3, generation: 'x' });
  });

  it('says what is true to whoever asks for more', async () => {
    const task = await damaged('rubbish');
    expect(await ask(task.stub, CANCEL)).toEqual({
      is: 'refused',
      text: 'This task has ended already.',
    });
    expect(await ask(task.stub, { do: 'merge' })).toMatchObject({ is: 'refused' });
  });
});

describe('a task of which cannot be read what it was to do', () => {
  const older = ALL.find(({ name }) => name === 'v1-task-working');
  const damaged = () => {
    if (older === undefined) throw new Error('There is no such fixture.');
    return reopened(older, (storage) => storage.kv.put('head', { spec: { title: 'Half of it' } }));
  };

  it('says so to whoever asks, and throws at no alarm', async () => {
    const task = await damaged();
    expect(await ask(task.stub, CANCEL)).toEqual({ is: 'refused', text: UNREADABLE_HEAD });
    expect(await ask(task.stub, RETRY)).toEqual({ is: 'refused', text: UNREADABLE_HEAD });
    expect(await task.stub.summary()).toBeNull();
    expect(await task.stub.poke()).toBe('looked');
    await task.runWorkflow();
    expect(await task.stub.health()).toMatchObject({
      setAside: { rows: [{ table: 'kv', key: 'head', why: 'Wrong or missing: spec.personId.' }] },
    });
  });

  it('has the main thread show it as failed, once', async () => {
    const task = await damaged();
    await task.runWorkflow();
    const { taskId } = task.spec;
    expect(task.fakes.unreadable).toEqual([{ taskId, reason: UNREADABLE_HEAD }]);
    await expect(task.runWorkflow()).rejects.toThrow('No alarm is set.');
  });

  it('is not overwritten by its being created once more', async () => {
    const task = await damaged();
    await runInDurableObject(task.stub, (instance) =>
      expect(instance.create(task.spec)).rejects.toThrow(UNREADABLE_HEAD),
    );
  });
});

it('a task that a newer version wrote for itself alone is left as it is, and says so', async () => {
  const [older] = ALL;
  if (older === undefined) throw new Error('There is no fixture.');
  const task = await reopened(older, (storage) =>
    storage.kv.put('storage', { version: 1_000, opensFrom: 1_000 }),
  );
  const newer = { is: 'refused', text: expect.stringContaining('newer version of Mainloop') };
  expect(await ask(task.stub, CANCEL)).toEqual(newer);
  expect(await task.stub.poke()).toBe('looked');
  await runInDurableObject(task.stub, (instance) =>
    expect(instance.advance(1, 1)).rejects.toThrow('newer version of Mainloop'),
  );
  await task.runWorkflow();
  expect(await task.stub.health()).toMatchObject({
    version: 1_000,
    closed: expect.stringContaining('newer version of Mainloop'),
  });
  const tables = await runInDurableObject(task.stub, (_, { storage }) =>
    storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'set_aside'").toArray(),
  );
  expect(tables).toEqual([]);
});
