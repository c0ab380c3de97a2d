import type { Changes } from '../../protocol/changes.ts';
import type { TaskEvent } from '../../protocol/task-event.ts';
import type { FeedEvent } from '../../protocol/task-feed.ts';
import { TASKS } from './tasks.ts';

const call = (
  toolUseId: string,
  tool: string,
  title: string,
  output: string,
  parent: string | null = null,
): TaskEvent['body'][] => [
  {
    type: 'tool_call',
    toolUseId,
    parent,
    tool,
    title,
    input: JSON.stringify({ what: title }),
    truncated: false,
  },
  { type: 'tool_result', toolUseId, parent, isError: false, output, truncated: false },
];
const says = (text: string, parent: string | null = null): TaskEvent['body'] => ({
  type: 'text',
  text,
  parent,
});

const BODIES: TaskEvent['body'][] = [
  { type: 'status', status: 'Starting', note: null },
  { type: 'step', text: 'Cloned acme/todo at 4f1c2a9' },
  { type: 'setup_began' },
  { type: 'setup_output', text: 'npm ci\nadded 84 packages in 2s\n' },
  { type: 'setup_ended', outcome: 'done', exitCode: 0, durationMs: 2_400, secretsIn: [] },
  { type: 'status', status: 'Working', note: null },
  says('I look at how the list command reads its flags before I add one.'),
  ...call('t1', 'Read', 'src/cli.ts', 'import { list } from "./list.ts";\n…'),
  ...call('t2', 'Grep', 'parseArgs in src', 'src/cli.ts:12\nsrc/list.ts:4'),
  {
    type: 'tool_call',
    toolUseId: 't3',
    parent: null,
    tool: 'Task',
    title: 'See how other commands print their output',
    input: '{}',
    truncated: false,
  },
  ...call('t4', 'Glob', 'src/**/*.ts', 'src/add.ts\nsrc/done.ts\nsrc/list.ts', 't3'),
  says('All of them print with console.log and return nothing.', 't3'),
  {
    type: 'tool_result',
    toolUseId: 't3',
    parent: null,
    isError: false,
    output: 'All commands print with console.log.',
    truncated: false,
  },
  ...call('t5', 'Edit', 'src/list.ts', 'Changed 14 lines.'),
  { type: 'message', text: 'Keep the default output exactly as it is, please.' },
  { type: 'steered', text: 'Keep the default output exactly as it is, please.' },
  says('The default output stays: the flag is a branch of its own, and the tests compare both.'),
  ...call('t6', 'Write', 'src/list.test.ts', 'Wrote 22 lines.'),
  ...call('t7', 'Bash', 'npm test', '42 tests pass'),
  { type: 'commit', commit: '9b2d4e1f'.padEnd(40, '0'), title: 'Add a --json flag to list' },
  { type: 'step', text: 'Pushed the branch' },
  {
    type: 'pull_request',
    pullRequest: TASKS.json.pullRequest ?? { number: 0, url: 'https://git.example' },
  },
  { type: 'status', status: 'Checking', note: 'Waiting for its checks' },
  { type: 'status', status: 'In review', note: null },
];

/** What the worker of the task in review did. */
export const ACTIVITY: FeedEvent[] = BODIES.map((body, place) => ({
  number: place + 1,
  at: TASKS.json.createdAt + place * 12_000,
  body,
  isExcerpt: false,
}));

/** What it changed. */
export const CHANGES: Changes = {
  at: TASKS.json.updatedAt,
  base: '4f1c2a9'.padEnd(40, '0'),
  commit: '9b2d4e1f'.padEnd(40, '0'),
  files: [
    {
      path: 'src/list.ts',
      from: null,
      is: 'changed',
      added: 14,
      removed: 6,
      hash: 'list',
      lines: {
        is: 'shown',
        patch: `@@ -1,9 +1,17 @@
 import { read } from './store.ts';
+import { parseArgs } from 'node:util';
 
-/** Prints all tasks. */
-export function list(): void {
-  const tasks = read();
-  for (const { number, text, done } of tasks) {
-    console.log(\`\${number}. [\${done ? 'x' : ' '}] \${text}\`);
-  }
+/** Prints all tasks: a line each, or as JSON with \`--json\`. */
+export function list(args: string[]): void {
+  const { values } = parseArgs({ args, options: { json: { type: 'boolean' } } });
+  const tasks = read();
+  if (values.json) {
+    console.log(JSON.stringify(tasks, null, 2));
+    return;
+  }
+  for (const task of tasks) console.log(lineOf(task));
+}
+
+function lineOf({ number, text, done }: Task): string {
+  return \`\${number}. [\${done ? 'x' : ' '}] \${text}\`;
 }
`,
      },
    },
    {
      path: 'src/list.test.ts',
      from: null,
      is: 'added',
      added: 9,
      removed: 0,
      hash: 'test',
      lines: {
        is: 'shown',
        patch: `@@ -0,0 +1,9 @@
+import { expect, it } from 'vitest';
+import { run } from './testing/run.ts';
+
+it('prints the tasks as JSON when that is asked for', () => {
+  const printed = run('list', '--json');
+  expect(JSON.parse(printed)).toEqual([
+    { number: 1, text: 'Water the plants', done: false },
+  ]);
+});
`,
      },
    },
    {
      path: 'docs/list.png',
      from: null,
      is: 'changed',
      added: 0,
      removed: 0,
      hash: 'png',
      lines: { is: 'binary' },
    },
  ],
  more: 0,
};
