import type { TaskStatus } from '../../protocol/task.ts';
import { STATUS } from '../../protocol/task-status.ts';

/** What an activity without a line says: what comes first, or that nothing comes any more. */
export function stillAwaited(status: TaskStatus): string {
  if (status === 'Queued') return 'Nothing yet. It begins when its turn comes.';
  if (status === 'Starting') return 'Nothing yet. Its sandbox is starting.';
  return STATUS[status].isEnded
    ? 'Nothing is kept of what was done here.'
    : 'Nothing yet. What its worker does next stands here.';
}
