import * as z from 'zod/mini';
import { ChangesSummary } from './changes.ts';
import { MessageId, Seq, TaskId, Timestamp, Ulid } from './ids.ts';
import { InboxItem } from './inbox.ts';
import { LogEntry } from './log.ts';
import { Message } from './message.ts';
import { Repository } from './repository.ts';
import { Usage } from './model.ts';
import { Device } from './push.ts';
import { Settings } from './settings.ts';
import { TaskSummary, TaskQueue } from './task.ts';

/** Who is signed in and what this installation runs on. */
export const Installation = z.object({
  /** E-mail address, or the subject when there is none. */
  person: z.string(),
  /** Set when the models are the local stack's stand-in: the sentence to show. */
  offlineModel: z.nullable(z.string()),
  /** Why no secret can be kept, in a sentence; null when they can. */
  noSecrets: z.nullable(z.string()),
  /** Where the git host's pages are, without a trailing slash. */
  gitHost: z.url(),
});
export type Installation = z.infer<typeof Installation>;

/** Why a command was not done; `text` is the plain sentence for the person. */
export const RefusalCode = z.enum([
  'empty',
  'too_long',
  'not_found',
  'already_settled',
  'not_possible_now',
  'malformed',
]);
export type RefusalCode = z.infer<typeof RefusalCode>;

/** Everything that a fresh client shows, bounded whatever the length of the conversation. */
export const Snapshot = z.object({
  /** The log number that this snapshot stands at. */
  seq: z.int(),
  /** The newest messages, oldest first. */
  messages: z.array(Message),
  /** True when there are older messages to page in. */
  hasOlder: z.boolean(),
  /** All tasks that are not final, and those that ended lately. */
  tasks: z.array(TaskSummary),
  /** All open items, and those settled lately. */
  inbox: z.array(InboxItem),
  settings: Settings,
  queue: TaskQueue,
});
export type Snapshot = z.infer<typeof Snapshot>;

/** Main thread to browser. */
export const Down = z.discriminatedUnion('type', [
  /** Answers `hello`. A snapshot follows when the cursor was null, entries otherwise. */
  z.object({ type: z.literal('welcome'), version: z.int(), installation: Installation }),
  z.object({ type: z.literal('snapshot'), snapshot: Snapshot }),
  /** Tasks and items that one frame had no room for: they belong to the snapshot before. */
  z.object({
    type: z.literal('snapshot_more'),
    tasks: z.array(TaskSummary),
    inbox: z.array(InboxItem),
  }),
  /** In order, without gaps. `upTo` is the head of the log when they were read: more follow while the last seq is below it. */
  z.object({ type: z.literal('entries'), entries: z.array(LogEntry), upTo: z.int() }),
  /**
   * Streamed text of the message: what stands from `offset` on (UTF-16 code units) is replaced by
   * `text`. Not in the log; the message's next entry holds the whole.
   */
  z.object({ type: z.literal('delta'), messageId: MessageId, offset: z.int(), text: z.string() }),
  /** What a task does now. Not in the log; its next entry holds the same. */
  z.object({
    type: z.literal('progress'),
    taskId: TaskId,
    note: z.nullable(z.string()),
    usage: Usage,
    changes: z.nullable(ChangesSummary),
  }),
  z.object({ type: z.literal('repositories'), repositories: z.array(Repository) }),
  /** All that was spent on a UTC day (`YYYY-MM-DD`) so far, in US dollars. Not in the log. */
  z.object({ type: z.literal('spending'), day: z.string(), cost: z.number() }),
  /** Devices that are told what needs the person, and the key to subscribe with (VAPID, base64url). Not in the log. */
  z.object({
    type: z.literal('devices'),
    applicationServerKey: z.string(),
    devices: z.array(Device),
  }),
  /** Answers a page that has come into sight: when one was in sight last, on any device; null while one is. */
  z.object({ type: z.literal('away'), since: z.nullable(Timestamp), at: Timestamp }),
  /** The command is stored; `seq` is the log number that holds its effect, or null when it has none. */
  z.object({ type: z.literal('ack'), id: Ulid, seq: z.nullable(Seq) }),
  z.object({
    type: z.literal('refused'),
    /** Null when the frame could not be read far enough to have an id. */
    id: z.nullable(z.string()),
    code: RefusalCode,
    text: z.string(),
  }),
]);
export type Down = z.infer<typeof Down>;

/** WebSocket close codes of this protocol (RFC 6455, 4000-4999 is private use). */
export const CLOSE = {
  /** The page is older or newer than the server: reload. */
  version: 4000,
  /** The sign-in expired: sign in again. */
  signedOut: 4001,
  /** The client sent what the protocol does not know. */
  malformed: 4002,
} as const;
