import * as z from 'zod/mini';
import { InboxItemId, MessageId, TaskId, Ulid } from './ids.ts';

/** Longest frame that the thread's socket accepts, in UTF-16 code units; longer ones are refused. */
export const UP_FRAME_MAX_CHARS = 600_000;

/**
 * The first frame on every connection. `cursor` is the last log number that the client holds,
 * or null to begin with a snapshot.
 */
const Hello = z.object({
  type: z.literal('hello'),
  version: z.int(),
  cursor: z.nullable(z.int().check(z.nonnegative())),
});

/** Commands wait in the client's outbox under `id` until they are acknowledged or refused; a repeated id acts once. */
const Send = z.object({ type: z.literal('send'), id: MessageId, text: z.string() });
/** Ends the reply that streams now; nothing happens when none does. */
const Stop = z.object({ type: z.literal('stop'), id: Ulid });
/** Asks once more for a reply that was cut or failed. */
const Again = z.object({ type: z.literal('again'), id: Ulid, messageId: MessageId });
const DismissItem = z.object({ type: z.literal('dismiss'), id: Ulid, itemId: InboxItemId });
const CancelTask = z.object({ type: z.literal('cancel_task'), id: Ulid, taskId: TaskId });
/** Starts a failed or cancelled task again from its last checkpoint. */
const RetryTask = z.object({ type: z.literal('retry_task'), id: Ulid, taskId: TaskId });
const MessageTask = z.object({
  type: z.literal('message_task'),
  id: Ulid,
  taskId: TaskId,
  text: z.string(),
});

export const Command = z.discriminatedUnion('type', [
  Send,
  Stop,
  Again,
  DismissItem,
  CancelTask,
  RetryTask,
  MessageTask,
]);
export type Command = z.infer<typeof Command>;

/** Browser to main thread. */
export const Up = z.discriminatedUnion('type', [Hello, ...Command.def.options]);
export type Up = z.infer<typeof Up>;
