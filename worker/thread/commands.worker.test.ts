import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import type { TaskCommand } from '../../protocol/task-command.ts';
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

/** One command of each kind. */
const COMMANDS: { [Does in TaskCommand['do']]: Extract<TaskCommand, { do: Does }> } = {
  cancel: { do: 'cancel', close: true },
  retry: { do: 'retry', from: 'scratch' },
  message: { do: 'message', text: 'Use tabs', when: 'now' },
  arrange_queue: { do: 'arrange_queue', messages: [{ id: ulid(), text: 'Use tabs' }] },
  interrupt: { do: 'interrupt' },
  set_model: { do: 'set_model', model: 'sonnet' },
  raise_budget: { do: 'raise_budget', limit: 10 },
  merge: { do: 'merge' },
  mend: { do: 'mend', what: 'comments' },
  answer: { do: 'answer', questionId: ulid(), answers: [{ chosen: ['CSV'], other: '' }] },
  mark_viewed: { do: 'mark_viewed', mark: { path: 'a.js', hash: 'one' }, isViewed: true },
  decide: { do: 'decide', planId: ulid(), hash: 'a'.repeat(64), verdict: { is: 'reject' } },
};

describe.each(Object.values(COMMANDS))('$do', (command) => {
  const frame = (id: string, taskId: string) => ({ type: 'task', id, taskId, command }) as const;

  it('reaches the task as it was given, under the command’s own id, once', async () => {
    const tasks = fakeTasks();
    const { page, taskId } = await withTask(tasks);
    const id = ulid();
    page.send(frame(id, taskId));
    await page.first('ack', (ack) => ack.id === id);
    page.send(frame(id, taskId));
    await page.until(() => (page.all('ack').length === 2 ? true : null), 'two acks');
    expect(tasks.asked).toEqual([{ taskId, id, command, by: { is: 'app' } }]);
  });

  it('of a task that is not this person’s is refused, and nobody is asked', async () => {
    const tasks = fakeTasks();
    const { page } = await withTask(tasks);
    const id = ulid();
    page.send(frame(id, ulid()));
    expect(await page.first('refused')).toMatchObject({ id, code: 'not_found' });
    expect(tasks.asked).toEqual([]);
  });
});

const CANCEL = { type: 'task', command: COMMANDS.cancel } as const;

it('a command that comes too late is refused in the task’s own words', async () => {
  const text = 'This task has ended already.';
  const tasks = fakeTasks({ command: async () => ({ is: 'refused', text }) });
  const { page, taskId } = await withTask(tasks);
  page.send({ ...CANCEL, id: ulid(), taskId });
  expect(await page.first('refused')).toMatchObject({ code: 'not_possible_now', text });
});

it('a command whose answer is lost is given once more under the same id', async () => {
  const asked: string[] = [];
  const tasks = fakeTasks({
    command: async (id) => {
      asked.push(id);
      if (asked.length === 1) throw new Error('the answer was lost');
      return { is: 'done' };
    },
  });
  const { page, taskId } = await withTask(tasks);
  const id = ulid();
  page.send({ ...CANCEL, id, taskId });
  expect(await page.first('ack')).toMatchObject({ id });
  expect(asked).toEqual([id, id]);
});

it('a command to a task that cannot be reached is refused in words', async () => {
  const tasks = fakeTasks({
    command: async () => {
      throw new Error('the object is not there');
    },
  });
  const { page, taskId } = await withTask(tasks);
  const id = ulid();
  page.send({ ...CANCEL, id, taskId });
  expect(await page.first('refused')).toMatchObject({
    id,
    code: 'not_possible_now',
    text: expect.stringMatching(/could not be reached/),
  });
});

it('a command that nobody knows is refused under its id, so that the page lets go of it', async () => {
  const tasks = fakeTasks();
  const { page, taskId } = await withTask(tasks);
  const id = ulid();
  page.raw(JSON.stringify({ type: 'task', id, taskId, command: { do: 'juggle' } }));
  expect(await page.first('refused')).toMatchObject({ id, code: 'malformed' });
  expect(tasks.asked).toEqual([]);
});

it('a message that waits with nothing but files can be arranged with the others', async () => {
  const tasks = fakeTasks();
  const { page, taskId } = await withTask(tasks);
  const file = { id: ulid(), name: 'a.txt', type: 'text/plain' as const, bytes: 1 };
  const messages = [{ id: ulid(), text: '', attachments: [file] }];
  page.send({ type: 'task', id: ulid(), taskId, command: { do: 'arrange_queue', messages } });
  await page.first('ack');
  expect(tasks.asked).toMatchObject([{ command: { messages } }]);
});

it.each([
  { what: 'empty', text: ' ', code: 'empty' },
  { what: 'too long', text: 'x'.repeat(100_001), code: 'too_long' },
])('a text to a task that is $what is refused in words, wherever it stands', async (bad) => {
  const tasks = fakeTasks();
  const { page, taskId } = await withTask(tasks);
  const { text, code } = bad;
  const messages = [
    { id: ulid(), text: 'Use tabs' },
    { id: ulid(), text },
  ];
  const commands: TaskCommand[] = [
    { do: 'message', text, when: 'later' },
    { do: 'arrange_queue', messages },
  ];
  for (const command of commands) page.send({ type: 'task', id: ulid(), taskId, command });
  await page.until(() => (page.all('refused').length === 2 ? true : null), 'two refusals');
  expect(page.all('refused').map((frame) => frame.code)).toEqual([code, code]);
  expect(tasks.asked).toEqual([]);
});
