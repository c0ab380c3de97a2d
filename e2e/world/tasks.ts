import { ulid } from 'ulid';
import type { TaskSummary } from '../../protocol/task.ts';

/** What the clock of every written page says: pictures taken of it on another day are the same. */
export const NOW = Date.UTC(2026, 10, 12, 10, 24);
export const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
export const minutesAgo = (minutes: number) => NOW - minutes * MINUTE_MS;

/** What a task is known by, and what differs from a task that has just begun. */
type Said = Pick<TaskSummary, 'title' | 'repository' | 'status'> &
  Partial<Pick<TaskSummary, 'model' | 'note' | 'changes' | 'pullRequest' | 'mode'>> & {
    /** Minutes since it was asked for, and for how many of them it worked. */
    age: number;
    worked?: number;
    cost?: number;
  };

function task(said: Said): TaskSummary {
  const { title, repository, status, age, worked, cost = 0 } = said;
  const createdAt = minutesAgo(age);
  const isQueued = status === 'Queued';
  const isEnded = ['Done', 'Failed', 'Cancelled'].includes(status);
  const stoppedAt = createdAt + (worked ?? age) * MINUTE_MS;
  const id = ulid(createdAt);
  const slug = title.toLowerCase().replaceAll(/\W+/g, '-').slice(0, 40);
  return {
    id,
    title,
    repository,
    branch: `mainloop/${slug}-${id.slice(-6).toLowerCase()}`,
    baseBranch: 'main',
    model: said.model ?? 'opus',
    mode: said.mode ?? 'direct',
    status,
    createdAt,
    updatedAt: isQueued ? createdAt : stoppedAt,
    startedAt: isQueued ? null : createdAt + 4_000,
    endedAt: isEnded ? stoppedAt : null,
    pullRequest: said.pullRequest ?? null,
    note: said.note ?? null,
    usage: {
      inputTokens: Math.round(cost * 9_000),
      outputTokens: Math.round(cost * 6_400),
      cacheReadTokens: Math.round(cost * 310_000),
      cacheWriteTokens: Math.round(cost * 21_000),
      cost,
    },
    changes: said.changes ?? null,
    attempt: 1,
    budget: 25,
    resumesAt: null,
    issue: null,
    queued: [],
  };
}

const changed = (files: number, added: number, removed: number) => ({
  version: `${files}-${added}`,
  files,
  added,
  removed,
});
const pull = (repository: string, number: number) => ({
  number,
  url: `https://git.example/${repository}/pull/${number}`,
});

/** Tasks of a busy morning, some of each status. */
export const TASKS = {
  export: task({
    title: 'Add an export command',
    repository: 'acme/todo',
    status: 'Needs answers',
    note: 'Asks two questions',
    mode: 'plan',
    age: 21,
    worked: 4,
    cost: 0.41,
  }),
  store: task({
    title: 'Keep tasks in SQLite',
    repository: 'acme/todo',
    status: 'Needs approval',
    note: 'Presents a plan',
    mode: 'plan',
    age: 48,
    worked: 9,
    cost: 0.96,
  }),
  budget: task({
    title: 'Move the settings out of the monolith',
    repository: 'acme/api',
    status: 'Needs approval',
    note: 'Paused: its budget is spent. Its work is kept.',
    age: 190,
    worked: 155,
    cost: 25.02,
    changes: changed(31, 1_204, 987),
  }),
  word: task({
    title: 'Rename the billing module',
    repository: 'acme/api',
    status: 'Needs answers',
    note: 'Interrupted: say how to go on',
    age: 75,
    worked: 12,
    cost: 1.37,
    changes: changed(12, 88, 88),
  }),
  failed: task({
    title: 'Stop the upload test from failing now and then',
    repository: 'acme/site',
    status: 'Failed',
    note: 'The tests need a database that the sandbox cannot reach. Allow its host, then retry.',
    model: 'sonnet',
    age: 130,
    worked: 18,
    cost: 0.74,
  }),
  dark: task({
    title: 'Dark mode for the documentation',
    repository: 'acme/site',
    status: 'Working',
    note: 'Runs npm test',
    age: 14,
    cost: 1.12,
    changes: changed(6, 214, 38),
  }),
  search: task({
    title: 'Search as one types',
    repository: 'acme/site',
    status: 'Planning',
    note: 'Reads src/search/index.ts',
    mode: 'plan',
    age: 6,
    cost: 0.22,
  }),
  bump: task({
    title: 'Bring all dependencies up to date',
    repository: 'acme/api',
    status: 'Checking',
    note: 'Waiting for its checks',
    model: 'sonnet',
    age: 35,
    cost: 0.58,
    changes: changed(2, 412, 389),
    pullRequest: pull('acme/api', 208),
  }),
  webhooks: task({
    title: 'Send a webhook again when it was refused',
    repository: 'acme/api',
    status: 'Starting',
    note: 'Starting its sandbox',
    age: 0.2,
  }),
  rates: task({
    title: 'Limit requests by key',
    repository: 'acme/api',
    status: 'Queued',
    age: 1,
  }),
  json: task({
    title: 'Add a --json flag to the list command',
    repository: 'acme/todo',
    status: 'In review',
    age: 62,
    worked: 7,
    cost: 0.63,
    changes: changed(3, 23, 6),
    pullRequest: pull('acme/todo', 12),
  }),
  avatars: task({
    title: 'Keep avatars in a cache',
    repository: 'acme/site',
    status: 'In review',
    age: 240,
    worked: 40,
    cost: 2.18,
    changes: changed(5, 176, 21),
    pullRequest: pull('acme/site', 31),
  }),
  colours: task({
    title: 'Print overdue tasks in red',
    repository: 'acme/todo',
    status: 'Done',
    model: 'haiku',
    age: 22 * 60,
    worked: 5,
    cost: 0.06,
    changes: changed(2, 18, 3),
    pullRequest: pull('acme/todo', 11),
  }),
  readme: task({
    title: 'Explain the set-up in the README',
    repository: 'acme/api',
    status: 'Done',
    model: 'sonnet',
    age: 26 * 60,
    worked: 8,
    cost: 0.19,
    changes: changed(1, 34, 12),
    pullRequest: pull('acme/api', 207),
  }),
  cancelled: task({
    title: 'Try another bundler',
    repository: 'acme/site',
    status: 'Cancelled',
    age: 30 * 60,
    worked: 22,
    cost: 1.9,
  }),
} satisfies Record<string, TaskSummary>;

/** How the task that is in review came there. */
export const PHASES = [
  { status: 'Queued' as const, at: TASKS.json.createdAt },
  { status: 'Starting' as const, at: TASKS.json.createdAt + 3_000 },
  { status: 'Working' as const, at: TASKS.json.createdAt + 6_000 },
  { status: 'Checking' as const, at: TASKS.json.createdAt + 5 * MINUTE_MS },
  { status: 'In review' as const, at: TASKS.json.createdAt + 7 * MINUTE_MS },
];
export const YESTERDAY = NOW - 20 * HOUR_MS;
