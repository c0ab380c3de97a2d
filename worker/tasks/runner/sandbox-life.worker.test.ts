import { evictDurableObject } from 'cloudflare:test';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  ask,
  CANCEL,
  deliveredTask,
  queuedTask,
  RETRY,
  startedTask,
  step,
} from '../testing/open-task.ts';
import { parseToken } from '../../gateway/token.ts';
import { NO_ROOM_MAX_MS, PROGRESS_MS } from '../lifecycle/state.ts';
import { PULL_REQUEST } from '../testing/records.ts';
import { stored } from '../../testing/stored.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});
const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);

describe('looking at a task', () => {
  it('starts its sandbox once, however often it is looked at', async () => {
    const { stub, spec, fakes } = await queuedTask();
    const { promise, resolve } = Promise.withResolvers<void>();
    fakes.starting = promise;
    const looking = [stub.advance(1, 1), stub.advance(1, 1), stub.advance(1, 2)];
    // Answered in order: all looks have begun when this is answered.
    await stub.summary();
    resolve();
    const looks = await Promise.all(looking);
    for (const look of looks) expect(look).toMatchObject({ do: 'wait' });
    expect(await stub.advance(1, 3)).toMatchObject({ do: 'wait', type: 'wake-3' });
    const { taskId } = spec;
    expect(fakes.ensured.map(({ run }) => run)).toEqual([{ taskId, generation: 1 }]);
    expect(fakes.ensured[0]?.environment).toEqual({
      MAINLOOP_GATEWAY: 'http://gateway.test/gateway',
      MAINLOOP_TASK_TOKEN: expect.stringMatching(/^mlt\.[0-9a-f]{64}\.1\.[\w-]{43}$/),
    });
  });

  it('tries a sandbox that did not start again: whichever try started it, its token opens', async () => {
    const { stub, fakes } = await queuedTask();
    fakes.fails = { ensure: 1 };
    expect(await stub.advance(1, 1)).toMatchObject({ do: 'wait', timeoutMs: 3_000 });
    pass(3_000);
    expect(await stub.advance(1, 2)).toMatchObject({ do: 'wait', timeoutMs: 20_000 });
    const [first, second] = fakes.ensured;
    expect(second?.run).toEqual(first?.run);
    for (const one of [first, second]) {
      const token = parseToken(one?.environment.MAINLOOP_TASK_TOKEN ?? null);
      expect(token === null ? null : await stub.admit(token)).toMatchObject({ is: 'ok' });
    }
  });

  it('holds no secret of a sandbox, wherever one looks', async () => {
    const { stub, fakes } = await queuedTask();
    await stub.advance(1, 1);
    const secret = parseToken(fakes.ensured[0]?.environment.MAINLOOP_TASK_TOKEN ?? null)?.secret;
    expect(secret).toHaveLength(43);
    const kept = await stored(stub);
    expect(kept).toContain('token:1');
    expect(kept).not.toContain(secret);
  });

  it('waits for a sandbox when none is to be had, says so, and starts when one is', async () => {
    const { stub, fakes } = await queuedTask();
    fakes.hasRoom = false;
    expect(await stub.advance(1, 1)).toMatchObject({ do: 'wait', timeoutMs: 10_000 });
    expect(await stub.summary()).toMatchObject({ note: 'Waiting for a sandbox' });
    await expect.poll(() => fakes.reports.at(-1)?.task.note).toBe('Waiting for a sandbox');
    for (let look = 2; look < 40; look++) {
      pass(10_000);
      await stub.advance(1, look);
    }
    // Over its starting deadline three times: it is the same sandbox that it waits for.
    expect(new Set(fakes.ensured.map(({ run }) => run.generation))).toEqual(new Set([1]));
    const events = await stub.events(0, 100);
    const waits = events.filter(({ body }) => body.type === 'step' && /sandbox/.test(body.text));
    expect(waits).toHaveLength(1);
    fakes.hasRoom = true;
    pass(10_000);
    await stub.advance(1, 40);
    expect(await stub.summary()).toMatchObject({ note: 'Starting its sandbox' });
  });

  it('gives up waiting for a sandbox after a day, in words', async () => {
    const { stub, fakes } = await queuedTask();
    fakes.hasRoom = false;
    await stub.advance(1, 1);
    pass(NO_ROOM_MAX_MS);
    await stub.advance(1, 2);
    expect(await stub.summary()).toMatchObject({
      status: 'Failed',
      note: /No sandbox was free for 24 hours/,
    });
  });

  it('with an attempt that is over ends that Workflow and starts nothing', async () => {
    const { stub, fakes } = await startedTask();
    await ask(stub, CANCEL);
    await ask(stub, RETRY);
    expect(await stub.advance(1, 2)).toEqual({ do: 'end' });
    expect(fakes.ensured).toHaveLength(1);
  });

  it('wakes the waiting Workflow by its own event when the task goes on', async () => {
    const task = await startedTask();
    await task.send(step(1));
    await task.stub.advance(1, 2);
    expect(task.fakes.woken).toEqual([]);
    await ask(task.stub, CANCEL);
    await expect.poll(() => task.fakes.woken).toEqual(['wake-2']);
  });

  it('goes on though the Workflow could not be woken', async () => {
    const task = await startedTask();
    task.fakes.fails = { wake: 1 };
    expect(await ask(task.stub, CANCEL)).toEqual({ is: 'done' });
    await expect.poll(() => task.fakes.fails.wake).toBe(0);
    expect(await task.stub.advance(1, 2)).toEqual({ do: 'end' });
  });

  it('stops a sandbox that came up after its task was cancelled', async () => {
    const { stub, spec, fakes } = await queuedTask();
    const { promise, resolve } = Promise.withResolvers<void>();
    fakes.starting = promise;
    const looking = stub.advance(1, 1);
    await expect.poll(() => fakes.ensured).toHaveLength(1);
    await ask(stub, CANCEL);
    await expect.poll(() => fakes.stopped).toHaveLength(1);
    resolve();
    expect(await looking).toEqual({ do: 'end' });
    const { taskId } = spec;
    const run = { taskId, generation: 1 };
    await expect.poll(() => fakes.stopped).toEqual([run, run]);
  });
});

describe('a sandbox that is gone', () => {
  it('is found by the alarm, and the next generation replaces it', async () => {
    const task = await startedTask();
    await task.send(step(1));
    task.fakes.alive = false;
    pass(9_000);
    await task.runWorkflow();
    expect(await task.stub.summary()).toMatchObject({ status: 'Starting', note: /checkpoint/ });
    const { taskId } = task.spec;
    await expect.poll(() => task.fakes.stopped).toEqual([{ taskId, generation: 1 }]);
    expect(task.fakes.ensured.at(-1)?.run).toEqual({ taskId, generation: 2 });
    await expect
      .poll(() => task.fakes.reports.flatMap(({ notice }) => notice ?? []))
      .toEqual([{ is: 'recovered', reason: 'its sandbox was lost' }]);
  });

  it('is looked for after the object itself was gone', async () => {
    const task = await startedTask();
    await task.send(step(1));
    task.fakes.alive = false;
    await evictDurableObject(task.stub);
    await task.surround();
    await task.runWorkflow();
    expect(await task.stub.summary()).toMatchObject({ status: 'Starting' });
  });

  it('is not asked after while its runner speaks', async () => {
    const task = await startedTask();
    task.fakes.alive = false;
    await task.send(step(1));
    await task.runWorkflow();
    expect(await task.stub.summary()).toMatchObject({ status: 'Working' });
  });

  it('counts as gone when it lives and is silent', async () => {
    const task = await startedTask();
    await task.send(step(1));
    pass(19_000);
    await task.runWorkflow();
    expect(await task.stub.summary()).toMatchObject({ status: 'Working' });
    pass(2_000);
    await task.runWorkflow();
    expect(await task.stub.summary()).toMatchObject({ status: 'Starting' });
  });
});

it('a sandbox whose runner lives while Claude Code stands still is replaced, too', async () => {
  const task = await startedTask();
  await task.send(step(1));
  const beat = async (ms: number) => {
    for (const end = Date.now() + ms; Date.now() < end; pass(15_000)) await task.send();
  };
  await beat(PROGRESS_MS - 15_000);
  await task.runWorkflow();
  expect(await task.stub.summary()).toMatchObject({ status: 'Working' });
  await beat(30_000);
  await task.runWorkflow();
  expect(await task.stub.summary()).toMatchObject({ status: 'Starting' });
  await task.stub.advance(1, 2);
  expect(task.fakes.ensured.at(-1)?.run).toMatchObject({ generation: 2 });
});

describe('delivering', () => {
  it('opens one pull request, however often it is asked for', async () => {
    const { stub, fakes } = await deliveredTask();
    const { promise, resolve } = Promise.withResolvers<void>();
    const { createDraft } = fakes.host.port;
    const createSlowly = vi.fn<typeof createDraft>((draft) =>
      promise.then(() => createDraft(draft)),
    );
    fakes.host.port.createDraft = createSlowly;
    const first = stub.advance(1, 2);
    await expect.poll(() => createSlowly.mock.calls).toHaveLength(1);
    const second = stub.advance(1, 2);
    // Answered in order: the second has begun when this is answered.
    await stub.summary();
    resolve();
    await Promise.all([first, second]);
    await stub.advance(1, 2);
    expect(fakes.host.drafts).toHaveLength(1);
    const events = await stub.events(0, 100);
    expect(events.filter(({ body }) => body.type === 'pull_request')).toHaveLength(1);
    expect(await stub.summary()).toMatchObject({ status: 'Checking', pullRequest: PULL_REQUEST });
  });

  it('stops the sandbox first: it is not needed any more', async () => {
    const { spec, fakes } = await deliveredTask();
    const { taskId } = spec;
    await expect.poll(() => fakes.stopped).toEqual([{ taskId, generation: 1 }]);
  });

  it('waits as the host says, and fails with a reason when the commit never shows', async () => {
    const { stub, fakes } = await deliveredTask();
    fakes.host.head = null;
    for (const timeoutMs of [1_000, 2_000, 4_000, 8_000]) {
      expect(await stub.advance(1, 3)).toMatchObject({ do: 'wait', timeoutMs });
      // Too early: nobody is asked.
      const asked = fakes.host.asked.length;
      await stub.advance(1, 3);
      expect(fakes.host.asked).toHaveLength(asked);
      pass(timeoutMs);
    }
    expect(await stub.advance(1, 4)).toEqual({ do: 'end' });
    expect(await stub.summary()).toMatchObject({
      status: 'Failed',
      note: /does not show its commit/,
    });
    expect(fakes.host.drafts).toEqual([]);
  });
});
