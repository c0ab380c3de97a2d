import type { DecidedBy } from '../../protocol/decision.ts';
import type { TaskCommand } from '../../protocol/task-command.ts';
import { log } from '../platform/log.ts';
import type { TaskCommandResult } from '../tasks/api.ts';
import type { ThreadPorts } from './ports.ts';
import type { Scheduler } from './scheduling/scheduler.ts';
import type { ThreadStore } from './storage/thread-store.ts';

/** What comes of a command to a task, as far as the conversation knows the task. */
type Asked = TaskCommandResult | { is: 'not_found' };

/**
 * Passes a command on to its task, where this person has such a one. An answer may be lost with the
 * task's object, so that it is asked once more: by the command's id that is harmless.
 */
export async function askTask(
  {
    store,
    scheduler,
    ports,
  }: { store: ThreadStore; scheduler: Pick<Scheduler, 'reach'>; ports: () => ThreadPorts },
  taskId: string,
  asked: { id: string; command: TaskCommand; by: DecidedBy },
): Promise<Asked> {
  const { personId } = store;
  if (personId === null || store.task(taskId) === null) return { is: 'not_found' };
  const ask = async (): Promise<TaskCommandResult> => {
    // One that was given up begins again whatever is asked of it.
    if ((await scheduler.reach(taskId)) === 'begun') return { is: 'done' };
    return ports().task(personId, taskId).command(asked.id, asked.command, asked.by);
  };
  return ask()
    .catch(ask)
    .catch((error: unknown) => {
      log.error('thread.task_not_reached', error, { taskId, commandId: asked.id });
      return { is: 'refused', text: 'The task could not be reached. Try again in a moment.' };
    });
}
