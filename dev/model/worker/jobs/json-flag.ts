import { type Edit, after, atEnd, swap } from '../edits.ts';
import { type Job, type Order, changed } from '../job.ts';

const LIST = 'src/commands/list.js';
const LIST_TEST = 'test/list.test.js';
const FLAG = /--[a-z-]*json[a-z-]*/g;
const USUAL = '--json';

/** The flag's name: the last one that was named. */
function flagOf({ task, remarks }: Order): string {
  return [task, ...remarks].flatMap((text) => text.match(FLAG) ?? []).at(-1) ?? USUAL;
}

/** Names that were asked for earlier and may stand in the files by now. */
function formerFlags(order: Order): string[] {
  const { task, remarks } = order;
  const named = [USUAL, task, ...remarks].flatMap((text) => text.match(FLAG) ?? []);
  return [...new Set(named)].filter((flag) => flag !== flagOf(order));
}

/** The flag as a key of an object, and as a property of `values`. */
function keyOf(flag: string): string {
  const name = flag.slice(2);
  return name.includes('-') ? `'${name}'` : name;
}
function propertyOf(flag: string): string {
  const name = flag.slice(2);
  return name.includes('-') ? `values['${name}']` : `values.${name}`;
}

const option = (flag: string) => `${keyOf(flag)}: { type: 'boolean' }`;
const branch = (flag: string) =>
  `    if (${propertyOf(flag)}) return JSON.stringify(todos, null, 2);\n`;
const tests = (flag: string) => `
test('list ${flag} prints the open to-dos for a program to read', () => {
  const { code, output } = run(['list', '${flag}'], store(), TODAY);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(output), [
    { number: 2, text: 'Call the dentist', done: false, created: '2026-11-08' },
    { number: 3, text: 'Buy stamps', done: false, created: TODAY },
  ]);
});

test('list ${flag} of an empty list is an empty array, and goes with --all', () => {
  assert.equal(run(['list', '${flag}'], memoryStore()).output, '[]');
  assert.equal(JSON.parse(run(['list', '--all', '${flag}'], store(), TODAY).output).length, 3);
});
`;
const paragraph = (flag: string) => `
\`${flag}\` prints the same to-dos as a JSON array, for other programs: each has \`number\`,
\`text\`, \`done\` and \`created\`. An empty list is \`[]\`.
`;

export const jsonFlag: Job = {
  matches: (task) => /\bjson\b/i.test(task) && /\b(?:list|flag|output|print)/i.test(task),
  needs: [LIST, LIST_TEST],
  title: (order) => `Add ${flagOf(order)} to list`,
  headline: (order) => `\`todo list ${flagOf(order)}\` prints the list as JSON.`,
  why: (order) =>
    `Other programs could only read the list by taking its lines apart. \`todo list ${flagOf(order)}\` prints the same to-dos as a JSON array, in the same order, and goes together with \`--all\`. An empty list prints \`[]\` instead of the sentence for people.`,
  carriesOut: (remark) => remark.match(FLAG) !== null || /\breadme\b/i.test(remark),

  stages(order) {
    const flag = flagOf(order);
    const former = formerFlags(order);
    /** There with the right name; there with a former name, which is replaced; or not there yet. */
    const piece = (
      path: string,
      write: (flag: string) => string,
      say: string,
      edit: (text: string) => Edit,
    ) =>
      changed(
        path,
        write(flag),
        (text) => {
          const old = former.map(write).find((one) => text.includes(one));
          if (old === undefined) return edit(text);
          return { is: 'replace', old, new: write(flag), say: `Now it is ${flag}.` };
        },
        say,
      );
    return [
      { is: 'read', path: LIST, say: 'First, how `list` works today.' },
      {
        is: 'read',
        path: 'src/format.js',
        say: 'And how a line is made, to see what a to-do holds.',
      },
      piece(LIST, option, `The option itself.`, (text) =>
        swap(
          text,
          /options: \{ (.*?),? \}(?=,\n)/,
          (match) => `options: { ${match[1]}, ${option(flag)} }`,
        ),
      ),
      piece(
        LIST,
        (name) => `[${name}]`,
        'It belongs into the usage line.',
        (text) =>
          swap(text, /usage: 'list([^']*)'/, (match) => `usage: 'list${match[1]} [${flag}]'`),
      ),
      piece(
        LIST,
        branch,
        'JSON before the sentence for an empty list: `[]` is what a program expects.',
        (text) =>
          swap(text, /^ {4}if \(todos\.length === 0\)/m, (match) => branch(flag) + match[0]),
      ),
      { is: 'read', path: LIST_TEST, say: 'Now the tests of `list`.' },
      piece(LIST_TEST, tests, 'Two tests: what it prints, and the empty list.', (text) =>
        atEnd(text, tests(flag)),
      ),
      {
        is: 'run',
        command: `export TODO_FILE="$(mktemp -d)/todo.json"; node bin/todo.js add Buy stamps && node bin/todo.js list ${flag}`,
        description: `Try list ${flag} by hand`,
        say: 'Tried by hand, as a person would.',
      },
      piece(
        'README.md',
        (name) => `### \`todo list [--all] [${name}]\``,
        'The README names every option.',
        (text) => swap(text, /^### `todo list \[--all\]/m, (match) => `${match[0]} [${flag}]`),
      ),
      piece('README.md', paragraph, 'And says what it is for.', (text) =>
        after(text, /^### `todo list.*\n\n(?:.+\n)+/m, paragraph(flag)),
      ),
    ];
  },
};
