import { ulid } from 'ulid';
import type { GitTokenAnswer } from '../../protocol/git-token.ts';
import type { HealthReport } from '../../protocol/health.ts';
import type { SpentAnswer, SpentOnDay, TaskDetails, UsageByDay } from '../../protocol/pages.ts';
import type { Device } from '../../protocol/push.ts';
import type { Repository } from '../../protocol/repository.ts';
import type { SearchAnswer } from '../../protocol/search.ts';
import {
  DEFAULT_REPOSITORY_SETTINGS,
  DEFAULT_SETTINGS,
  type Settings,
} from '../../protocol/settings.ts';
import { CHANGES } from './activity.ts';
import { MESSAGES } from './conversation.ts';
import { ITEMS } from './inbox.ts';
import { MINUTE_MS, NOW, PHASES, TASKS, minutesAgo } from './tasks.ts';

const DAY_MS = 24 * 60 * MINUTE_MS;
const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10);

export const REPOSITORIES: Repository[] = [
  { name: 'acme/todo', defaultBranch: 'main', description: 'Tasks in a terminal', private: false },
  { name: 'acme/site', defaultBranch: 'main', description: 'Pages and documents', private: false },
  { name: 'acme/api', defaultBranch: 'main', description: null, private: true },
];

export const SETTINGS: Settings = {
  ...DEFAULT_SETTINGS,
  instructions: 'Small commits. Say in the pull request what you did not do.',
  repositories: {
    'acme/site': {
      ...DEFAULT_REPOSITORY_SETTINGS,
      mode: 'plan',
      instructions: 'Run `npm run lint` before each commit.',
      variables: [{ name: 'SITE_URL', value: 'http://localhost:4000', during: 'work' }],
    },
  },
  memory: [
    {
      id: ulid(NOW - 9 * DAY_MS),
      text: 'Pull requests are written in English, issues in German.',
      repository: null,
      at: NOW - 9 * DAY_MS,
    },
    {
      id: ulid(NOW - 3 * DAY_MS),
      text: 'The list command’s output is read by scripts: never change its default.',
      repository: 'acme/todo',
      at: NOW - 3 * DAY_MS,
    },
  ],
  secrets: { 'acme/site': [{ name: 'NPM_TOKEN', during: 'setup', at: NOW - 5 * DAY_MS }] },
  notifications: { quiet: { from: '22:00', to: '07:00', zone: 'Europe/Berlin' } },
};

export const DEVICES: Device[] = [
  {
    id: ulid(NOW - 40 * DAY_MS),
    name: 'Chrome on Android',
    at: NOW - 40 * DAY_MS,
    sent: { is: 'accepted', at: minutesAgo(17) },
    test: null,
  },
];

/** A morning's bars: what was spent on the last days, more on some than on others. */
const SPENT: SpentOnDay[] = [3.1, 0, 1.4, 6.2, 9.8, 4.4, 0.3, 2.2, 7.9, 12.6, 5.1, 8.8].flatMap(
  (cost, place) => {
    const day = dayOf(NOW - (11 - place) * DAY_MS);
    const part = (repository: string, model: 'opus' | 'sonnet', share: number): SpentOnDay => ({
      day,
      repository,
      model,
      by: 'tasks',
      cost: cost * share,
    });
    return [
      part('acme/api', 'opus', 0.5),
      part('acme/site', 'sonnet', 0.2),
      part('acme/todo', 'opus', 0.26),
      { day, repository: null, model: null, by: 'conversation' as const, cost: cost * 0.04 },
    ].filter((row) => row.cost > 0);
  },
);
const USAGE: SpentAnswer = { today: dayOf(NOW), rows: SPENT };
export const SPENT_TODAY = 8.8;

const DETAILS: TaskDetails = {
  task: TASKS.json,
  prompt:
    'Add a `--json` flag to the list command of acme/todo. It prints all tasks as JSON; without it, the output stays as it is. Add tests, and an example in the README.',
  changes: PHASES,
  viewed: [],
  equipment: {
    commit: 'c'.repeat(40),
    isUsed: true,
    skills: ['release', 'changelog'],
    commands: [],
    agents: [],
    plugins: [],
    servers: ['todo'],
    notes: [],
  },
};
/** One that brings more than it is trusted with. */
const UNTRUSTED: TaskDetails['equipment'] = {
  commit: 'd'.repeat(40),
  isUsed: false,
  skills: ['deploy'],
  commands: [],
  agents: [],
  plugins: [],
  servers: ['tickets'],
  notes: [
    `${TASKS.failed.repository} is not trusted.`,
    'Its settings ask for hooks: no repository is given these.',
  ],
};

const detailsOf = (task: TaskDetails['task']): TaskDetails => ({
  task,
  prompt: task.title,
  equipment: task === TASKS.failed ? UNTRUSTED : null,
  changes: [{ status: task.status, at: task.updatedAt }],
  viewed: [],
});

const TASK_USAGE: UsageByDay[] = [
  {
    day: dayOf(NOW),
    model: 'opus',
    inputTokens: 5_210,
    outputTokens: 3_904,
    cacheReadTokens: 184_300,
    cacheWriteTokens: 12_840,
    cost: 0.63,
    isEstimated: true,
  },
];

const HEALTH: HealthReport = {
  at: NOW,
  version: { product: '0.1.0', protocol: 1, thread: 12, task: 14, deployed: null },
  checks: [
    { name: 'history', state: 'ok', text: 'Postgres has everything.', mend: null },
    { name: 'effects', state: 'ok', text: 'All that was to be done outside is done.', mend: null },
    { name: 'sandboxes', state: 'ok', text: '4 sandboxes are at work.', mend: null },
    { name: 'model', state: 'ok', text: 'The last reply was whole.', mend: null },
    {
      name: 'webhooks',
      state: 'failing',
      text: 'The git host has sent nothing for 40 minutes, though there was something to tell. Tasks look themselves, every minute.',
      mend: 'Look at the webhook’s last deliveries at the git host.',
    },
    { name: 'pushes', state: 'unknown', text: 'Nothing was sent lately.', mend: null },
    { name: 'set_aside', state: 'ok', text: 'Every stored row can be read.', mend: null },
    { name: 'connections', state: 'ok', text: '2 pages connected.', mend: null },
  ],
};

const GIT_TOKEN: GitTokenAnswer = {
  token: { login: 'ada', at: minutesAgo(60_000), refusedAt: minutesAgo(12), closed: null },
  otherwise: 'app',
  noSecrets: null,
};

const SEARCH: SearchAnswer = {
  over: 'history',
  hits: [
    {
      kind: 'message',
      id: MESSAGES[2]?.id ?? '',
      from: 'person',
      at: minutesAgo(62),
      text: 'Add a `--json` flag to the list command',
    },
    {
      kind: 'task',
      taskId: TASKS.json.id,
      at: TASKS.json.createdAt,
      text: 'Add a --json flag to the list command of acme/todo. It prints all tasks as JSON; without it, the output stays as it is.',
    },
    {
      kind: 'event',
      taskId: TASKS.json.id,
      number: 22,
      at: TASKS.json.createdAt + 264_000,
      text: 'The default output stays: the JSON flag is a branch of its own, and the tests compare both.',
    },
  ],
  tasks: { [TASKS.json.id]: { title: TASKS.json.title, repository: TASKS.json.repository } },
};

/** What the routes below `/api/` answer. */
export const ANSWERS: Record<string, unknown> = {
  ...Object.fromEntries(Object.values(TASKS).map((task) => [`tasks/${task.id}`, detailsOf(task)])),
  ...Object.fromEntries(
    Object.values(TASKS).flatMap(({ id }) => [
      [`tasks/${id}/refused`, { rows: [] }],
      [`tasks/${id}/usage`, { rows: TASK_USAGE }],
    ]),
  ),
  [`tasks/${TASKS.json.id}`]: DETAILS,
  [`tasks/${TASKS.json.id}/changes`]: CHANGES,
  [`tasks/${TASKS.failed.id}/refused`]: {
    rows: [
      { asked: 'db.example.com', count: 6, firstAt: minutesAgo(120), lastAt: minutesAgo(113) },
    ],
  },
  ...Object.fromEntries(Object.values(ITEMS).map((item) => [`inbox/${item.id}`, item])),
  'git-token': GIT_TOKEN,
  health: HEALTH,
  usage: USAGE,
  search: SEARCH,
};
