import type { Edit } from '../edits.ts';
import { after, swap } from '../edits.ts';
import { type Change, type Job, type Order, changed } from '../job.ts';

const CLI = 'src/cli.js';
const COMMAND = 'src/commands/export.js';
const TESTS = 'test/export.test.js';

const FORMAT_QUESTION = 'Which format should the export have?';
const FIELDS_QUESTION = 'Which fields should it have?';
const FIELDS = ['number', 'text', 'done', 'created'] as const;
const OPEN_ONLY = 'Only what is open';

/** What the export shall be, as far as it was decided. */
type Choices = {
  format: 'CSV' | 'JSON';
  fields: string[];
  separator: string;
  openOnly: boolean;
};

function choicesOf({ answers, remarks, picked }: Order): Choices {
  const format = answers.get(FORMAT_QUESTION) ?? '';
  const wanted = answers.get(FIELDS_QUESTION)?.toLowerCase() ?? 'number, text, done';
  const fields = FIELDS.filter((field) => new RegExp(`\\b${field}\\b`).test(wanted));
  const separators = remarks.flatMap((remark) => {
    if (/\bsemi-?colons?\b/i.test(remark)) return [';'];
    return /\btabs?\b/i.test(remark) ? ['\\t'] : [];
  });
  return {
    format: /json/i.test(format) ? 'JSON' : 'CSV',
    fields: fields.length > 0 ? fields : ['number', 'text', 'done'],
    separator: separators.at(-1) ?? ',',
    openOnly:
      picked.startsWith(OPEN_ONLY) || remarks.some((one) => /\bonly\b.*\bopen\b/i.test(one)),
  };
}

const list = (words: readonly string[]) => words.map((word) => `'${word}'`).join(', ');

function command({ format, fields, separator, openOnly }: Choices): string {
  const todos = openOnly ? 'store.load().filter((todo) => !todo.done)' : 'store.load()';
  const head = `const FIELDS = [${list(fields)}];\n`;
  const object = (run: string) => `export const exportTodos = {
  name: 'export',
  usage: 'export',
  summary: 'Print ${openOnly ? 'what is open' : 'the whole list'} as ${format}.',
  options: {},

  run(_, store) {
    const todos = ${todos};
${run}
  },
};
`;
  if (format === 'JSON') {
    return `${head}
${object(`    const rows = todos.map((todo) => Object.fromEntries(FIELDS.map((field) => [field, todo[field]])));
    return JSON.stringify(rows, null, 2);`)}`;
  }
  return `${head}const SEPARATOR = '${separator}';

/** One cell of a line: in quotes where it holds a quote, a line break or the separator. */
function cell(value) {
  const text = String(value);
  const isPlain = !['"', '\\n', SEPARATOR].some((mark) => text.includes(mark));
  return isPlain ? text : \`"\${text.replaceAll('"', '""')}"\`;
}

${object(`    const rows = todos.map((todo) => FIELDS.map((field) => cell(todo[field])));
    return [FIELDS, ...rows].map((row) => row.join(SEPARATOR)).join('\\n');`)}`;
}

const SAMPLE = [
  { number: 1, text: 'Water the plants', done: true, created: '2026-11-02' },
  { number: 2, text: 'Say "hello", then go; or stay', done: false, created: '2026-11-08' },
];

/** What the sample's export must be. */
function expected({ format, fields, separator, openOnly }: Choices): string {
  const rows: Record<string, unknown>[] = SAMPLE.filter((todo) => !openOnly || !todo.done);
  if (format === 'JSON') {
    const wanted = rows.map((row) =>
      Object.fromEntries(fields.map((field) => [field, row[field]])),
    );
    return `assert.deepEqual(JSON.parse(output), ${JSON.stringify(wanted)});`;
  }
  const mark = separator === '\\t' ? '\t' : separator;
  const cell = (value: unknown) => {
    const text = String(value);
    return ['"', mark].some((one) => text.includes(one)) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = [fields, ...rows.map((row) => fields.map((field) => cell(row[field])))];
  const wanted = lines.map((line) => `    ${JSON.stringify(line.join(mark))},`).join('\n');
  return `assert.deepEqual(output.split('\\n'), [\n${wanted}\n  ]);`;
}

function tests(choices: Choices): string {
  const sample = SAMPLE.map(
    ({ text, done, created }) => `    { text: '${text}', done: ${done}, created: '${created}' },`,
  ).join('\n');
  return `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../src/cli.js';
import { memoryStore } from '../src/store.js';

test('export prints the list as ${choices.format}', () => {
  const store = memoryStore([
${sample}
  ]);
  const { code, output } = run(['export'], store);
  assert.equal(code, 0);
  ${expected(choices)}
});

test('export of an empty list is no mistake', () => {
  assert.equal(run(['export'], memoryStore()).code, 0);
});
`;
}

/** A file that is written whole, and anew when something else was decided since. */
function kept(path: string, content: string, say: string): Change {
  const edit = (text: string | null): Edit =>
    text?.trimEnd() === content.trimEnd() ? { is: 'present' } : { is: 'create', content };
  return { is: 'change', path, say, edit };
}

function described({ format, fields, separator, openOnly }: Choices): string {
  const marks: Record<string, string> = {
    ';': ', separated by semicolons',
    '\\t': ', separated by tabs',
  };
  const how = format === 'CSV' ? (marks[separator] ?? '') : '';
  const what = openOnly ? 'what is open' : 'the whole list';
  return `\`todo export\` prints ${what} as ${format} with the fields ${fields.join(', ')}${how}.`;
}

const section = (choices: Choices) => `### \`todo export\`

${described(choices).replace('`todo export` prints', 'Prints')}

`;

export const exportCommand: Job = {
  matches: (task) => /\bexport(?:s|ing)?\b/i.test(task),
  needs: [CLI, 'src/commands/list.js'],
  title: () => 'Add an export command',
  headline: (order) => described(choicesOf(order)),
  why: () =>
    'The list could only be read on the screen. With `todo export` another program can take it, for a spreadsheet or a backup.',
  carriesOut: (remark) => /\b(?:readme|semi-?colons?|tabs?)\b|\bonly\b.*\bopen\b/i.test(remark),
  questions: [
    {
      question: FORMAT_QUESTION,
      header: 'Format',
      multiSelect: false,
      options: [
        { label: 'CSV', description: 'One to-do a line; opens in every spreadsheet.' },
        { label: 'JSON', description: 'A list of objects, for other programs.' },
      ],
    },
    {
      question: FIELDS_QUESTION,
      header: 'Fields',
      multiSelect: true,
      options: [
        { label: 'number', description: 'The number that other commands take.' },
        { label: 'text', description: 'What there is to do.' },
        { label: 'done', description: 'Whether it is done.' },
        { label: 'created', description: 'The day on which it was added.' },
      ],
    },
  ],
  alternatives: [
    '**Everything**: what is open and what is done, as planned above.',
    `**${OPEN_ONLY}**: what is done is left out.`,
  ],

  stages: (order) => {
    const choices = choicesOf(order);
    return [
      { is: 'read', path: CLI, say: 'Where commands are found.' },
      { is: 'read', path: 'src/commands/list.js', say: '`list` reads the same to-dos.' },
      { is: 'read', path: 'src/store.js', say: 'What a to-do holds.' },
      kept(TESTS, tests(choices), 'What it has to print, as tests.'),
      { is: 'prove', say: 'They fail, because there is no such command yet.' },
      kept(COMMAND, command(choices), 'The command.'),
      changed(
        CLI,
        "from './commands/export.js'",
        (text) =>
          after(
            text,
            /^import .* from '\.\/commands\/done\.js';\n/m,
            "import { exportTodos } from './commands/export.js';\n",
          ),
        'Make it known.',
      ),
      changed(
        CLI,
        ', exportTodos]',
        (text) =>
          swap(
            text,
            /^const COMMANDS = \[(.*)\];$/m,
            (match) => `const COMMANDS = [${match[1]}, exportTodos];`,
          ),
        'At the end of the help.',
      ),
      {
        is: 'run',
        command:
          'export TODO_FILE="$(mktemp -d)/todo.json"; node bin/todo.js add Buy stamps; node bin/todo.js export',
        description: 'Try export by hand',
        say: 'Tried by hand.',
      },
      // It writes no documentation unless somebody, or a check, says so.
      ...(order.remarks.some((remark) => /\breadme\b/i.test(remark))
        ? [
            changed(
              'README.md',
              '### `todo export',
              (text) => swap(text, /^## Where it is kept/m, (match) => section(choices) + match[0]),
              'A section in the README.',
            ),
          ]
        : []),
    ];
  },
};
