import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
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
  it('is answered with its summary, and dispatches it once', async () => {
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

describe('a task that is created with a slot', () => {
  it('is dispatched in the same step, and says that it takes the slot', async () => {
    const task = await emptyTask();
    await task.stub.create(task.spec, 'granted');
    await expect.poll(() => task.fakes.dispatched).toMatchObject([{ attempt: 1 }]);
    await expect.poll(() => task.fakes.reports.map(({ slot }) => slot)).toEqual(['taken']);
  });

  it('takes a slot that came with a repeated creation', async () => {
    const task = await emptyTask();
    task.fakes.grantsSlots = false;
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
