import { ulid } from 'ulid';
import { expect, it } from 'vitest';
import { readKept } from './kept-command.ts';

const [id, taskId] = [ulid(), ulid()];

it.each([
  [{ type: 'cancel_task' }, { do: 'cancel', close: false }],
  [
    { type: 'cancel_task', close: true },
    { do: 'cancel', close: true },
  ],
  [{ type: 'retry_task' }, { do: 'retry', from: 'checkpoint' }],
  [
    { type: 'message_task', text: 'Use tabs', when: 'later' },
    { do: 'message', text: 'Use tabs', when: 'later' },
  ],
  [
    { type: 'answer_question', questionId: id, answers: [{ chosen: ['CSV'], other: '' }] },
    { do: 'answer', questionId: id, answers: [{ chosen: ['CSV'], other: '' }] },
  ],
  [
    { type: 'set_task_model', model: 'haiku' },
    { do: 'set_model', model: 'haiku' },
  ],
])('what an older page left as %j is sent as it is said now', (left, command) => {
  expect(readKept({ command: { ...left, id, taskId }, at: 1 })).toEqual({
    command: { type: 'task', id, taskId, command },
    at: 1,
    person: null,
  });
});

it('what is said today is read as it is, and what nobody knows is left out', () => {
  const pending = { command: { type: 'send', id, text: 'Hello' }, at: 1, person: 'ana' };
  expect(readKept(pending)).toEqual(pending);
  expect(readKept({ command: { type: 'juggle_task', id, taskId }, at: 1 })).toBeNull();
  expect(readKept('nonsense')).toBeNull();
});
