import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import type { CallUsage } from '../models/model-call.ts';
import { DELIVERED } from './testing/records.ts';
import { ask, CANCEL, type OpenTask, say, startedTask, step } from './testing/open-task.ts';

function used(cost: number): CallUsage {
  const counts = { inputTokens: 1_000, outputTokens: 10, cacheReadTokens: 0, cacheWriteTokens: 0 };
  return { id: ulid(), model: 'claude-opus-5-5', day: '2026-11-02', at: 1, ...counts, cost };
}

/** A task at work that may cost $5, and has cost this much. */
async function spent(...costs: number[]): Promise<OpenTask> {
  const task = await startedTask({ budget: 5 });
  await task.send(step(1));
  for (const usage of costs.map(used)) await task.stub.callEnded(usage.id, usage);
  return task;
}

const noticesOf = ({ fakes }: OpenTask) => fakes.reports.flatMap(({ notice }) => notice ?? []);
const parked = (number: number) =>
  ({ number, at: number, body: { type: 'result', result: { is: 'parked' } } }) as const;

describe('a task’s budget', () => {
  it('is told of once when most of it is spent', async () => {
    const task = await spent(3.9, 0.2, 0.2);
    await expect
      .poll(() => noticesOf(task))
      .toEqual([{ is: 'budget_near', scope: 'task', limit: 5, used: expect.closeTo(4.1) }]);
    expect((await task.stub.admitModel(task.pass())).is).toBe('ok');
  });

  it('once spent, lets no model call through, stops the turn and asks the person', async () => {
    const task = await spent(5.1);
    expect(await task.stub.admitModel(task.pass())).toMatchObject({ error: 'over_budget' });
    // What is not a model call goes on: the work has to be kept.
    expect((await task.stub.admit(task.pass())).is).toBe('ok');
    const { value } = (await task.stub.mailbox(task.pass(), 0)) as { value: { items: object[] } };
    expect(value.items).toMatchObject([{ type: 'park' }, { type: 'interrupt' }]);
    expect(await task.stub.summary()).toMatchObject({ status: 'Needs approval' });
    await expect
      .poll(() => task.fakes.reports.findLast(({ inbox }) => inbox !== null)?.inbox)
      .toMatchObject({ item: { kind: 'budget', scope: 'task', limit: 5, used: 5.1 } });
  });

  it('that is raised lets it go on where it stopped, in a new sandbox', async () => {
    const task = await spent(5.1);
    await task.send(parked(2));
    expect(await ask(task.stub, { do: 'raise_budget', limit: 5 })).toMatchObject({
      is: 'refused',
      text: expect.stringContaining('$5.10'),
    });
    expect(await ask(task.stub, { do: 'raise_budget', limit: 10 })).toEqual({ is: 'done' });
    await expect.poll(() => task.fakes.dispatched.at(-1)).toMatchObject({ attempt: 2 });
    await task.stub.advance(2, 1);
    expect(await task.stub.brief(task.pass())).toMatchObject({ value: { hasMail: true } });
    expect((await task.stub.admitModel(task.pass())).is).toBe('ok');
    expect(await task.stub.summary()).toMatchObject({ budget: 10 });
  });

  it('spent with the last words of finished work delivers it all the same', async () => {
    const task = await spent(5.1);
    await task.send({ number: 2, at: 2, body: { type: 'result', result: DELIVERED } });
    expect(await task.stub.summary()).toMatchObject({ status: 'Checking' });
  });

  it('is no failure though Claude Code says so when it is refused', async () => {
    const task = await spent(5.1);
    const result = { is: 'failed', reason: 'API error', detail: '402' } as const;
    await task.send({ number: 2, at: 2, body: { type: 'result', result } });
    expect(await task.stub.summary()).toMatchObject({ status: 'Needs approval' });
  });
});

describe('the Claude plan’s limit', () => {
  it('is waited for, with the time on the card', async () => {
    const task = await spent();
    const until = Date.now() + 3_600_000;
    await task.stub.planLimit(task.pass(), until);
    await task.send(parked(2));
    expect(await task.stub.summary()).toMatchObject({ status: 'Queued', resumesAt: until });
    // A word of the person's does not wait for it.
    expect(await ask(task.stub, say('Go on with the key'))).toEqual({ is: 'done' });
    await expect.poll(() => task.fakes.dispatched.at(-1)).toMatchObject({ attempt: 2 });
  });

  it('is not waited for where the person does not want that', async () => {
    const task = await startedTask({ waitsForPlan: false });
    await task.stub.planLimit(task.pass(), Date.now() + 3_600_000);
    expect(await task.stub.summary()).toMatchObject({ status: 'Starting', resumesAt: null });
  });
});

describe('the day’s budget', () => {
  it('pauses work that runs, and its end lets it go on', async () => {
    const task = await spent(1);
    await task.stub.pauseForDay(10, 11);
    expect(await task.stub.summary()).toMatchObject({ status: 'Needs approval' });
    await task.send(parked(2));
    await task.stub.resumeForDay('A new day');
    await expect.poll(() => task.fakes.dispatched.at(-1)).toMatchObject({ attempt: 2 });
    await task.stub.resumeForDay('Once more');
    expect(task.fakes.dispatched.at(-1)).toMatchObject({ attempt: 2 });
  });
});

it('retry from scratch forgets the checkpoint, and begins at the base branch', async () => {
  const task = await spent();
  const [commit, sessionId] = ['b'.repeat(40), crypto.randomUUID()];
  await task.keep({ part: 'bundle', commit });
  await task.keep({ part: 'transcript', sessionId });
  await ask(task.stub, CANCEL);
  await ask(task.stub, { do: 'retry', from: 'scratch' });
  await expect.poll(() => task.fakes.dispatched.at(-1)).toMatchObject({ attempt: 2 });
  await task.stub.advance(2, 1);
  expect(await task.stub.brief(task.pass())).toMatchObject({
    value: { checkpoint: null, fresh: true },
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

  it('adds up in the task’s summary, each request once', async () => {
    const task = await startedTask();
    const id = ulid();
    for (const one of [id, id, ulid()]) await task.stub.callEnded(one, { ...row, id: one });
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
    await task.stub.callEnded('late', { ...row, id: 'late' });
    expect(await task.stub.summary()).toMatchObject({ usage: { cost: 0.5 } });
  });
});
