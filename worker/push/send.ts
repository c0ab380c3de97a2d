import { buildPushPayload } from '@block65/webcrypto-web-push';
import type { PushMessage } from '../../protocol/notification.ts';
import type { PushSubscriptionKeys } from '../../protocol/push.ts';
import type { Mirrors } from '../platform/mirrors.ts';
import type { VapidKeys } from './vapid.ts';

/** A device that is off gets it within a day; what still waits then is shown when it opens the app. */
const TTL_SECONDS = 24 * 60 * 60;
const ANSWER_WITHIN_MS = 10_000;
const RETRY_AFTER_MAX_SECONDS = 24 * 60 * 60;

export type Push = {
  subscription: PushSubscriptionKeys;
  vapid: VapidKeys;
  /** Whom a push service may write to: an e-mail address. */
  contact: string;
  message: PushMessage;
  /** Of what waits for a device that is off, the last one of a topic is kept. */
  topic: string;
  urgency: 'normal' | 'high';
};

/** What the push service made of it; `why` is a plain sentence. */
export type Sent =
  | { is: 'accepted' }
  /** The device has taken its subscription back. */
  | { is: 'gone' }
  | { is: 'later'; afterMs: number; why: string }
  | { is: 'refused'; why: string };

/** Sends one push (RFC 8030), encrypted for the device alone (RFC 8291). Never throws. */
export async function sendPush(push: Push, mirrors: Mirrors): Promise<Sent> {
  const { subscription, vapid, contact, message, topic, urgency } = push;
  const url = new URL(subscription.endpoint);
  let request: Awaited<ReturnType<typeof buildPushPayload>>;
  try {
    request = await buildPushPayload(
      { data: JSON.stringify(message), options: { ttl: TTL_SECONDS, topic, urgency } },
      { ...subscription, expirationTime: null },
      { subject: `mailto:${contact}`, ...vapid },
    );
  } catch {
    return { is: 'refused', why: 'The keys that this device gave cannot be used.' };
  }
  const host = url.hostname;
  try {
    const answer = await fetch(mirrors.resolve(url), {
      ...request,
      // Where it leads is the push service's word, not the person's.
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    await answer.body?.cancel();
    return sentOf(answer, host);
  } catch {
    return { is: 'later', afterMs: 0, why: `${host} does not answer.` };
  }
}

function sentOf({ ok, status, headers }: Response, host: string): Sent {
  if (ok) return { is: 'accepted' };
  if (status === 404 || status === 410) return { is: 'gone' };
  if (status === 429 || status >= 500) {
    const seconds = Number(headers.get('retry-after')) || 0;
    const afterMs = Math.min(Math.max(seconds, 0), RETRY_AFTER_MAX_SECONDS) * 1_000;
    return { is: 'later', afterMs, why: `${host} is overloaded (${status}).` };
  }
  return { is: 'refused', why: `${host} refused it (${status}).` };
}
