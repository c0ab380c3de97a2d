import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { ulid } from 'ulid';
import { afterEach, expect, it } from 'vitest';
import { fakePostgres } from '../history/testing/fake-postgres.ts';
import type { Task } from './task.ts';
import { CHECKPOINT_KEPT_MS } from './lifecycle/state.ts';
import {
  CANCEL,
  type OpenTask,
  RETRY,
  ask,
  deliveredTask,
  emptyTask,
  say,
  silenceTasks,
  startedTask,
  step,
} from './testing/open-task.ts';

afterEach(silenceTasks);

type Postgres = ReturnType<typeof fakePostgres>;

/** The task has Postgres from now on: what it wrote before goes there, too. */
async function withPostgres(task: OpenTask): Promise<Postgres> {
  const postgres = fakePostgres();
  task.fakes.ports.history = postgres.open;
  await task.stub.grantSlot(0);
  await drained(task);
  return postgres;
}

const drained = ({ stub }: OpenTask) =>
  expect
    .poll(() =>
      runInDurableObject(
        stub,
        (_, { storage }) =>
          storage.sql.exec('SELECT count(*) AS rows FROM history_outbox').one()['rows'],
      ),
    )
    .toBe(0);

/** Everything that the object holds is gone, as after the loss of its storage. */
async function lose({ stub, surround }: OpenTask): Promise<void> {
  await runInDurableObject(stub, async (_, state) => {
    await state.storage.deleteAlarm();
    await state.storage.deleteAll();
  });
  await evictDurableObject(stub);
  await surround();
}

const seen = async (stub: DurableObjectStub<Task>) => {
  const { task, prompt } = (await stub.details()) ?? {};
  return {
    task: { ...task, updatedAt: 0 },
    prompt,
    events: await stub.events(0, 1_000),
    usage: await stub.usage(),
  };
};

const USED = {
  id: ulid(),
  model: 'claude-opus-5-5',
  day: '2026-11-29',
  at: Date.UTC(2026, 10, 29),
  inputTokens: 10,
  outputTokens: 20,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  cost: 0.5,
};

it('a task that lost everything is rebuilt as it was, and says so', async () => {
  const task = await deliveredTask();
  await task.stub.callEnded(USED.id, USED);
  await task.stub.advance(1, 2);
  const postgres = await withPostgres(task);
  const before = await seen(task.stub);
  expect(before.task).toMatchObject({ pullRequest: { number: expect.any(Number) } });
  await lose(task);
  expect(await task.stub.summary()).toBeNull();
  expect(await task.stub.rebuild()).toMatchObject({
    is: 'rebuilt',
    text: expect.stringMatching(/missing/),
  });
  const after = await seen(task.stub);
  const said = after.events.pop();
  expect(said).toMatchObject({ body: { type: 'step', text: expect.stringMatching(/Rebuilt/) } });
  expect(after).toEqual(before);
  expect(postgres.closed).toBe(postgres.connections);
});

it('goes on: its reports are newer than all that were taken, and so are its rows', async () => {
  const task = await deliveredTask();
  const postgres = await withPostgres(task);
  const told = Math.max(...task.fakes.reports.map(({ number }) => number));
  const epoch = Math.max(...postgres.batches.flat().map((one) => one.epoch));
  await lose(task);
  await task.stub.rebuild();
  await drained(task);
  await expect
    .poll(() => Math.max(...task.fakes.reports.map(({ number }) => number)))
    .toBeGreaterThan(told + 1_000);
  expect(postgres.batches.flat().at(-1)?.epoch).toBeGreaterThan(epoch);
  const alarm = await runInDurableObject(task.stub, (_, { storage }) => storage.getAlarm());
  expect(alarm).not.toBeNull();
});

it('what waited is there again: messages for later, and answers to repeated requests', async () => {
  const task = await startedTask();
  await ask(task.stub, say('And then this', 'later'), { id: 'request-1' });
  await withPostgres(task);
  await lose(task);
  await task.stub.rebuild();
  expect(await task.stub.summary()).toMatchObject({ queued: [{ text: 'And then this' }] });
  expect(await ask(task.stub, say('And then this', 'later'), { id: 'request-1' })).toEqual({
    is: 'done',
  });
  expect((await task.stub.summary())?.queued).toHaveLength(1);
});

it('what its sandbox was refused is known after it, too', async () => {
  const task = await startedTask();
  const asked = { method: 'GET', url: 'https://example.com/', leadsTo: 'anywhere' } as const;
  for (const url of ['https://one.example/', asked.url, asked.url]) {
    await task.stub.admitEgress(task.pass(), { ...asked, url });
  }
  await ask(task.stub, CANCEL);
  await withPostgres(task);
  const before = await task.stub.egressRefusals();
  expect(before).toMatchObject([{ asked: 'example.com', count: 2 }, { asked: 'one.example' }]);
  await lose(task);
  await task.stub.rebuild();
  expect(await task.stub.egressRefusals()).toEqual(before);
});

const BUNDLE = { part: 'bundle', commit: 'b'.repeat(40) } as const;

/** When the checkpoint under the key is deleted, or null. */
const deletedAt = ({ stub }: OpenTask, key: string) =>
  runInDurableObject(
    stub,
    (_, { storage }) =>
      storage.sql
        .exec('SELECT due_at FROM intents WHERE key = ?', `delete_checkpoint:${key}`)
        .toArray()[0]?.['due_at'] ?? null,
  );

it('an ended task’s only checkpoint stays for its time, and what is due is due when it was', async () => {
  const task = await startedTask();
  const key = await task.keep(BUNDLE);
  await ask(task.stub, CANCEL);
  await withPostgres(task);
  const before = await deletedAt(task, key);
  expect(before).toBeGreaterThan(Date.now() + CHECKPOINT_KEPT_MS - 60_000);
  await lose(task);
  await task.stub.rebuild();
  await drained(task);
  expect(task.fakes.deleted).toEqual([]);
  expect(await deletedAt(task, key)).toBe(before);
  await ask(task.stub, RETRY);
  expect(await deletedAt(task, key)).toBeNull();
});

it('the same where Postgres has not when it was due', async () => {
  const task = await startedTask();
  const key = await task.keep(BUNDLE);
  await ask(task.stub, CANCEL);
  const postgres = await withPostgres(task);
  for (const { row } of postgres.batches.flat()) {
    if (row.table === 'task_states') row.row = withoutTimes(row.row);
  }
  await lose(task);
  await task.stub.rebuild();
  await drained(task);
  expect(task.fakes.deleted).toEqual([]);
  expect(await deletedAt(task, key)).toBeGreaterThan(Date.now() + CHECKPOINT_KEPT_MS - 60_000);
});

/** What a task goes on from, as it was kept before the times of its effects were. */
const withoutTimes = (state: object): object =>
  JSON.parse(JSON.stringify(state), (key, value: unknown) =>
    key === 'dueAt' || key === 'since' ? undefined : value,
  );

it('a sandbox of before may not speak any more: another one takes its place', async () => {
  const task = await startedTask();
  await withPostgres(task);
  const before = task.pass();
  await lose(task);
  await task.stub.rebuild();
  expect(await task.stub.admit(before)).toMatchObject({ is: 'refused' });
  await task.stub.advance(1, 1);
  expect(task.fakes.ensured.at(-1)?.run.generation).toBe(2);
  expect(await task.stub.admit(task.pass())).toMatchObject({ is: 'ok' });
});

it('a heartbeat alone is nothing that Postgres need know', async () => {
  const task = await startedTask();
  await task.send(step(1));
  const postgres = await withPostgres(task);
  const states = () => postgres.rows().filter(({ table }) => table === 'task_states').length;
  const before = states();
  expect(before).toBeGreaterThan(0);
  const deadline = async () =>
    runInDurableObject(task.stub, (_, { storage }) => JSON.stringify(storage.kv.get('record')));
  const earlier = await deadline();
  await new Promise((resolve) => setTimeout(resolve, 5));
  await task.send();
  expect(await deadline()).not.toBe(earlier);
  await drained(task);
  expect(states()).toBe(before);
  await ask(task.stub, CANCEL);
  await drained(task);
  expect(states()).toBe(before + 1);
});

it('no secret of a sandbox is kept in Postgres', async () => {
  const task = await startedTask();
  const postgres = await withPostgres(task);
  const { secret } = task.pass();
  expect(secret.length).toBeGreaterThan(10);
  expect(JSON.stringify(postgres.batches)).not.toContain(secret);
});

it('a task that is there is left as it is', async () => {
  const task = await deliveredTask();
  await withPostgres(task);
  const before = await seen(task.stub);
  expect(await task.stub.rebuild()).toMatchObject({ is: 'refused' });
  expect(await seen(task.stub)).toEqual(before);
});

it('another person’s name for the task reaches nothing, and writes nothing', async () => {
  const task = await deliveredTask();
  const postgres = await withPostgres(task);
  const other = await emptyTask({ taskId: task.spec.taskId, personId: ulid() });
  other.fakes.ports.history = postgres.open;
  expect(await other.stub.rebuild()).toMatchObject({ is: 'nothing' });
  await runInDurableObject(other.stub, (_, { storage }) => {
    expect([...storage.kv.list()]).toEqual([]);
  });
});

it('one that is cut short by a Postgres that goes away is begun again', async () => {
  const task = await deliveredTask();
  const postgres = await withPostgres(task);
  const before = await seen(task.stub);
  await lose(task);
  postgres.failsAt = 'usage';
  await expect(runInDurableObject(task.stub, (instance) => instance.rebuild())).rejects.toThrow(
    'connection reset',
  );
  expect(await task.stub.summary()).toBeNull();
  postgres.failsAt = null;
  expect(await task.stub.rebuild()).toMatchObject({ is: 'rebuilt' });
  expect((await seen(task.stub)).events.slice(0, -1)).toEqual(before.events);
});

it('an empty Postgres is filled again with all that the task holds', async () => {
  const task = await deliveredTask();
  await task.stub.callEnded(USED.id, USED);
  const postgres = await withPostgres(task);
  const before = postgres.kept();
  postgres.batches.length = 0;
  expect(await task.stub.refill()).toBe(before.length);
  await drained(task);
  const steady = (rows: typeof before) =>
    rows.map((row) =>
      row.table === 'tasks' ? { ...row, row: { ...row.row, updatedAt: 0 } } : row,
    );
  expect(steady(postgres.kept())).toEqual(steady(before));
});
