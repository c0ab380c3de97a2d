import type { InboxItem } from '../../protocol/inbox.ts';
import type { TaskSummary } from '../../protocol/task.ts';
import { STATUS } from '../../protocol/task-status.ts';

/** The one thing that moves a task on now; everything else stands in the menu. */
export type MainAction =
  /** Decided in the inbox, where all of it is shown. */
  | { is: 'decide'; href: string; label: string }
  | { is: 'merge' }
  | { is: 'retry' }
  | { is: 'cancel' };

const LABELS: Partial<Record<InboxItem['kind'], string>> = {
  question: 'Answer',
  plan: 'Read its plan',
  budget: 'Raise its budget',
  word: 'Say how to go on',
};

/** Null where nothing is left to be done about it. */
export function mainActionOf(
  task: Pick<TaskSummary, 'id' | 'status' | 'pullRequest'>,
  open: readonly InboxItem[],
): MainAction | null {
  const { needsPerson, canRetry, isEnded } = STATUS[task.status];
  if (needsPerson) {
    const item = open.find(({ taskId }) => taskId === task.id);
    if (item === undefined) return { is: 'decide', href: '/inbox', label: 'Decide' };
    return { is: 'decide', href: `/inbox/${item.id}`, label: LABELS[item.kind] ?? 'Decide' };
  }
  if (task.status === 'In review' && task.pullRequest !== null) return { is: 'merge' };
  if (canRetry) return { is: 'retry' };
  return isEnded ? null : { is: 'cancel' };
}
