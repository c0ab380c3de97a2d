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
      { name: 'acme/todo', description: 'A to-do list: for the command line.' },
      { name: 'acme/bare', description: '' },
    ],
    openTasks: [
      {
        id: '01JD',
        title: 'Add a [draft] badge',
        status: 'Needs answers',
        repository: 'acme/todo',
      },
    ],
    summary: '- The codeword is heron.\n- Decided: deploy on Tuesdays.',
  });
});

it('does without all of them', () => {
  expect(readContext('You are Mainloop.\n\nOpen tasks:\n(none)')).toEqual({
    repositories: [],
    openTasks: [],
    summary: '',
  });
});
