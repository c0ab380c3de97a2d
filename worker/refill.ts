import type { RefillAnswer } from '../protocol/rebuild.ts';

/** Tasks that one call asks: a Worker may make so many calls a request, and no more. */
const TASKS_AT_ONCE = 100;

/** What a person's objects are asked for. */
type Refillable = {
  thread: { refill(after: string | null): Promise<{ rows: number; taskIds: string[] } | null> };
  task(taskId: string): { refill(): Promise<number | null> };
};

/**
 * Has a person's objects put all that they hold on its way to Postgres again: the conversation first,
 * then its tasks, some at a time. Written again, a row stays as it is.
 */
export async function refill(
  { thread, task }: Refillable,
  after: string | null,
): Promise<RefillAnswer> {
  const own = await thread.refill(after);
  if (own === null) return { rows: 0, tasks: 0, next: null };
  const taskIds = own.taskIds.filter((taskId) => after === null || taskId > after);
  const now = taskIds.slice(0, TASKS_AT_ONCE);
  let { rows } = own;
  for (const taskId of now) rows += (await task(taskId).refill()) ?? 0;
  const next = taskIds.length > now.length ? (now.at(-1) ?? null) : null;
  return { rows, tasks: now.length, next };
}
