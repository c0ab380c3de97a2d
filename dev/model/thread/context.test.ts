import { expect, it } from 'vitest';
import { readContext } from './context.ts';

it('reads the repositories, the open tasks and the summary', () => {
  const context = readContext(`You are Mainloop.

Repositories:
- acme/todo (default branch main): A to-do list: for the command line.
- acme/bare (default branch trunk)

Open tasks:
- 01JD Add a [draft] badge [Needs answers] acme/todo

Summary of the conversation so far:
- The codeword is heron.
- Decided: deploy on Tuesdays.

Rules:
- Be short.
`);
  expect(context).toEqual({
    repositories: [
      { name: 'acme/todo', description: 'A to-do list: for the command line.', usual: null },
      { name: 'acme/bare', description: '', usual: null },
    ],
    openTasks: [
      {
        id: '01JD',
        title: 'Add a [draft] badge',
        status: 'Needs answers',
        repository: 'acme/todo',
      },
    ],
    waiting: [],
    summary: '- The codeword is heron.\n- Decided: deploy on Tuesdays.',
  });
});

it('reads what tasks wait for', () => {
  const system = [
    'Waiting for the person:',
    '- t1 Add an export command: question 1: Which format? [CSV | JSON]',
    '- t1 Add an export command: question 2: Which fields? [text | done] (several possible)',
    '- t2 Rework the store: plan 2 waits for approval [One file | A folder]',
    '- t3 Fix: done: plan 1 waits for approval',
    '',
  ].join('\n');
  expect(readContext(system).waiting).toEqual([
    {
      taskId: 't1',
      title: 'Add an export command',
      questions: [
        { question: 'Which format?', options: ['CSV', 'JSON'], several: false },
        { question: 'Which fields?', options: ['text', 'done'], several: true },
      ],
      alternatives: [],
    },
    {
      taskId: 't2',
      title: 'Rework the store',
      questions: [],
      alternatives: ['One file', 'A folder'],
    },
    { taskId: 't3', title: 'Fix: done', questions: [], alternatives: [] },
  ]);
});

it('does without all of them', () => {
  expect(readContext('You are Mainloop.\n\nOpen tasks:\n(none)')).toEqual({
    repositories: [],
    openTasks: [],
    waiting: [],
    summary: '',
  });
});
