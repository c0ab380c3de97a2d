import type { InboxItem } from '../../protocol/inbox.ts';
import type { Message } from '../../protocol/message.ts';
import type { Settings } from '../../protocol/settings.ts';
import type { TaskQueue, TaskSummary } from '../../protocol/task.ts';
import type { TaskEvent } from '../../protocol/task-event.ts';

/** Metered use of one model by one task (or by the main thread, `taskId` null) in one request. */
export type UsageRow = {
  /** ULID of the request. */
  id: string;
  taskId: string | null;
  /** Full model name as it was asked for on the wire. */
  model: string;
  /** UTC day, `YYYY-MM-DD`. */
  day: string;
  at: number;
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  /** US dollars. */
  cost: number;
  /** Not what the API counted at the request's end: whoever asked had left, or the answer broke off. */
  isEstimated?: boolean | undefined;
};

/**
 * The row that stands for all of a conversation's own use on a UTC day up to then, which is kept there
 * by day only. It counts in place of the rows of single requests that were written before it; those
 * that follow it count beside it. Written anew, it is the same row.
 */
export function usageOfDay(day: string, cost: number): UsageRow {
  const none = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
  const at = Date.parse(`${day}T00:00:00Z`);
  return { id: usageOfDayId(day), taskId: null, model: 'all', day, at, ...none, cost };
}

export const usageOfDayId = (day: string): string => `day:${day}`;

/** What a conversation has besides its rows. */
export type ThreadRow = {
  /** The rolling summary, and the log number of the last message in it. */
  summary: { text: string; upTo: number } | null;
  queue: TaskQueue;
};

/** A task as its conversation has it. */
export type ThreadTaskRow = {
  id: string;
  task: TaskSummary;
  /** Number of the last report that was taken; 0 before the first. */
  report: number;
  /** What it was started with; null where that is not known any more. */
  spec: object | null;
};

/** A durable row on its way to Postgres; the upsert key is the id inside. Later versions replace earlier ones. */
export type HistoryRow =
  | { table: 'messages'; personId: string; row: Message }
  | { table: 'tasks'; personId: string; row: TaskSummary & { prompt: string } }
  | { table: 'task_events'; personId: string; taskId: string; row: TaskEvent }
  | { table: 'inbox_items'; personId: string; row: InboxItem }
  | { table: 'usage'; personId: string; row: UsageRow }
  | { table: 'settings'; personId: string; row: Settings }
  | { table: 'threads'; personId: string; row: ThreadRow }
  | { table: 'thread_tasks'; personId: string; row: ThreadTaskRow }
  /** What a task goes on from, as its storage has it: read by the task itself only. */
  | { table: 'task_states'; personId: string; taskId: string; row: object };
