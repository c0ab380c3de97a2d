import * as z from 'zod/mini';
import { Attachments } from './attachment.ts';
import { InboxItemId, MessageId, TaskId, Ulid } from './ids.ts';
import { NewDevice } from './push.ts';
import { SettingsChange } from './settings.ts';
import { TaskCommand } from './task-command.ts';

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
const Send = z.object({
  type: z.literal('send'),
  id: MessageId,
  /** May be empty where something is attached. */
  text: z.string(),
  /** Files that are uploaded already. The server goes by their ids and by what it knows of them. */
  attachments: z.optional(Attachments),
});
/** Ends the reply that streams now; nothing happens when none does. */
const Stop = z.object({ type: z.literal('stop'), id: Ulid });
/** Asks once more for a reply that was cut or failed. */
const Again = z.object({ type: z.literal('again'), id: Ulid, messageId: MessageId });
const DismissItem = z.object({ type: z.literal('dismiss'), id: Ulid, itemId: InboxItemId });
/** Asks something of a task. */
const AskTask = z.object({
  type: z.literal('task'),
  id: Ulid,
  taskId: TaskId,
  command: TaskCommand,
});
/** Gives a task that waits for a slot another place in the queue, counted from 1. */
const MoveTask = z.object({
  type: z.literal('move_task'),
  id: Ulid,
  taskId: TaskId,
  position: z.int().check(z.positive()),
});
const ChangeSettings = z.object({
  type: z.literal('change_settings'),
  id: Ulid,
  change: SettingsChange,
});

/** Tells a device from now on, or where it is reached now. */
const PutDevice = z.object({ type: z.literal('put_device'), id: Ulid, device: NewDevice });
const RemoveDevice = z.object({ type: z.literal('remove_device'), id: Ulid, deviceId: Ulid });
/** Sends a test to a device; what comes of it is shown beside it. */
const TestDevice = z.object({ type: z.literal('test_device'), id: Ulid, deviceId: Ulid });
/** The device says that a test came. */
const TestReceived = z.object({
  type: z.literal('test_received'),
  id: Ulid,
  deviceId: Ulid,
  testId: Ulid,
});

export const Command = z.discriminatedUnion('type', [
  Send,
  Stop,
  Again,
  DismissItem,
  AskTask,
  MoveTask,
  ChangeSettings,
  PutDevice,
  RemoveDevice,
  TestDevice,
  TestReceived,
]);
export type Command = z.infer<typeof Command>;

/** Whether a page can be seen, and on which device: what is on a screen is not pushed to it. */
const Screen = z.object({
  type: z.literal('screen'),
  deviceId: z.nullable(Ulid),
  isVisible: z.boolean(),
});

/** Browser to main thread. */
export const Up = z.discriminatedUnion('type', [Hello, Screen, ...Command.def.options]);
export type Up = z.infer<typeof Up>;
