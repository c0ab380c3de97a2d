import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { ulid } from 'ulid';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  ask,
  CANCEL,
  emptyTask,
  queuedTask,
  RETRY,
  say,
  startedTask,
  step,
} from './testing/open-task.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});
const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);

describe('creating a task', () => {
  it('is answered with its line, and dispatches it once', async () => {
    const { stub, spec, fakes } = await queuedTask();
    const { personId, taskId } = spec;
    await expect.poll(() => fakes.dispatched).toEqual([{ personId, taskId, attempt: 1 }]);
    expect(await stub.summary()).toMatchObject({ id: taskId, status: 'Queued', attempt: 1 });
    expect(await stub.details()).toMatchObject({ prompt: spec.prompt });
  });

  it('again changes nothing', async () => {
    const { stub, spec, fakes } = await queuedTask();
    await expect.poll(() => fakes.dispatched).toHaveLength(1);
    await stub.advance(1, 1);
    const again = await stub.create({ ...spec, title: 'Another title' });
    expect(again).toMatchObject({ title: spec.title, status: 'Starting' });
    expect(fakes.dispatched).toHaveLength(1);
    expect(fakes.reports.map((report) => report.task.status)).toEqual([
      'Queued',
      'Queued',
      'Starting',
    ]);
  });

  it('dispatches it from its alarm when the first send failed', async () => {
    const task = await emptyTask();
    task.fakes.fails = { dispatch: 1 };
    await task.stub.create(task.spec);
    await expect.poll(() => task.fakes.fails.dispatch).toBe(0);
    expect(task.fakes.dispatched).toEqual([]);
    pass(5_000);
    await task.runWorkflow();
    await expect.poll(() => task.fakes.dispatched).toHaveLength(1);
  });

  it('dispatches it though the object was gone before the send', async () => {
    const task = await emptyTask();
    task.fakes.fails = { dispatch: 1 };
    await task.stub.create(task.spec);
    await expect.poll(() => task.fakes.fails.dispatch).toBe(0);
    await evictDurableObject(task.stub);
    await task.surround();
    pass(5_000);
    await task.runWorkflow();
    await expect.poll(() => task.fakes.dispatched).toHaveLength(1);
  });

  it('wakes the object soon for a dispatch that failed, whatever else is due', async () => {
    const task = await emptyTask();
    task.fakes.fails = { dispatch: 2 };
    await task.stub.create(task.spec);
    await expect.poll(() => task.fakes.fails.dispatch).toBe(1);
    await runInDurableObject(task.stub, (_, { storage }) => {
      storage.sql.exec('DELETE FROM history_outbox');
    });
    pass(5_000);
    await task.runWorkflow();
    await expect.poll(() => task.fakes.fails.dispatch).toBe(0);
    await expect
      .poll(() => runInDurableObject(task.stub, (_, { storage }) => storage.getAlarm()))
      .toBe(Date.now() + 2_000);
  });

  it('dispatches it again while no Workflow comes', async () => {
    const task = await queuedTask();
    await expect.poll(() => task.fakes.dispatched).toHaveLength(1);
    pass(21_000);
    await task.runWorkflow();
    await expect.poll(() => task.fakes.dispatched).toHaveLength(2);
  });
});

describe('an object for a task that does not exist', () => {
  it('answers nothing and keeps nothing', async () => {
    const { stub } = await emptyTask();
    const foreign = { objectId: stub.id.toString(), generation: 1, secret: 'x'.repeat(43) };
    const batch = { events: [step(1)], acknowledged: [] };
    const unauthorized = { is: 'refused', error: 'unauthorized' };
    expect(await stub.summary()).toBeNull();
    expect(await stub.details()).toBeNull();
    expect(await stub.counts()).toBeNull();
    expect(await stub.events(0, 10)).toEqual([]);
    expect(await stub.advance(1, 1)).toEqual({ do: 'end' });
    for (const act of [
      ask(stub, CANCEL, { id: 'r' }),
      ask(stub, RETRY, { id: 'r' }),
      ask(stub, say('Hello'), { id: 'r' }),
    ]) {
      expect(await act).toEqual({ is: 'refused', text: 'There is no such task.' });
    }
    expect(await stub.admit(foreign)).toMatchObject(unauthorized);
    expect(await stub.brief(foreign)).toMatchObject(unauthorized);
    expect(await stub.receive(foreign, batch)).toMatchObject(unauthorized);
    expect(await stub.mailbox(foreign, 1)).toMatchObject(unauthorized);
    expect((await stub.fetch('http://task/?after=0')).status).toBe(404);
    await stub.advance(1, 2);
    await stub.dispatchFailed(1, 'No.');
    const { size, alarm, tables } = await runInDurableObject(stub, async (_, { storage }) => ({
      size: [...storage.kv.list()].length,
      alarm: await storage.getAlarm(),
      tables: storage.sql
        .exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '_cf%'")
        .toArray(),
    }));
    expect({ size, alarm, tables }).toEqual({ size: 0, alarm: null, tables: [] });
  });

  it('is what another person’s request for the same task reaches', async () => {
    const { spec } = await queuedTask();
    const other = await emptyTask({ taskId: spec.taskId });
    expect(await other.stub.summary()).toBeNull();
  });
});

describe('the person’s requests', () => {
  it('cancelling stops the sandbox and shuts its runner out', async () => {
    const task = await startedTask();
    await task.send(step(1));
    expect(await ask(task.stub, CANCEL)).toEqual({ is: 'done' });
    const { taskId } = task.spec;
    await expect.poll(() => task.fakes.stopped).toEqual([{ taskId, generation: 1 }]);
    expect(await task.send(step(2))).toMatchObject({ is: 'refused', error: 'gone' });
    expect(await task.stub.brief(task.pass())).toMatchObject({ is: 'refused', error: 'gone' });
    expect(await task.stub.summary()).toMatchObject({ status: 'Cancelled' });
    expect(await task.stub.advance(1, 2)).toEqual({ do: 'end' });
  });

  it.each([
    { by: { is: 'app' } as const, text: 'Cancelled' },
    { by: { is: 'conversation' } as const, text: 'Cancelled in the conversation' },
    { by: { is: 'github', login: 'ana' } as const, text: 'Cancelled by @ana on GitHub' },
  ])('what it settles says where it was asked: $text', async ({ by, text }) => {
    const task = await startedTask();
    await ask(task.stub, CANCEL, { by });
    await expect
      .poll(() => task.fakes.reports.findLast(({ inbox }) => inbox !== null)?.inbox)
      .toMatchObject({ is: 'settle', outcome: { text } });
  });

  it('cancelling stops the sandbox from the alarm when that failed at first', async () => {
    const task = await startedTask();
    task.fakes.fails = { stop: 1 };
    await ask(task.stub, CANCEL);
    await expect.poll(() => task.fakes.fails.stop).toBe(0);
    pass(5_000);
    await task.runWorkflow();
    await expect.poll(() => task.fakes.stopped).toHaveLength(1);
  });

  it('a repeated request gets the same answer and acts once', async () => {
    const { stub, fakes } = await startedTask();
    const [cancel, retry, message] = [ulid(), ulid(), ulid()];
    await ask(stub, say('Use tabs.'), { id: message });
    await ask(stub, say('Use tabs.'), { id: message });
    const messages = (await stub.events(0, 50)).filter(({ body }) => body.type === 'message');
    expect(messages).toHaveLength(1);
    expect(await ask(stub, CANCEL, { id: cancel })).toEqual({ is: 'done' });
    expect(await ask(stub, RETRY, { id: retry })).toEqual({ is: 'done' });
    expect(await ask(stub, CANCEL, { id: cancel })).toEqual({ is: 'done' });
    expect(await ask(stub, RETRY, { id: retry })).toEqual({ is: 'done' });
    expect(await stub.summary()).toMatchObject({ status: 'Queued', attempt: 2 });
    await expect.poll(() => fakes.dispatched.at(-1)).toMatchObject({ attempt: 2 });
  });

  it('what comes too late is refused in words', async () => {
    const { stub } = await startedTask();
    expect(await ask(stub, RETRY)).toMatchObject({ is: 'refused', text: /failed or was cancel/ });
    await ask(stub, CANCEL);
    expect(await ask(stub, CANCEL)).toMatchObject({ is: 'refused', text: /has ended already/ });
    expect(await ask(stub, { do: 'interrupt' })).toMatchObject({
      is: 'refused',
      text: /not in the middle/,
    });
  });
});

describe('reports to the main thread', () => {
  it('come in order and at least once, though the thread fails at first', async () => {
    const task = await emptyTask();
    task.fakes.fails = { report: 1 };
    await task.stub.create(task.spec);
    await expect.poll(() => task.fakes.fails.report).toBe(0);
    await task.stub.grantSlot(1);
    await task.stub.advance(1, 1);
    await task.send(step(1));
    await ask(task.stub, CANCEL);
    expect(task.fakes.reports).toEqual([]);
    pass(5_000);
    await task.runWorkflow();
    await expect.poll(() => task.fakes.reports).toHaveLength(6);
    expect(task.fakes.reports.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6]);
    const statuses = task.fakes.reports.map((report) => report.task.status);
    expect([...new Set(statuses)]).toEqual(['Queued', 'Starting', 'Working', 'Cancelled']);
    // Its slot is free only once its sandbox has ended.
    expect(task.fakes.reports.map(({ slot }) => slot)).toEqual([
      'waiting',
      'taken',
      'taken',
      'taken',
      'taken',
      'none',
    ]);
  });

  it('survive the object', async () => {
    const task = await emptyTask();
    task.fakes.fails = { report: 1 };
    await task.stub.create(task.spec);
    await expect.poll(() => task.fakes.fails.report).toBe(0);
    await evictDurableObject(task.stub);
    await task.surround();
    pass(5_000);
    await task.runWorkflow();
    await expect.poll(() => task.fakes.reports.map(({ number }) => number)).toEqual([1]);
  });
});

describe('metered use', () => {
  const row = {
    model: 'claude-opus-5-5',
    day: '2026-11-02',
    at: 1,
    inputTokens: 10,
    outputTokens: 2,
    cacheReadTokens: 3,
    cacheWriteTokens: 4,
    cost: 0.5,
  };

  it('adds up on the task’s line, each request once', async () => {
    const task = await startedTask();
    const id = ulid();
    await task.stub.meter({ ...row, id });
    await task.stub.meter({ ...row, id });
    await task.stub.meter({ ...row, id: ulid() });
    const usage = {
      inputTokens: 20,
      outputTokens: 4,
      cacheReadTokens: 6,
      cacheWriteTokens: 8,
      cost: 1,
    };
    expect(await task.stub.summary()).toMatchObject({ usage });
    expect(await task.stub.counts()).toMatchObject({ usage: 2 });
    await expect.poll(() => task.fakes.progress.at(-1)?.usage).toEqual(usage);
  });

  it('of a request that ends after its task counts too', async () => {
    const task = await startedTask();
    await ask(task.stub, CANCEL);
    await task.stub.meter({ ...row, id: ulid() });
    expect(await task.stub.summary()).toMatchObject({ usage: { cost: 0.5 } });
  });
});

describe('a task that is created with a slot', () => {
  it('is dispatched in the same step, and says that it takes the slot', async () => {
    const task = await emptyTask();
    await task.stub.create(task.spec, 'granted');
    await expect.poll(() => task.fakes.dispatched).toMatchObject([{ attempt: 1 }]);
    await expect.poll(() => task.fakes.reports.map(({ slot }) => slot)).toEqual(['taken']);
  });

  it('takes a slot that came with a repeated creation', async () => {
    const task = await emptyTask();
    task.fakes.givesTurns = false;
    await task.stub.create(task.spec, 'waiting');
    await expect.poll(() => task.fakes.reports.map(({ slot }) => slot)).toEqual(['waiting']);
    await task.stub.create(task.spec, 'granted');
    await task.stub.create(task.spec, 'granted');
    await expect
      .poll(() => task.fakes.reports.map(({ slot }) => slot))
      .toEqual(['waiting', 'taken']);
    expect(task.fakes.dispatched).toHaveLength(1);
  });
});

describe('a task that is asked how it stands', () => {
  it('says so, with the number of its newest report', async () => {
    const task = await startedTask();
    await expect.poll(async () => (await task.stub.standing())?.told).toBe(true);
    expect(await task.stub.standing()).toMatchObject({
      summary: { status: 'Starting', attempt: 1 },
      slot: 'taken',
      reports: task.fakes.reports.length,
    });
  });

  it('does what is due, and sets a timer that was lost again', async () => {
    const task = await queuedTask();
    await expect.poll(() => task.fakes.dispatched).toHaveLength(1);
    await runInDurableObject(task.stub, (_, { storage }) => storage.deleteAlarm());
    pass(25_000);
    await task.stub.standing();
    await expect.poll(() => task.fakes.dispatched).toHaveLength(2);
    await expect
      .poll(() => runInDurableObject(task.stub, (_, { storage }) => storage.getAlarm()))
      .not.toBeNull();
  });

  it('has none once it has ended: nothing about it moves by itself', async () => {
    const task = await queuedTask();
    await ask(task.stub, CANCEL);
    await expect.poll(async () => (await task.stub.standing())?.told).toBe(true);
    await runInDurableObject(task.stub, async (_, { storage }) => {
      storage.sql.exec('DELETE FROM history_outbox');
      storage.sql.exec('DELETE FROM intents');
      await storage.deleteAlarm();
    });
    await task.stub.standing();
    expect(await runInDurableObject(task.stub, (_, { storage }) => storage.getAlarm())).toBeNull();
  });
});

describe('a task whose Workflow never runs', () => {
  it('is dispatched again, and goes on without it', async () => {
    const task = await queuedTask();
    await expect.poll(() => task.fakes.dispatched).toHaveLength(1);
    pass(21_000);
    await task.runWorkflow();
    await expect.poll(() => task.fakes.ensured.length).toBe(1);
    expect(await task.stub.summary()).toMatchObject({ status: 'Starting' });
  });
});
