import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type OpenTask, emptyTask, silenceTasks, startedTask, step } from './testing/open-task.ts';
import { DELIVERED, PULL_REQUEST } from './testing/records.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(async () => {
  await silenceTasks();
  vi.useRealTimers();
});

const alarmOf = ({ stub }: OpenTask) =>
  runInDurableObject(stub, (_, { storage }) => storage.getAlarm());

/** A runner works on while time goes by, and is heard every few seconds. */
async function work(task: OpenTask, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 5_000) {
    await task.stub.receive(task.pass(), { events: [], acknowledged: [] });
    await task.elapse(5_000);
  }
}

describe('a task whose Workflow is never created', () => {
  it.each([
    ['the queue takes its dispatch and loses it', 0],
    ['the queue never takes its dispatch', Infinity],
  ])('reaches its pull request by its alarm alone: %s', async (_, dispatch) => {
    const task = await emptyTask();
    task.fakes.fails = { dispatch };
    await task.stub.create(task.spec);
    await task.elapse(5_000);
    expect(await task.stub.summary()).toMatchObject({ status: 'Starting' });
    await task.send(step(1));
    await work(task, 30_000);
    expect(await task.stub.summary()).toMatchObject({ status: 'Working' });
    await task.send({ number: 2, at: 2, body: { type: 'result', result: DELIVERED } });
    await task.elapse(3_000);
    expect(await task.stub.summary()).toMatchObject({
      status: 'Checking',
      pullRequest: PULL_REQUEST,
    });
    await task.elapse(10_000);
    expect(await task.stub.summary()).toMatchObject({ status: 'In review', attempt: 1 });
    expect(task.fakes.ensured).toHaveLength(1);
    expect(task.fakes.host.drafts).toHaveLength(1);
  });

  it('and whose object is gone again and again goes on all the same', async () => {
    const task = await emptyTask();
    task.fakes.fails = { dispatch: Infinity };
    await task.stub.create(task.spec);
    for (let gone = 0; gone < 3; gone++) {
      await evictDurableObject(task.stub);
      await task.surround();
      await task.elapse(3_000);
    }
    expect(await task.stub.summary()).toMatchObject({ status: 'Starting' });
    expect(new Set(task.fakes.ensured.map(({ run }) => run.generation))).toEqual(new Set([1]));
  });

  it('replaces a sandbox that is lost, and tries again one that does not start', async () => {
    const task = await startedTask();
    await task.send(step(1));
    task.fakes.alive = false;
    task.fakes.fails = { ensure: 3, dispatch: Infinity };
    await task.elapse(9_000);
    task.fakes.alive = true;
    await task.elapse(12_000);
    expect(task.fakes.ensured.at(-1)?.run.generation).toBe(2);
    expect(task.fakes.fails.ensure).toBe(0);
  });
});

describe('an alarm', () => {
  it('is set again though every look throws, with a pause that grows, and the task goes on after', async () => {
    const task = await startedTask();
    await task.send(step(1), { number: 2, at: 2, body: { type: 'result', result: DELIVERED } });
    const { branchHead } = task.fakes.host.port;
    task.fakes.host.port.branchHead = () => Promise.reject(new Error('A bug.'));
    const pauses: number[] = [];
    for (let thrown = 0; thrown < 6; thrown++) {
      vi.setSystemTime(Math.max((await alarmOf(task)) ?? 0, Date.now()));
      await task.runWorkflow();
      pauses.push(((await alarmOf(task)) ?? NaN) - Date.now());
    }
    expect(pauses).toEqual([5_000, 10_000, 20_000, 40_000, 80_000, 160_000]);
    task.fakes.host.port.branchHead = branchHead;
    await task.elapse(160_000);
    expect(await task.stub.summary()).toMatchObject({ pullRequest: PULL_REQUEST });
  });

  it('throws neither when a sandbox host does not answer, nor when it cannot be asked', async () => {
    const task = await startedTask();
    await task.send(step(1));
    task.fakes.ports.sandbox.alive = () => Promise.reject(new Error('The host is away.'));
    await task.elapse(16_000);
    expect(await task.stub.summary()).toMatchObject({ status: 'Working' });
    expect(await alarmOf(task)).toBeLessThanOrEqual(Date.now() + 8_000);
  });
});

it('a Workflow that waits for a delivery’s next try is not woken again and again', async () => {
  const task = await startedTask();
  await task.send({ number: 1, at: 1, body: { type: 'result', result: DELIVERED } });
  task.fakes.host.down = () => ({ is: 'limited', retryAfterMs: 600_000 });
  await task.stub.advance(1, 7);
  const woken = task.fakes.woken.length;
  await task.elapse(300_000);
  expect(task.fakes.woken).toHaveLength(woken);
});
