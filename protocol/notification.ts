import * as z from 'zod/mini';
import { InboxItemId, TaskId, Ulid } from './ids.ts';
import { Command } from './up.ts';

/** What a notification is of, for the service worker. */
export const NotificationData = z.discriminatedUnion('is', [
  /** An item that needs `person`. `commands` are what its buttons do: each acts once, by its id. */
  z.object({
    is: z.literal('item'),
    person: z.string(),
    itemId: InboxItemId,
    taskId: z.nullable(TaskId),
    commands: z.record(z.string(), Command),
  }),
  /** The item was settled: its notification goes. */
  z.object({ is: z.literal('settled'), itemId: InboxItemId, taskId: z.nullable(TaskId) }),
  /** Asked for by the person: the device says that it came. */
  z.object({ is: z.literal('test'), deviceId: Ulid, testId: Ulid }),
]);
export type NotificationData = z.infer<typeof NotificationData>;

/**
 * What is pushed: a declarative push message (W3C Push API), which Safari 18.4 and later show without
 * a service worker; everywhere else the service worker reads it.
 */
export const PushMessage = z.object({
  web_push: z.literal(8030),
  /** How many items need the person. */
  app_badge: z.int(),
  /** The service worker may change or drop what is shown. */
  mutable: z.literal(true),
  notification: z.object({
    title: z.string(),
    body: z.string(),
    /** Notifications of one task take each other's place. */
    tag: z.string(),
    /** The page that it opens. */
    navigate: z.string(),
    dir: z.literal('auto'),
    silent: z.boolean(),
    actions: z.array(z.object({ action: z.string(), title: z.string(), navigate: z.string() })),
    data: NotificationData,
  }),
});
export type PushMessage = z.infer<typeof PushMessage>;
