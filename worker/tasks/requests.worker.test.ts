import { ulid } from 'ulid';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ask, CANCEL, RETRY, say, startedTask, step } from './testing/open-task.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});
const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);

const viewed = (path: string, hash: string, isViewed = true) =>
  ({ do: 'mark_viewed', mark: { path, hash }, isViewed }) as const;

it('what the person has looked at is kept by file and change, until they take it back', async () => {
  const task = await startedTask();
  const marks = async () => (await task.stub.details())?.viewed;
  await ask(task.stub, viewed('a.js', 'one'));
  await ask(task.stub, viewed('b.js', 'one'));
  await ask(task.stub, viewed('a.js', 'two'));
  expect(await marks()).toEqual([
    { path: 'a.js', hash: 'two' },
    { path: 'b.js', hash: 'one' },
  ]);
  await ask(task.stub, viewed('b.js', 'one', false));
  await ask(task.stub, CANCEL);
  // Also of what is over: it is looked at most then.
  expect(await ask(task.stub, viewed('c'.repeat(4_000), 'one'))).toEqual({ is: 'done' });
  expect((await marks())?.map(({ path }) => path.length)).toEqual([4_000, 4]);
});

it('marks do not grow without end: the oldest go', async () => {
  const task = await startedTask();
  for (let file = 0; file < 30; file++) {
    await ask(task.stub, viewed(`${file}/${'x'.repeat(3_990)}`, 'one'));
  }
  const { viewed: kept = [] } = (await task.stub.details()) ?? {};
  expect(kept.length).toBeLessThan(30);
  expect(kept[0]?.path).toMatch(/^29/);
  expect(JSON.stringify(kept).length).toBeLessThan(120_000);
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
