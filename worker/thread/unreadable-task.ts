import { ulid } from 'ulid';
import type { TaskSummary } from '../../protocol/task.ts';
import { STATUS } from '../../protocol/task-status.ts';
import type { ChangeLog } from './change-log.ts';
import type { Scheduler } from './scheduling/scheduler.ts';
import type { ThreadStore } from './storage/thread-store.ts';
import type { Turns } from './storage/turns.ts';

/**
 * Shows a task as failed that can no longer tell anything itself: its slot is free, what waited for
 * the person folds away. Once; false when it had ended before.
 */
export function failUnreadableTask(
  parts: { store: ThreadStore; changeLog: ChangeLog; scheduler: Scheduler; turns: Turns },
  taskId: string,
  reason: string,
  now: number,
): boolean {
  const { store, changeLog, scheduler, turns } = parts;
  const task = store.task(taskId);
  if (task === null || STATUS[task.status].isEnded) return false;
  const end = { status: 'Failed', note: reason, updatedAt: now, endedAt: now } as const;
  const failed: TaskSummary = { ...task, ...end };
  const { title, repository } = task;
  changeLog.change(() => {
    // Not as a report: the task's next one has that number, should it be readable again.
    changeLog.rewriteTask(failed, now);
    scheduler.note(failed, 'none');
    const outcome = { by: 'task', text: 'The task failed', at: now } as const;
    for (const item of store.openItemsOf(taskId)) changeLog.putInbox({ ...item, outcome }, now);
    const base = { id: ulid(now), taskId, title, repository, at: now, outcome: null };
    changeLog.putInbox({ ...base, kind: 'failure', reason }, now);
    turns.add({ is: 'notice', task: failed, notice: { is: 'failed', reason } });
  });
  return true;
}
