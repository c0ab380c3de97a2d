import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../protocol/up.ts';
import type { ThreadClient } from './testing/client.ts';
import { QUIET, summaryOf } from './testing/facts.ts';
import { type FakeTasks, fakeTasks, openThread } from './testing/open-thread.ts';

/** A page of a person who has one task. */
async function withTask(tasks: FakeTasks): Promise<{ page: ThreadClient; taskId: string }> {
  const thread = await openThread({ task: tasks.task });
  const task = summaryOf({ id: ulid(), status: 'Working' });
  await thread.stub.taskReport({ ...QUIET, number: 1, task });
  return { page: await thread.page(), taskId: task.id };
}

const KINDS = {
  cancel: (id: string, taskId: string): Command => ({ type: 'cancel_task', id, taskId }),
  retry: (id: string, taskId: string): Command => ({ type: 'retry_task', id, taskId }),
  message: (id: string, taskId: string): Command => ({
    type: 'message_task',
    id,
    taskId,
    text: 'Use tabs',
    when: 'now',
  }),
};

describe.each(['cancel', 'retry', 'message'] as const)('%s', (what) => {
  it('reaches the task under the command’s own id, once', async () => {
    const tasks = fakeTasks();
    const { page, taskId } = await withTask(tasks);
    const id = ulid();
    page.send(KINDS[what](id, taskId));
    await page.first('ack', (ack) => ack.id === id);
    page.send(KINDS[what](id, taskId));
    await page.until(() => (page.all('ack').length === 2 ? true : null), 'two acks');
    expect(tasks.asked).toMatchObject([{ taskId, what, requestId: id }]);
  });

  it('of a task that is not this person’s is refused, and nobody is asked', async () => {
    const tasks = fakeTasks();
    const { page } = await withTask(tasks);
    const id = ulid();
    page.send(KINDS[what](id, ulid()));
    expect(await page.first('refused')).toMatchObject({ id, code: 'not_found' });
    expect(tasks.asked).toEqual([]);
  });

  it('that comes too late is refused in the task’s own words', async () => {
    const text = 'This task has ended already.';
    const refuse = async () => ({ is: 'refused', text }) as const;
    const tasks = fakeTasks({ cancel: refuse, retry: refuse, message: refuse });
    const { page, taskId } = await withTask(tasks);
    page.send(KINDS[what](ulid(), taskId));
    expect(await page.first('refused')).toMatchObject({ code: 'not_possible_now', text });
  });

  it('whose answer is lost is asked once more under the same id', async () => {
    let calls = 0;
    const flaky = async (requestId: string) => {
      asked.push(requestId);
      if (++calls === 1) throw new Error('the answer was lost');
      return { is: 'done' } as const;
    };
    const asked: string[] = [];
    const tasks = fakeTasks({ cancel: flaky, retry: flaky, message: flaky });
    const { page, taskId } = await withTask(tasks);
    const id = ulid();
    page.send(KINDS[what](id, taskId));
    expect(await page.first('ack')).toMatchObject({ id });
    expect(asked).toEqual([id, id]);
  });

  it('to a task that cannot be reached is refused in words', async () => {
    const away = async () => {
      throw new Error('the object is not there');
    };
    const tasks = fakeTasks({ cancel: away, retry: away, message: away });
    const { page, taskId } = await withTask(tasks);
    const id = ulid();
    page.send(KINDS[what](id, taskId));
    expect(await page.first('refused')).toMatchObject({
      id,
      code: 'not_possible_now',
      text: expect.stringMatching(/could not be reached/),
    });
  });
});

it('an empty message to a task is refused in words', async () => {
  const tasks = fakeTasks();
  const { page, taskId } = await withTask(tasks);
  page.send({ type: 'message_task', id: ulid(), taskId, text: ' ', when: 'now' });
  expect(await page.first('refused')).toMatchObject({ code: 'empty' });
  expect(tasks.asked).toEqual([]);
});

it('a message to a task that is too long is refused in words', async () => {
  const tasks = fakeTasks();
  const { page, taskId } = await withTask(tasks);
  page.send({ type: 'message_task', id: ulid(), taskId, text: 'x'.repeat(100_001), when: 'later' });
  expect(await page.first('refused')).toMatchObject({ code: 'too_long' });
  expect(tasks.asked).toEqual([]);
});
