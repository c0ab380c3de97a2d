import type { TaskSummary } from '../../protocol/task.ts';
import type { Client } from './client.ts';

/** The newest line of each task that this client has heard of, in the order of their start. */
export function tasksOf(client: Client): TaskSummary[] {
  const lines = new Map<string, TaskSummary>();
  for (const frame of client.frames) {
    if (frame.type === 'snapshot')
      for (const task of frame.snapshot.tasks) lines.set(task.id, task);
    if (frame.type === 'snapshot_more') for (const task of frame.tasks) lines.set(task.id, task);
  }
  for (const { change } of client.entries()) {
    if (change.type === 'task') lines.set(change.task.id, change.task);
  }
  return [...lines.values()].toSorted((one, other) => one.createdAt - other.createdAt);
}

/** Resolves with the tasks once `wanted` holds for them. */
export async function untilTasks(
  client: Client,
  wanted: (tasks: TaskSummary[]) => boolean,
  withinMs: number,
): Promise<TaskSummary[]> {
  await client.when(() => wanted(tasksOf(client)), withinMs);
  return tasksOf(client);
}
