import type { InboxItem } from '../../protocol/inbox.ts';
import type { Message } from '../../protocol/message.ts';
import type { Settings } from '../../protocol/settings.ts';
import type { TaskSummary } from '../../protocol/task.ts';
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
};

/** A durable row on its way to Postgres; the upsert key is the id inside. Later versions replace earlier ones. */
export type HistoryRow =
  | { table: 'messages'; personId: string; row: Message }
  | { table: 'tasks'; personId: string; row: TaskSummary & { prompt: string } }
  | { table: 'task_events'; personId: string; taskId: string; row: TaskEvent }
  | { table: 'inbox_items'; personId: string; row: InboxItem }
  | { table: 'usage'; personId: string; row: UsageRow }
  | { table: 'settings'; personId: string; row: Settings };
