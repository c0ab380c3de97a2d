import { ulid } from 'ulid';
import { type InboxItem, NOTHING_LEFT } from '../../protocol/inbox.ts';
import type { TaskSummary } from '../../protocol/task.ts';
import { MINUTE_MS, TASKS, minutesAgo } from './tasks.ts';

const option = (label: string, description: string) => ({ label, description });
/** What every item of a task has: it came when the task stopped. */
const of = (task: TaskSummary) => ({
  id: ulid(task.updatedAt),
  taskId: task.id,
  title: task.title,
  repository: task.repository,
  at: task.updatedAt,
  outcome: null,
});

const PLAN = `The file \`tasks.json\` is read and written whole, so two commands at once lose one of their changes. SQLite comes with Node and takes that away.

## What changes

1. \`src/store.ts\` opens \`tasks.db\` and has the five statements that are needed.
2. A first start reads \`tasks.json\`, writes its rows, and renames it to \`tasks.json.imported\`.
3. Tests run against a database in memory.

\`\`\`ts
const add = db.prepare('INSERT INTO tasks (text, done) VALUES (?, 0)');
\`\`\`

| Command | Today | Then |
| --- | --- | --- |
| \`list\` | 12 ms | 9 ms |
| \`add\` | 31 ms | 10 ms |

## Alternatives

- **One file**: as above.
- **A file a list**: lists can be shared, and moving a task between them is no longer one statement.`;

/** One open item of each kind, and what was decided lately. */
export const ITEMS = {
  question: {
    ...of(TASKS.export),
    kind: 'question',
    questionId: ulid(TASKS.export.updatedAt),
    questions: [
      {
        question: 'Which format should the export have?',
        header: 'Format',
        options: [
          option('CSV', 'Opens in every spreadsheet.'),
          option('JSON', 'Keeps all fields, for programs.'),
          option('Both', 'A flag chooses; CSV unless it is given.'),
        ],
        multiSelect: false,
      },
      {
        question: 'Which fields should it have?',
        header: 'Fields',
        options: [
          option('number', 'As the list shows it.'),
          option('text', 'What is to be done.'),
          option('done', 'Whether it is done.'),
          option('created', 'When it was added.'),
        ],
        multiSelect: true,
      },
    ],
  },
  plan: {
    ...of(TASKS.store),
    kind: 'plan',
    plan: {
      id: ulid(TASKS.store.updatedAt),
      text: PLAN,
      hash: 'a'.repeat(64),
      round: 1,
      previous: null,
      alternatives: ['One file', 'A file a list'],
    },
  },
  budget: { ...of(TASKS.budget), kind: 'budget', scope: 'task', limit: 25, used: 25.02 },
  word: { ...of(TASKS.word), kind: 'word' },
  alert: {
    id: ulid(minutesAgo(18)),
    taskId: null,
    title: 'Webhooks do not come',
    repository: null,
    at: minutesAgo(18),
    outcome: null,
    kind: 'alert',
    about: 'webhooks',
    text: 'The git host has sent nothing for 40 minutes, though there was something to tell. Tasks look themselves, every minute. Look at the webhook’s last deliveries at the git host.',
  },
  failure: { ...of(TASKS.failed), kind: 'failure', reason: TASKS.failed.note ?? '' },
  review: {
    ...of(TASKS.json),
    kind: 'review',
    pullRequest: TASKS.json.pullRequest ?? { number: 0, url: 'https://git.example' },
    summary:
      '`todo list --json` prints the tasks as JSON, one object each with `number`, `text` and `done`. Without the flag the output is what it was.\n\n- The flag is read in `src/cli.ts`, beside the others.\n- The README has an example.',
    tested: '`npm test`: 42 tests pass, two of them new. I ran the command on an empty list, too.',
    checks: { is: 'passed', count: 3, names: ['lint', 'test', 'types'] },
    leftOpen: NOTHING_LEFT,
  },
  red: {
    ...of(TASKS.avatars),
    kind: 'review',
    pullRequest: TASKS.avatars.pullRequest ?? { number: 0, url: 'https://git.example' },
    summary: 'Avatars are kept for a day. A changed one is fetched when its address changes.',
    tested: 'The cache’s own tests pass. Two tests of the upload fail on the base branch, too.',
    checks: { is: 'failed', names: ['end-to-end'] },
    leftOpen: { conflicts: true, comments: { count: 2, by: ['eve', 'a-bot'] } },
  },
  approved: {
    ...of(TASKS.dark),
    id: ulid(minutesAgo(12)),
    at: minutesAgo(12),
    kind: 'question',
    questionId: ulid(minutesAgo(12)),
    questions: [
      {
        question: 'Which colours does the dark page begin from?',
        header: 'Colours',
        options: [option('Slate', 'Cool greys.'), option('Stone', 'Warm greys.')],
        multiSelect: false,
      },
    ],
    outcome: { by: 'person', text: 'Answered: Slate', at: minutesAgo(11) },
  },
  merged: {
    ...of(TASKS.colours),
    kind: 'review',
    pullRequest: TASKS.colours.pullRequest ?? { number: 0, url: 'https://git.example' },
    summary: 'Overdue tasks are red where the terminal has colours.',
    tested: '`npm test`: 40 tests pass.',
    checks: { is: 'passed', count: 3, names: ['lint', 'test', 'types'] },
    leftOpen: NOTHING_LEFT,
    outcome: { by: 'person', text: 'Merged', at: TASKS.colours.updatedAt + 30 * MINUTE_MS },
  },
} satisfies Record<string, InboxItem>;
