import { DEFAULT_SETTINGS } from '../../../protocol/settings.ts';
import type { TaskSummary } from '../../../protocol/task.ts';
import type { HistoryRow } from '../rows.ts';

const ID = '01JZZZZZZZZZZZZZZZZZZZ';
export const TASK_ID = `${ID}0001`;
const at = Date.UTC(2026, 10, 2, 3, 4, 5, 678);

export function messageRow(id: string, text: string): Extract<HistoryRow, { table: 'messages' }> {
  return { table: 'messages', personId: 'ada', row: { id, from: 'person', text, at, seq: 1 } };
}

export function eventRow(number: number, text = `Step ${number}`): HistoryRow {
  const row = { number, at, body: { type: 'step', text } } as const;
  return { table: 'task_events', personId: 'ada', taskId: TASK_ID, row };
}

const TASK: TaskSummary = {
  id: TASK_ID,
  title: 'Add a --json flag',
  repository: 'demo/tasks',
  branch: 'mainloop/add-a-json-flag',
  baseBranch: 'main',
  model: 'opus',
  mode: 'direct',
  status: 'In review',
  createdAt: at,
  updatedAt: at + 1,
  startedAt: at + 2,
  endedAt: at + 3,
  pullRequest: { number: 7, url: 'https://git.example/demo/tasks/pull/7' },
  note: null,
  usage: {
    inputTokens: 1,
    outputTokens: 2,
    cacheReadTokens: 3,
    cacheWriteTokens: 4,
    cost: 0.0123,
  },
  attempt: 1,
  changes: null,
  queued: [],
  budget: null,
  resumesAt: null,
  issue: null,
};

/** One row of each table. */
export const EVERY_TABLE: HistoryRow[] = [
  {
    table: 'messages',
    personId: 'ada',
    row: {
      id: `${ID}0010`,
      from: 'mainloop',
      text: 'Done: “Grüße” 😀\n\t\\ \'quoted\' "twice"',
      at,
      seq: 12,
      state: { is: 'failed', error: 'It broke.' },
      taskIds: [TASK_ID],
    },
  },
  {
    table: 'tasks',
    personId: 'ada',
    row: { ...TASK, prompt: 'Add a flag.' },
  },
  eventRow(1),
  {
    table: 'inbox_items',
    personId: 'ada',
    row: {
      id: `${ID}0020`,
      taskId: TASK_ID,
      title: 'Add a --json flag',
      repository: 'demo/tasks',
      at,
      outcome: { by: 'person', text: 'Dismissed', at },
      kind: 'failure',
      reason: 'It broke.',
    },
  },
  {
    table: 'usage',
    personId: 'ada',
    row: {
      id: `${ID}0030`,
      taskId: null,
      model: 'claude-haiku-5-5',
      day: '2026-11-02',
      at,
      inputTokens: 3_000_000_000,
      outputTokens: 2,
      cacheReadTokens: 3,
      cacheWriteTokens: 4,
      cost: 1e-7,
    },
  },
  { table: 'settings', personId: 'ada', row: DEFAULT_SETTINGS },
  {
    table: 'threads',
    personId: 'ada',
    row: {
      summary: { text: 'A flag was added.', upTo: 9 },
      queue: [{ taskId: TASK_ID, after: null }],
    },
  },
  {
    table: 'thread_tasks',
    personId: 'ada',
    row: { id: TASK_ID, task: TASK, report: 4, spec: { title: 'Add a --json flag' } },
  },
  {
    table: 'task_states',
    personId: 'ada',
    taskId: TASK_ID,
    row: { values: { note: 'Tests run' } },
  },
];
