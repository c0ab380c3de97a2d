import { expect, it } from 'vitest';
import { readContext } from './context.ts';
import { worksOf } from './work.ts';

const CONTEXT = {
  ...readContext(''),
  repositories: [
    { name: 'acme/todo', description: 'A to-do list for the command line.' },
    { name: 'acme/site', description: 'The Acme website.' },
  ],
};

it.each([
  ['Add a --json flag to the list command', 'todo: Add a --json flag to the list command (direct)'],
  ['use sonnet to write a changelog for acme/site', 'site: Write a changelog (direct, sonnet)'],
  ['Refactor src/cli.js with opus', 'todo: Refactor src/cli.js (plan, opus)'],
  ['Could you please add a footer to the site?', 'site: Add a footer to the site (direct)'],
  ['Add a dark mode in acme/nowhere', 'nowhere: Add a dark mode (direct)'],
  ['Add an export command', 'todo: Add an export command (plan)'],
  ['Add an export command, just do it', 'todo: Add an export command (direct)'],
  ['Add dark mode. Plan it first, please', 'site: Add dark mode (plan)'],
  ['Add a remove command and write a test for it', 'todo: Add a remove command (direct)'],
  [
    'Add X with sonnet and then fix Y with haiku',
    'todo: Add X (direct, sonnet); todo: Fix Y (direct, haiku)',
  ],
  [
    'Do these:\n1. Add X\n2. Add a feed to the site. Use haiku for all of them.',
    'todo: Add X (direct, haiku); site: Add a feed to the site (direct, haiku)',
  ],
])('“%s” is this work', (words, works) => {
  const told = worksOf(words, CONTEXT).map(({ repository, title, mode, model }) => {
    const how = [mode, model].filter((one) => one !== undefined).join(', ');
    return `${repository.replace('acme/', '')}: ${title} (${how})`;
  });
  expect(told.join('; ')).toBe(works);
});

it('goes by what the prompt tells: repositories, how their work begins, tasks to wait for', () => {
  const openTasks = [{ id: 't1', title: 'Add an export', status: 'Working', repository: '' }];
  const how = { mode_unless_the_person_says_otherwise: 'plan' } as const;
  const repositories = [{ name: 'me/thing', description: '', ...how }];
  const context = { ...CONTEXT, repositories, openTasks };
  const [work] = worksOf('Improve it after the export task, urgently', context);
  const wanted = { repository: 'me/thing', mode: 'plan', after: 't1', priority: 'high' };
  expect(work).toMatchObject({ title: 'Improve it', ...wanted });
});
