import * as z from 'zod/mini';
import { Timestamp, Ulid } from './ids.ts';

/** Where a push service is asked: https, and a name rather than a number or this machine. */
const Endpoint = z
  .string()
  .check(
    z.maxLength(2_000),
    z.regex(/^https:\/\/(?=[a-z0-9.-]*[a-z])(?!localhost[:/])[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:\/|$)/),
  );

/** What a browser gives for pushes to it: `PushSubscription.toJSON()`, RFC 8291. */
export const PushSubscriptionKeys = z.object({
  endpoint: Endpoint,
  keys: z.object({
    /** Its public key: 65 bytes in base64url. */
    p256dh: z.string().check(z.regex(/^[\w-]{87}=?$/)),
    /** 16 bytes in base64url. */
    auth: z.string().check(z.regex(/^[\w-]{22}={0,2}$/)),
  }),
});
export type PushSubscriptionKeys = z.infer<typeof PushSubscriptionKeys>;

const DeviceName = z.string().check(z.trim(), z.minLength(1), z.maxLength(80));

/** A device that wants to be told; `applicationServerKey` is the one that its subscription was made with. */
export const NewDevice = z.object({
  id: Ulid,
  name: DeviceName,
  subscription: PushSubscriptionKeys,
  /** Where it has the app: `https://mainloop.example.com`. */
  origin: z.string().check(z.maxLength(300), z.regex(/^https?:\/\/[^/\s]+$/)),
  applicationServerKey: z.string().check(z.maxLength(200)),
});
export type NewDevice = z.infer<typeof NewDevice>;

/** A device that is told, as pages see it: without its keys. */
export const Device = z.object({
  id: Ulid,
  name: z.string(),
  /** Since when it is told. */
  at: Timestamp,
  /** What its push service said last; null before anything was sent. */
  sent: z.nullable(
    z.discriminatedUnion('is', [
      z.object({ is: z.literal('accepted'), at: Timestamp }),
      /** It could not be reached, and is asked again. */
      z.object({ is: z.literal('waiting'), at: Timestamp, why: z.string() }),
      z.object({ is: z.literal('refused'), at: Timestamp, why: z.string() }),
    ]),
  ),
  /** The last test, and when the device itself said that it came. */
  test: z.nullable(z.object({ id: Ulid, at: Timestamp, receivedAt: z.nullable(Timestamp) })),
});
export type Device = z.infer<typeof Device>;

const TimeOfDay = z.string().check(z.regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/));

/** Hours of the night in which nothing is sent: from `22:00` to `07:00`, by the clock of a time zone. */
export const QuietHours = z.object({
  from: TimeOfDay,
  to: TimeOfDay,
  /** As IANA names it: `Europe/Berlin`. */
  zone: z.string().check(z.maxLength(64), z.refine(isTimeZone)),
});
export type QuietHours = z.infer<typeof QuietHours>;

export const NotificationSettings = z.object({ quiet: z.nullable(QuietHours) });
export type NotificationSettings = z.infer<typeof NotificationSettings>;

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
