import { describe, expect, it } from 'vitest';
import type { InboxItem } from '../../protocol/inbox.ts';
import type { TaskSummary } from '../../protocol/task.ts';
import { digest } from './digest.ts';
import { AWAY_MS, reduce } from './reducer.ts';
import { emptyState } from './state.ts';

const SINCE = 1_000;
const task = (id: string, status: TaskSummary['status'], at: number): TaskSummary => ({
  id,
  title: id,
  repository: 'acme/site',
  branch: 'b',
  baseBranch: 'main',
  model: 'opus',
  mode: 'direct',
  status,
  createdAt: 1,
  updatedAt: at,
  startedAt: 1,
  endedAt: status === 'Done' || status === 'Failed' ? at : null,
  pullRequest: null,
  note: null,
  usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, cost: 0 },
  changes: null,
  attempt: 1,
  budget: null,
  resumesAt: null,
  issue: null,
  queued: [],
});
const failure = (id: string, taskId: string, at: number, outcome: InboxItem['outcome'] = null) =>
  ({
    id,
    taskId,
    title: id,
    repository: 'acme/site',
    at,
    outcome,
    kind: 'failure',
    reason: '',
  }) as const;
const byId = <T extends { id: string }>(list: T[]) =>
  Object.fromEntries(list.map((one) => [one.id, one]));

describe('what happened while nobody looked', () => {
  it('is told once, most wanted first, each leading to its place', () => {
    const tasks = byId([
      task('done', 'Done', 2_000),
      task('old', 'Done', 500),
      task('failed', 'Failed', 2_000),
      task('told', 'Failed', 2_000),
      task('review', 'In review', 2_000),
      task('working', 'Working', 2_000),
    ]);
    const by = { by: 'github', text: 'Approved by @ana', at: 2_000 } as const;
    const inbox = byId<InboxItem>([
      failure('waits', 'told', 2_000),
      failure('before', 'x', 500),
      failure('approved', 'y', 500, by),
    ]);
    const lines = digest({ tasks, inbox }, SINCE);
    expect(lines.map(({ words, entries }) => [words, entries.map(({ href }) => href)])).toEqual([
      ['Needs you', ['/inbox/waits']],
      ['Failed', ['/tasks/failed']],
      ['In review', ['/tasks/review']],
      ['Done', ['/tasks/done']],
      ['Decided at the git host', ['/inbox/approved']],
    ]);
  });

  it('counts what would be a long list', () => {
    const tasks = byId(Array.from({ length: 8 }, (_, n) => task(`t${n}`, 'Done', 2_000 + n)));
    const [line] = digest({ tasks, inbox: {} }, SINCE);
    expect(line?.entries).toHaveLength(5);
    expect(line?.more).toEqual({ count: 3, href: '/tasks' });
  });

  it('is nothing where nothing happened', () => {
    expect(digest({ tasks: byId([task('t', 'Working', 5_000)]), inbox: {} }, SINCE)).toEqual([]);
  });

  it('is told after hours, and stays over a short look elsewhere', () => {
    const state = emptyState();
    reduce(state, { type: 'away', since: 1, at: AWAY_MS });
    expect(state.away).toBeNull();
    reduce(state, { type: 'away', since: 1, at: AWAY_MS + 1 });
    reduce(state, { type: 'away', since: AWAY_MS + 2, at: AWAY_MS + 60_000 });
    reduce(state, { type: 'away', since: null, at: AWAY_MS + 70_000 });
    expect(state.away).toEqual({ since: 1, until: AWAY_MS + 1 });
  });
});
