import { after, swap } from '../edits.ts';
import { type Job, changed, created } from '../job.ts';
import { pickFile } from './pick.ts';

const CLI = 'src/cli.js';

const REMOVE = `import { pick } from '../pick.js';

export const remove = {
  name: 'remove',
  usage: 'remove <number>',
  summary: 'Take a to-do off the list.',
  options: {},

  run({ positionals }, store) {
    const todos = store.load();
    const todo = pick(todos, positionals[0]);
    store.save(todos.filter((other) => other !== todo));
    return \`Removed: \${todo.text}\`;
  },
};
`;

const TESTS = `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../src/cli.js';
import { memoryStore } from '../src/store.js';

function store() {
  return memoryStore([
    { text: 'Water the plants', done: true, created: '2026-11-02' },
    { text: 'Call the dentist', done: false, created: '2026-11-08' },
    { text: 'Buy stamps', done: false, created: '2026-11-09' },
  ]);
}

test('remove takes the to-do with that number off the list, and the others close up', () => {
  const todos = store();
  const { code, output } = run(['remove', '2'], todos);
  assert.equal(code, 0);
  assert.equal(output, 'Removed: Call the dentist');
  assert.deepEqual(
    todos.load().map(({ number, text }) => [number, text]),
    [
      [1, 'Water the plants'],
      [2, 'Buy stamps'],
    ],
  );
});

test('remove takes away what is done, too', () => {
  const todos = store();
  run(['remove', '1'], todos);
  assert.equal(todos.load().length, 2);
});

test('remove with a number that is not there says so and removes nothing', () => {
  const todos = store();
  const { code, error } = run(['remove', '4'], todos);
  assert.equal(code, 1);
  assert.match(error, /There is no to-do "4"/);
  assert.equal(todos.load().length, 3);
});

test('remove stands in the help', () => {
  assert.match(run([], store()).output, /^ {2}remove <number>/m);
});
`;

const SECTION = `### \`todo remove <number>\`

Takes a to-do off the list, done or not. Those below it move up by one.

`;

export const removeCommand: Job = {
  matches: (task) =>
    /\b(?:remove|delete|rm)\b/i.test(task) &&
    /\b(?:commands?|to-?dos?|items?|entr(?:y|ies))\b/i.test(task) &&
    /\b(?:add|new|implement|write|build|create|support|missing|no|need|want|make|way)\b/i.test(
      task,
    ),
  needs: [CLI, 'src/commands/done.js'],
  title: () => 'Add a remove command',
  headline: () => '`todo remove <number>` takes a to-do off the list.',
  why: () =>
    'A to-do that was added by mistake could only be marked as done, and stayed in `todo list --all` for ever. `todo remove <number>` takes it off the list. A number that is not in the list is answered in one sentence, with exit code 1, and nothing is removed.',
  carriesOut: (remark) => /\breadme\b/i.test(remark),

  stages: () => [
    { is: 'read', path: CLI, say: 'Where commands are found.' },
    {
      is: 'read',
      path: 'src/commands/done.js',
      say: '`done` takes a number too; the new one follows it.',
    },
    {
      is: 'read',
      path: 'src/store.js',
      say: 'Numbers come from the place in the file, so the rest closes up by itself.',
    },
    created('test/remove.test.js', "test('remove ", TESTS, 'What it has to do, as tests.'),
    { is: 'prove', say: 'They fail, because there is no such command yet.' },
    pickFile,
    created('src/commands/remove.js', 'export const remove', REMOVE, 'The command.'),
    changed(
      CLI,
      "from './commands/remove.js'",
      (text) =>
        after(
          text,
          /^import .* from '\.\/commands\/list\.js';\n/m,
          "import { remove } from './commands/remove.js';\n",
        ),
      'Make it known.',
    ),
    changed(
      CLI,
      ', remove]',
      (text) =>
        swap(
          text,
          /^const COMMANDS = \[(.*)\];$/m,
          (match) => `const COMMANDS = [${match[1]}, remove];`,
        ),
      'At the end of the help.',
    ),
    {
      is: 'run',
      command:
        'export TODO_FILE="$(mktemp -d)/todo.json"; node bin/todo.js add Buy stamps; node bin/todo.js add Call the dentist; node bin/todo.js remove 1; node bin/todo.js list; node bin/todo.js remove 9; node bin/todo.js help',
      description: 'Try remove by hand',
      say: 'Tried by hand.',
    },
    changed(
      'README.md',
      '### `todo remove',
      (text) => swap(text, /^## Where it is kept/m, (match) => SECTION + match[0]),
      'A section in the README.',
    ),
  ],
};
