import type { InboxItem } from '../../protocol/inbox.ts';
import type { TaskSummary, TaskStatus } from '../../protocol/task.ts';
import type { State } from './state.ts';

export type TaskGroup = 'Needs you' | 'Working' | 'In review' | 'Done';

/** How a person thinks of a status. */
export function groupOf(status: TaskStatus): TaskGroup {
  switch (status) {
    case 'Needs answers':
    case 'Needs approval':
    case 'Failed':
      return 'Needs you';
    case 'Queued':
    case 'Starting':
    case 'Planning':
    case 'Working':
    case 'Checking':
      return 'Working';
    case 'In review':
      return 'In review';
    case 'Done':
    case 'Cancelled':
      return 'Done';
  }
}

/** Tasks of one group, newest first; those that wait for their turn stand last, in their order. */
export function tasksOf(
  state: State,
  group: TaskGroup,
  repository: string | null = null,
): TaskSummary[] {
  return Object.values(state.tasks)
    .filter((task) => groupOf(task.status) === group)
    .filter((task) => repository === null || task.repository === repository)
    .toSorted((one, other) => other.createdAt - one.createdAt)
    .toSorted((one, other) => placeIn(state, one) - placeIn(state, other));
}

const placeIn = ({ queue }: State, task: TaskSummary) =>
  queue.findIndex(({ taskId }) => taskId === task.id);

const URGENCY: Record<InboxItem['kind'], number> = {
  question: 0,
  plan: 0,
  budget: 0,
  failure: 1,
  review: 2,
};

/** What needs the person, most urgent first, then oldest first. */
export function openItems(state: State): InboxItem[] {
  return Object.values(state.inbox)
    .filter((item) => item.outcome === null)
    .toSorted((one, other) => URGENCY[one.kind] - URGENCY[other.kind] || one.at - other.at);
}

/** A task's place among those that wait for their turn, from 1, and what it waits for; null when it does not wait. */
export function turnOf(
  { queue, tasks }: Pick<State, 'queue' | 'tasks'>,
  taskId: string,
): { position: number; last: number; after: TaskSummary | null } | null {
  const place = queue.findIndex((one) => one.taskId === taskId);
  if (place === -1) return null;
  const before = queue[place]?.after ?? null;
  const after = before === null ? null : (tasks[before] ?? null);
  const isOver = after === null || ['In review', 'Done'].includes(groupOf(after.status));
  return { position: place + 1, last: queue.length, after: isOver ? null : after };
}

/** The plans of one task that are known here, newest first. */
export function plansOf(state: State, taskId: string): Extract<InboxItem, { kind: 'plan' }>[] {
  return Object.values(state.inbox)
    .filter((item) => item.kind === 'plan')
    .filter((item) => item.taskId === taskId)
    .toSorted((one, other) => other.plan.round - one.plan.round);
}

/** What was decided lately, newest first. */
export function settledItems(state: State): InboxItem[] {
  return Object.values(state.inbox)
    .filter((item) => item.outcome !== null)
    .toSorted((one, other) => (other.outcome?.at ?? 0) - (one.outcome?.at ?? 0));
}

/** The Inbox link's accessible name. */
export function inboxName(count: number): string {
  if (count === 0) return 'Inbox';
  return `Inbox, ${count} ${count === 1 ? 'needs' : 'need'} you`;
}
