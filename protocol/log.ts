import * as z from 'zod/mini';
import { Seq, Timestamp } from './ids.ts';
import { InboxItem } from './inbox.ts';
import { Message } from './message.ts';
import { Settings } from './settings.ts';
import { TaskSummary, TaskQueue } from './task.ts';

/**
 * One durable change of the person's state. A client's state is the fold of these: each entry
 * replaces what it had under the same id.
 */
export const LogChange = z.discriminatedUnion('type', [
  z.object({ type: z.literal('message'), message: Message }),
  z.object({ type: z.literal('task'), task: TaskSummary }),
  z.object({ type: z.literal('inbox'), item: InboxItem }),
  z.object({ type: z.literal('settings'), settings: Settings }),
  z.object({ type: z.literal('queue'), queue: TaskQueue }),
]);
export type LogChange = z.infer<typeof LogChange>;

export const LogEntry = z.object({ seq: Seq, at: Timestamp, change: LogChange });
export type LogEntry = z.infer<typeof LogEntry>;
