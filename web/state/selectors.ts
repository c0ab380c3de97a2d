import { INBOX_KINDS, type InboxItem } from '../../protocol/inbox.ts';
import type { TaskSummary } from '../../protocol/task.ts';
import { STATUS, type TaskGroup } from '../../protocol/task-status.ts';
import type { State } from './state.ts';

/** Tasks of one group, newest first; those that wait for a slot stand last, in their order. */
export function tasksOf(
  state: State,
  group: TaskGroup,
  repository: string | null = null,
): TaskSummary[] {
  return Object.values(state.tasks)
    .filter((task) => STATUS[task.status].group === group)
    .filter((task) => repository === null || task.repository === repository)
    .toSorted((one, other) => other.createdAt - one.createdAt)
    .toSorted((one, other) => placeIn(state, one) - placeIn(state, other));
}

const placeIn = ({ queue }: State, task: TaskSummary) =>
  queue.findIndex(({ taskId }) => taskId === task.id);

/** What needs the person, most urgent first, then oldest first. */
export function openItems(state: State): InboxItem[] {
  return Object.values(state.inbox)
    .filter((item) => item.outcome === null)
    .toSorted(
      (one, other) =>
        INBOX_KINDS[one.kind].urgency - INBOX_KINDS[other.kind].urgency || one.at - other.at,
    );
}

/** A task's place among those that wait for a slot, from 1, and what it waits for; null when it does not wait. */
export function turnOf(
  { queue, tasks }: Pick<State, 'queue' | 'tasks'>,
  taskId: string,
): { position: number; last: number; after: TaskSummary | null } | null {
  const place = queue.findIndex((one) => one.taskId === taskId);
  if (place === -1) return null;
  const before = queue[place]?.after ?? null;
  const after = before === null ? null : (tasks[before] ?? null);
  const blocks = after !== null && STATUS[after.status].blocksAfter;
  return { position: place + 1, last: queue.length, after: blocks ? after : null };
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

/** Whether its dollars are those of stand-in models, which cost nothing. */
export const isPretended = ({ installation }: Pick<State, 'installation'>): boolean =>
  installation !== null && installation.offlineModel !== null;
