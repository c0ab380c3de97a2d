import { atEnd, swap } from '../edits.ts';
import { type Job, changed } from '../job.ts';
import { pickFile } from './pick.ts';

const DONE = 'src/commands/done.js';
const DONE_TEST = 'test/done.test.js';

const REPRODUCE =
  'export TODO_FILE="$(mktemp -d)/todo.json"; node bin/todo.js add Buy stamps && node bin/todo.js done 7';

const TESTS = `
for (const given of ['0', '3', '-1', '1.5', 'x', '']) {
  test(\`done "\${given}" says which numbers there are, and changes nothing\`, () => {
    const todos = store();
    const before = todos.load();
    const { code, output, error } = run(['done', '--', given], todos);
    assert.equal(code, 1);
    assert.equal(output, '');
    assert.equal(error, \`There is no to-do "\${given}": the list has 1 to 2.\`);
    assert.deepEqual(todos.load(), before);
  });
}

test('done without a number asks for one', () => {
  assert.equal(run(['done'], store()).error, 'Say which one: a number, 1 to 2.');
});

test('done on an empty list says that it is empty', () => {
  const { code, error } = run(['done', '1'], memoryStore());
  assert.equal(code, 1);
  assert.equal(error, 'The list is empty.');
});
`;

export const doneRange: Job = {
  matches: (task) =>
    /\bdone\b/i.test(task) &&
    /\b(?:range|crash\w*|bugs?|fix|off.by.one|invalid|exception|stack trace|not in the list|does ?n.t exist)\b/i.test(
      task,
    ),
  needs: [DONE, DONE_TEST],
  title: () => 'Fix done for numbers that are not in the list',
  headline: () => '`todo done` with a number that is not in the list says so instead of crashing.',
  why: () =>
    '`todo done 7` on a shorter list ended with a TypeError and a stack trace, and so did `todo done` without a number: the command took whatever was at that place in the list. Now it says in one sentence which numbers there are, with exit code 1, and changes nothing. Finding a to-do by its number is in `src/pick.js`, for other commands that need it.',
  carriesOut: () => false,

  stages: () => [
    { is: 'read', path: DONE, say: 'The command first.' },
    {
      is: 'run',
      only: 'before',
      command: REPRODUCE,
      description: 'Reproduce the crash',
      say: 'Nothing checks the number. Let me see it fail.',
    },
    { is: 'read', path: DONE_TEST, say: 'No test goes near this; here they belong.' },
    changed(
      DONE_TEST,
      'says which numbers there are, and changes nothing',
      (text) => atEnd(text, TESTS),
      'Tests before the fix: below, above, between, no number at all, and an empty list.',
    ),
    { is: 'prove', say: 'They must fail now.' },
    pickFile,
    changed(
      DONE,
      "from '../pick.js'",
      (text) =>
        swap(
          text,
          /^export const done/m,
          (match) => `import { pick } from '../pick.js';\n\n${match[0]}`,
        ),
      'The command uses it.',
    ),
    changed(
      DONE,
      'pick(todos, ',
      (text) =>
        swap(text, /todos\[Number\(positionals\[0\]\) - 1\]/, () => 'pick(todos, positionals[0])'),
      'Instead of taking what is at that place.',
    ),
  ],
};
