import { expect, it } from 'vitest';
import type { TaskSummary } from '../../protocol/task.ts';
import { tasksOf, turnOf } from './selectors.ts';
import { type State, emptyState } from './state.ts';

const USAGE = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, cost: 0 };

function line(id: string, changed: Partial<TaskSummary> = {}): TaskSummary {
  return {
    id,
    title: `Task ${id}`,
    repository: 'demo/tasks',
    branch: `mainloop/${id}`,
    baseBranch: 'main',
    model: 'opus',
    mode: 'direct',
    status: 'Queued',
    createdAt: 1,
    updatedAt: 1,
    startedAt: null,
    endedAt: null,
    pullRequest: null,
    note: null,
    usage: USAGE,
    attempt: 1,
    budget: null,
    resumesAt: null,
    issue: null,
    changes: null,
    queued: [],
    ...changed,
  };
}

function stateWith(tasks: TaskSummary[], queue: State['queue']): State {
  const byId = Object.fromEntries(tasks.map((task) => [task.id, task]));
  return { ...emptyState(), tasks: byId, queue };
}

it('a task that waits knows its place, and the task that it waits for while that is at work', () => {
  const queue = [
    { taskId: 'b', after: 'a' },
    { taskId: 'c', after: null },
  ];
  const working = stateWith([line('a', { status: 'Working' }), line('b'), line('c')], queue);
  expect(turnOf(working, 'b')).toMatchObject({ position: 1, last: 2, after: { id: 'a' } });
  expect(turnOf(working, 'c')).toMatchObject({ position: 2, after: null });
  expect(turnOf(working, 'a')).toBeNull();
  const done = stateWith([line('a', { status: 'In review' }), line('b')], queue);
  expect(turnOf(done, 'b')).toMatchObject({ after: null });
  const failed = stateWith([line('a', { status: 'Failed' }), line('b')], queue);
  expect(turnOf(failed, 'b')).toMatchObject({ after: null });
});

it('tasks that wait stand last, in the order of the queue', () => {
  const tasks = [line('a', { createdAt: 3 }), line('b', { createdAt: 2 }), line('c')];
  const state = stateWith(
    [...tasks, line('d', { status: 'Working' })],
    ['c', 'a', 'b'].map((taskId) => ({ taskId, after: null })),
  );
  expect(tasksOf(state, 'working').map(({ id }) => id)).toEqual(['d', 'c', 'a', 'b']);
});
