import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DELIVERED } from '../testing/records.ts';
import {
  CANCEL,
  type OpenTask,
  RETRY,
  ask,
  deliveredTask,
  say,
  startedTask,
  step,
} from '../testing/open-task.ts';
import { CHECKPOINT_KEPT_MS } from '../lifecycle/state.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => vi.useRealTimers());

const HOUR_MS = 60 * 60_000;
const BUNDLE = { part: 'bundle', commit: 'b'.repeat(40) } as const;
const TRANSCRIPT = { part: 'transcript', sessionId: crypto.randomUUID() } as const;
const NOTHING = { is: 'nothing_to_deliver', summary: 'It is there already.' } as const;
const BROKEN = { is: 'failed', reason: 'It broke.', detail: 'Error: it broke' } as const;

/** What lies in R2 for the task. */
async function lying({ spec }: OpenTask): Promise<string[]> {
  const { objects } = await env.CHECKPOINTS.list({ prefix: `${spec.taskId}/` });
  return objects.map(({ key }) => key);
}

async function later(task: OpenTask, ms: number): Promise<void> {
  vi.setSystemTime(Date.now() + ms);
  await task.runWorkflow();
}

/** The key of an upload that has begun. */
async function opened(task: OpenTask, part: 'bundle' | 'transcript' = 'bundle'): Promise<string> {
  const answer = await task.stub.openCheckpoint(task.pass(), part);
  if (answer.is === 'refused') throw new Error(answer.text);
  return answer.value;
}

const checkpointOf = async (task: OpenTask) => {
  const brief = await task.stub.brief(task.pass());
  return brief.is === 'ok' ? brief.value.checkpoint : brief;
};

/** Another stretch of work in the next sandbox. */
async function again(task: OpenTask): Promise<void> {
  await ask(task.stub, CANCEL);
  await ask(task.stub, RETRY);
  await task.stub.advance(2, 1);
}

describe('an upload', () => {
  it('that is begun again and again leaves a few rows, and the last one is kept', async () => {
    const task = await startedTask();
    const keys: string[] = [];
    for (let begun = 0; begun < 20; begun++) {
      vi.setSystemTime(Date.now() + 1_000);
      keys.push(await opened(task));
    }
    expect(new Set(keys).size).toBe(4);
    const [last = ''] = keys.slice(-1);
    expect(await task.stub.checkpointed(task.pass(), last, BUNDLE)).toMatchObject({ is: 'ok' });
    expect(await checkpointOf(task)).toMatchObject({ commit: BUNDLE.commit });
    expect(new Set([await opened(task), ...keys]).size).toBe(5);
  });

  it('is the checkpoint once it is whole, and the one before it goes', async () => {
    const task = await startedTask();
    const first = await task.keep(BUNDLE);
    const second = await task.keep({ ...BUNDLE, commit: 'c'.repeat(40) });
    expect(second).not.toBe(first);
    await expect.poll(() => lying(task)).toEqual([second]);
    expect(await checkpointOf(task)).toMatchObject({ commit: 'c'.repeat(40) });
  });

  it('that never became whole replaces nothing, and is swept after an hour', async () => {
    const task = await startedTask();
    const good = await task.keep(BUNDLE);
    const half = await opened(task);
    await env.CHECKPOINTS.put(half, 'ha');
    expect(await task.stub.checkpointKey(task.pass(), 'bundle')).toMatchObject({ value: good });
    await ask(task.stub, CANCEL);
    await later(task, HOUR_MS + 1);
    await expect.poll(() => lying(task)).toEqual([good]);
  });

  it('that comes to its end after that hour is refused and goes too', async () => {
    const task = await startedTask();
    const late = await opened(task);
    vi.setSystemTime(Date.now() + HOUR_MS + 1);
    await task.send(step(1));
    await expect.poll(() => task.fakes.deleted).toEqual([late]);
    await env.CHECKPOINTS.put(late, 'late');
    expect(await task.stub.checkpointed(task.pass(), late, BUNDLE)).toMatchObject({
      is: 'refused',
    });
    await expect.poll(() => lying(task)).toEqual([]);
    expect(await checkpointOf(task)).toBeNull();
  });

  it('of a sandbox that was replaced while it ran neither counts nor stays', async () => {
    const task = await startedTask();
    const late = await opened(task);
    const old = task.pass();
    await again(task);
    const newest = await task.keep({ ...BUNDLE, commit: 'c'.repeat(40) });
    await env.CHECKPOINTS.put(late, 'late');
    expect(await task.stub.checkpointed(old, late, BUNDLE)).toMatchObject({ error: 'gone' });
    await expect.poll(() => lying(task)).toEqual([newest]);
    expect(await checkpointOf(task)).toMatchObject({ commit: 'c'.repeat(40) });
  });

  it('is deleted later when R2 does not answer', async () => {
    const task = await startedTask();
    const first = await task.keep(BUNDLE);
    const { checkpoints } = task.fakes.ports;
    task.fakes.ports.checkpoints = { delete: () => Promise.reject(new Error('R2 is away')) };
    await task.keep(BUNDLE);
    expect(await lying(task)).toContain(first);
    task.fakes.ports.checkpoints = checkpoints;
    await later(task, 5_000);
    await expect.poll(() => lying(task)).not.toContain(first);
  });
});

describe('a task that ends', () => {
  const result = (body: typeof NOTHING | typeof BROKEN) =>
    ({ number: 1, at: 1, body: { type: 'result', result: body } }) as const;

  it.each([
    ['fails', (task: OpenTask) => task.send(result(BROKEN))],
    ['is cancelled', (task: OpenTask) => ask(task.stub, CANCEL)],
  ])('because it %s keeps all that Retry needs, for its time', async (_, end) => {
    const task = await startedTask();
    const keys = [await task.keep(BUNDLE), await task.keep(TRANSCRIPT)];
    await end(task);
    await later(task, CHECKPOINT_KEPT_MS - 60_000);
    expect((await lying(task)).toSorted()).toEqual(keys.toSorted());
    await later(task, 60_001);
    await expect.poll(() => lying(task)).toEqual([]);
    await ask(task.stub, RETRY);
    await task.stub.advance(2, 1);
    expect(await checkpointOf(task)).toBeNull();
  });

  it('and is tried again keeps them for as long as it is at work', async () => {
    const task = await startedTask();
    const key = await task.keep(BUNDLE);
    await again(task);
    await later(task, CHECKPOINT_KEPT_MS + 1);
    expect(await lying(task)).toEqual([key]);
  });

  it('without a change keeps its transcript only: words to it go on from there', async () => {
    const task = await startedTask();
    await task.keep(BUNDLE);
    const transcript = await task.keep(TRANSCRIPT);
    await task.send(result(NOTHING));
    await expect.poll(() => lying(task)).toEqual([transcript]);
    await later(task, CHECKPOINT_KEPT_MS + 1);
    await expect.poll(() => lying(task)).toEqual([]);
  });

  it('and is tried again from scratch keeps nothing', async () => {
    const task = await startedTask();
    await task.keep(BUNDLE);
    await task.keep(TRANSCRIPT);
    await ask(task.stub, CANCEL);
    await ask(task.stub, { do: 'retry', from: 'scratch' });
    await expect.poll(() => lying(task)).toEqual([]);
  });
});

it('delivered work needs no bundle: the branch has it', async () => {
  const task = await deliveredTask();
  await task.stub.advance(1, 2);
  await ask(task.stub, say('Go on.'));
  await task.stub.advance(2, 1);
  await task.keep(BUNDLE);
  await task.send({ number: 1, at: 1, body: { type: 'result', result: DELIVERED } });
  await task.stub.advance(2, 2);
  await expect.poll(() => lying(task)).toEqual([]);
});

it('a checkpoint from before uploads had keys of their own is found, and deleted in its time', async () => {
  const task = await startedTask();
  const old = `${task.spec.taskId}/1/bundle`;
  await env.CHECKPOINTS.put(old, 'old');
  await runInDurableObject(task.stub, (_, { storage }) => {
    const bundle = { generation: 1, commit: 'b'.repeat(40) };
    storage.kv.put('checkpoint', { bundle, transcript: null });
  });
  expect(await task.stub.checkpointKey(task.pass(), 'bundle')).toMatchObject({ value: old });
  const fresh = await task.keep(BUNDLE);
  await expect.poll(() => lying(task)).toEqual([fresh]);
});
