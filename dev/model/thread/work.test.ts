import { expect, it } from 'vitest';
import { readContext } from './context.ts';
import { worksOf } from './work.ts';

const CONTEXT = readContext('');

const short = (words: string) =>
  worksOf(words, CONTEXT).map(({ repository, title, model = '', mode }) =>
    [repository, title, model, mode].join(' | '),
  );

it.each([
  [
    'Add a --json flag to the list command',
    ['acme/todo | Add a --json flag to the list command |  | direct'],
  ],
  [
    'use sonnet to write a changelog for acme/site',
    ['acme/site | Write a changelog | sonnet | direct'],
  ],
  ['Refactor src/cli.js with opus', ['acme/todo | Refactor src/cli.js | opus | plan']],
  [
    'Could you please add dark mode to the site?',
    ['acme/site | Add dark mode to the site |  | direct'],
  ],
  ['Add a dark mode in acme/nowhere', ['acme/nowhere | Add a dark mode |  | direct']],
  ['Add an export command', ['acme/todo | Add an export command |  | plan']],
  ['Add an export command, just do it', ['acme/todo | Add an export command |  | direct']],
  ['Add dark mode. Plan it first, please', ['acme/site | Add dark mode |  | plan']],
  [
    'Add a remove command and write a test for it',
    ['acme/todo | Add a remove command |  | direct'],
  ],
  [
    'Add a remove command with sonnet and then add due dates with haiku',
    [
      'acme/todo | Add a remove command | sonnet | direct',
      'acme/todo | Add due dates | haiku | direct',
    ],
  ],
  [
    'Please do these:\n1. Add due dates\n2. Add dark mode. Use haiku for all of them.',
    ['acme/todo | Add due dates | haiku | direct', 'acme/site | Add dark mode | haiku | direct'],
  ],
])('“%s” is this work', (words, works) => {
  expect(short(words)).toEqual(works);
});

it('goes by what the prompt tells: repositories, how their work begins, tasks to wait for', () => {
  const task = { id: 't1', title: 'Add an export command', status: 'Working', repository: '' };
  const repositories = [{ name: 'me/thing', about: '', usual: 'plan' as const }];
  const [work] = worksOf('Improve it after the export task, urgently', {
    ...CONTEXT,
    repositories,
    openTasks: [task],
  });
  const wanted = { repository: 'me/thing', mode: 'plan', after: 't1', priority: 'high' };
  expect(work).toMatchObject({ title: 'Improve it', ...wanted });
});
