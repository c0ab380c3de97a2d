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
