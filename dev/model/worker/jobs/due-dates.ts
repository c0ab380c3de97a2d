import { after, atEnd, before, swap } from '../edits.ts';
import { type Job, changed, created } from '../job.ts';
import { ADD_TESTS, DUE, DUE_TEST, FORMAT_TEST, README_SECTION } from './due-dates-files.ts';

const ADD = 'src/commands/add.js';
const FORMAT = 'src/format.js';

export const dueDates: Job = {
  matches: (task) => /\bdue[ -]?(?:dates?|days?|on|by)\b|--due\b|\bdeadlines?\b/i.test(task),
  needs: [ADD, FORMAT, 'src/dates.js'],
  title: () => 'Add due dates',
  headline: () => '`todo add … --due <day>` keeps a due date, and `todo list` shows it.',
  why: () =>
    'A to-do could not say until when. `todo add <text> --due <day>` takes a date, a weekday, `today` or `tomorrow`; `todo list` says when each is due, and `OVERDUE` when the day has passed. What is done is not due any more. Lists from before have no due dates and look as they did.',
  carriesOut: (remark) => /\breadme\b/i.test(remark),

  stages: () => [
    { is: 'read', path: ADD, say: 'It starts where a to-do is made.' },
    { is: 'read', path: 'src/dates.js', say: 'What there is about days already.' },
    { is: 'read', path: FORMAT, say: 'And where a line is put together.' },
    {
      is: 'read',
      path: 'src/store.js',
      say: 'The store keeps whatever fields a to-do has, so nothing changes there.',
    },
    created(
      'test/due.test.js',
      "from '../src/due.js'",
      DUE_TEST,
      'What a day may look like and how it is said, as tests first.',
    ),
    created(
      'src/due.js',
      'export function parseDue',
      DUE,
      'Reading a day and saying it in words: both pure, with today as an argument.',
    ),
    {
      is: 'run',
      command: 'node --test --test-reporter=spec test/due.test.js',
      description: 'Run the tests of the new file',
      say: 'The part that stands by itself.',
    },
    changed(
      ADD,
      "from '../due.js'",
      (text) =>
        before(text, /^import \{ UsageError \}/m, "import { parseDue } from '../due.js';\n"),
      'Now `add` takes it.',
    ),
    changed(
      ADD,
      '[--due <day>]',
      (text) => swap(text, /usage: 'add <text>/, (match) => `${match[0]} [--due <day>]`),
      'In its usage line.',
    ),
    changed(
      ADD,
      "due: { type: 'string' }",
      (text) =>
        swap(text, /options: \{(?: (.*?),?)? ?\},/, (match) =>
          match[1] === undefined
            ? "options: { due: { type: 'string' } },"
            : `options: { ${match[1]}, due: { type: 'string' } },`,
        ),
      'As an option.',
    ),
    changed(
      ADD,
      'run({ values,',
      (text) => swap(text, /run\(\{ /, () => 'run({ values, '),
      'The options come in as `values`.',
    ),
    changed(
      ADD,
      'todo.due = ',
      (text) =>
        after(
          text,
          /^ {4}const todo = \{.*\};\n/m,
          '    if (values.due !== undefined) todo.due = parseDue(values.due, today);\n',
        ),
      'And it is kept, before anything is saved, so that a day which is none adds nothing.',
    ),
    changed(
      'test/add.test.js',
      "test('add --due",
      (text) => atEnd(text, ADD_TESTS),
      'Tests for both.',
    ),
    created(
      'test/format.test.js',
      'a line ends with when it is due',
      FORMAT_TEST,
      'Next, the line that `list` shows: what it should look like.',
    ),
    changed(
      FORMAT,
      "from './due.js'",
      (text) =>
        after(text, /^import \{ daysBetween \}.*\n/m, "import { describeDue } from './due.js';\n"),
      'The words come from there.',
    ),
    changed(
      FORMAT,
      'const due = ',
      (text) =>
        before(
          text,
          /^ {2}return `\$\{String\(/m,
          "  const due = todo.due && !todo.done ? `  ${describeDue(todo.due, today)}` : '';\n",
        ),
      'Only while it is open.',
    ),
    changed(
      FORMAT,
      ')})${due}`',
      (text) => swap(text, /\(todo\.created, today\)\}\)`/, () => '(todo.created, today)})${due}`'),
      'At the end, where it does not push the text about.',
    ),
    {
      is: 'run',
      command:
        'export TODO_FILE="$(mktemp -d)/todo.json"; node bin/todo.js add Pay the rent --due tomorrow; node bin/todo.js add Water the plants; node bin/todo.js list; node bin/todo.js add Nothing --due soon',
      description: 'Try due dates by hand',
      say: 'Tried by hand: with a due date, without one, and with a day that is none.',
    },
    changed(
      'README.md',
      '### `todo add <text> [--due',
      (text) => swap(text, /^### `todo add <text>/m, (match) => `${match[0]} [--due <day>]`),
      'The README: the option.',
    ),
    changed(
      'README.md',
      '## Due dates',
      (text) => before(text, /^## Development/m, README_SECTION),
      'And a section on what a day may be and how it looks.',
    ),
  ],
};
