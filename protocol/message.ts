import * as z from 'zod/mini';
import { Attachment } from './attachment.ts';
import { MessageId, Seq, TaskId, Timestamp } from './ids.ts';

/** Longest text that a person may send, in UTF-16 code units. */
export const MESSAGE_MAX_CHARS = 100_000;

/** What the person wrote. */
const PersonMessage = z.object({
  id: MessageId,
  from: z.literal('person'),
  text: z.string(),
  at: Timestamp,
  /** Log number of its first entry; messages are shown in this order. */
  seq: Seq,
  /** Absent where nothing is attached. */
  attachments: z.optional(z.array(Attachment)),
});

/**
 * How far a reply is. `cut` ended before its end (the person stopped it, or the object restarted);
 * `failed` carries one plain sentence for the person.
 */
const ReplyState = z.discriminatedUnion('is', [
  z.object({ is: z.literal('streaming') }),
  z.object({ is: z.literal('done') }),
  z.object({ is: z.literal('cut'), why: z.enum(['stopped', 'restarted']) }),
  z.object({ is: z.literal('failed'), error: z.string() }),
]);

/** What Mainloop said: Markdown, and the tasks whose cards stand below it. */
export const MainloopMessage = z.object({
  id: MessageId,
  from: z.literal('mainloop'),
  text: z.string(),
  at: Timestamp,
  seq: Seq,
  state: ReplyState,
  /** Tasks that this message started, in order. */
  taskIds: z.array(TaskId),
  /** The task whose news it tells: its words may be a worker's own. Absent where it answers the person. */
  about: z.optional(TaskId),
});
export type MainloopMessage = z.infer<typeof MainloopMessage>;

export const Message = z.discriminatedUnion('from', [PersonMessage, MainloopMessage]);
export type Message = z.infer<typeof Message>;
