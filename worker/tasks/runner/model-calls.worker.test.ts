import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { ulid } from 'ulid';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type CallUsage, type ModelCall, usageOf } from '../../models/model-call.ts';
import { type OpenTask, silenceTasks, startedTask, step } from '../testing/open-task.ts';
import { SILENT_MS } from './model-calls.ts';

const MODEL = 'claude-opus-5-5';
const NONE = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
/** Use that costs this many dollars. */
const used = (id: string, cost: number): CallUsage =>
  usageOf({ id, model: MODEL }, { ...NONE, outputTokens: cost * 50_000 }, false);

/** A call that costs so much at most. */
function callOf(worst: number): ModelCall {
  const id = ulid();
  return { id, model: MODEL, worst, likely: { ...used(id, worst / 10), isEstimated: true } };
}

async function working(budget: number | null): Promise<OpenTask> {
  const task = await startedTask({ budget });
  await task.send(step(1));
  return task;
}
const spentOn = async ({ stub }: OpenTask) => (await stub.summary())?.usage.cost ?? 0;

afterEach(async () => {
  vi.useRealTimers();
  await silenceTasks();
});

describe('a task’s calls to the model', () => {
  it('are made side by side while what they may cost leaves something of the budget', async () => {
    const task = await working(10);
    for (const call of [callOf(4), callOf(4), callOf(4)]) {
      expect(await task.stub.reserveCall(task.pass(), call)).toEqual({ is: 'ok', value: true });
    }
  });

  it('wait for one another where they might pass it, and go on as soon as one is over', async () => {
    const task = await working(10);
    const first = callOf(10);
    await task.stub.reserveCall(task.pass(), first);
    let isLet = false;
    const second = task.stub.reserveCall(task.pass(), callOf(1)).then((answer) => {
      isLet = true;
      return answer;
    });
    await task.stub.summary();
    expect(isLet).toBe(false);
    await task.stub.callEnded(first.id, used(first.id, 0.5));
    expect(await second).toEqual({ is: 'ok', value: true });
  });

  it('are refused once it is spent, those that wait, too', async () => {
    const task = await working(10);
    const first = callOf(11);
    expect(await task.stub.reserveCall(task.pass(), first)).toMatchObject({ value: true });
    const second = task.stub.reserveCall(task.pass(), callOf(1));
    await task.stub.callEnded(first.id, used(first.id, 11));
    expect(await second).toMatchObject({ is: 'refused', error: 'over_budget' });
    expect(await task.stub.summary()).toMatchObject({ status: 'Needs approval' });
  });

  it('by 200 at once pass it by no more than one of them', async () => {
    const task = await working(5);
    let [sent, dearest] = [0, 0];
    const call = async (number: number) => {
      const one = callOf(0.2 + (number % 7) / 10);
      const answer = await task.stub.reserveCall(task.pass(), one);
      if (answer.is === 'refused') return answer.error;
      expect(answer.value).toBe(true);
      sent++;
      // Each costs all that it may: that is the worst.
      dearest = Math.max(dearest, one.worst);
      await task.stub.callGoesOn(one.id, used(one.id, one.worst / 2));
      await task.stub.callEnded(one.id, used(one.id, one.worst));
      return 'made';
    };
    const ends = await Promise.all(Array.from({ length: 200 }, (_, number) => call(number)));
    const spent = await spentOn(task);
    expect(spent).toBeGreaterThanOrEqual(5);
    expect(spent).toBeLessThan(5 + dearest);
    expect(ends.filter((end) => end === 'made')).toHaveLength(sent);
    expect(ends.filter((end) => end === 'over_budget')).toHaveLength(200 - sent);
  });

  it('that cost nothing leave everything as it was', async () => {
    const task = await working(10);
    const call = callOf(10);
    await task.stub.reserveCall(task.pass(), call);
    await task.stub.callEnded(call.id, null);
    expect(await spentOn(task)).toBe(0);
    expect(await task.stub.reserveCall(task.pass(), callOf(10))).toMatchObject({ value: true });
  });

  it('of which nothing is heard any more are charged with what is known of them', async () => {
    const task = await working(10);
    const [heard, unheard, alive] = [callOf(3), callOf(3), callOf(3)];
    for (const call of [heard, unheard, alive]) await task.stub.reserveCall(task.pass(), call);
    await task.stub.callGoesOn(heard.id, used(heard.id, 2));
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + SILENT_MS });
    await task.stub.callGoesOn(alive.id, null);
    await runDurableObjectAlarm(task.stub);
    expect(await spentOn(task)).toBeCloseTo(2.3);
    expect(await task.stub.usage()).toMatchObject([{ isEstimated: true }]);
    // What is counted after all takes the place of what was estimated.
    await task.stub.callEnded(unheard.id, used(unheard.id, 1));
    expect(await spentOn(task)).toBeCloseTo(3);
    await task.stub.callEnded(unheard.id, used(unheard.id, 7));
    expect(await spentOn(task)).toBeCloseTo(3);
  });

  it('have an alarm for those of which nothing may be heard any more', async () => {
    const task = await working(null);
    await task.stub.reserveCall(task.pass(), callOf(3));
    const alarm = await runInDurableObject(task.stub, (_, { storage }) => storage.getAlarm());
    expect(alarm).toBeLessThanOrEqual(Date.now() + SILENT_MS);
  });
});

describe('the day’s money', () => {
  it('is asked for each call, with what is under way beside it', async () => {
    const task = await working(null);
    await task.stub.reserveCall(task.pass(), callOf(3));
    await task.stub.reserveCall(task.pass(), callOf(2));
    expect(task.fakes.daysAsked).toMatchObject([
      { worst: 3, open: { worst: 0 } },
      { worst: 2, open: { worst: 3 } },
    ]);
    await expect.poll(() => task.fakes.progress.at(-1)?.openCalls).toMatchObject({ worst: 5 });
    const [first = 0, second = 0] = task.fakes.daysAsked.map(({ open }) => open.revision);
    expect(second).toBeGreaterThan(first);
  });

  it('that is spent stops the work, and asks the person', async () => {
    const task = await working(null);
    task.fakes.day = { is: 'over', limit: 20, used: 21 };
    expect(await task.stub.reserveCall(task.pass(), callOf(3))).toMatchObject({
      error: 'over_budget',
    });
    expect(await task.stub.summary()).toMatchObject({ status: 'Needs approval' });
    await expect
      .poll(() => task.fakes.reports.findLast(({ inbox }) => inbox !== null)?.inbox)
      .toMatchObject({ item: { kind: 'budget', scope: 'day', limit: 20, used: 21 } });
  });

  it('that cannot be asked lets no call through, and the next one is asked for again', async () => {
    const task = await working(null);
    task.fakes.fails.day = 1;
    expect(await task.stub.reserveCall(task.pass(), callOf(3))).toMatchObject({
      error: 'unavailable',
    });
    expect(await task.stub.reserveCall(task.pass(), callOf(3))).toMatchObject({ value: true });
  });
});
