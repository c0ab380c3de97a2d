import * as z from 'zod/mini';
import { deviceId } from '../net/device.ts';

/** Whether this browser can be told, and what stands in the way. */
export type Ability =
  | 'can'
  /** iPhones tell only what has been put on the Home Screen. */
  | 'home_screen'
  | 'cannot'
  /** The person or the browser has said no to this site. */
  | 'blocked';

/** Whose devices this browser was added to, and where it is reached: another person who signs in here is not told as they are. */
const TOLD = 'told';

export const isPhoneOfApple = () =>
  /iPhone|iPad|iPod/.test(navigator.userAgent) ||
  (navigator.userAgent.includes('Macintosh') && navigator.maxTouchPoints > 1);

export function ability(): Ability {
  const can = 'serviceWorker' in navigator && 'PushManager' in globalThis;
  if (!can || !('Notification' in globalThis) || deviceId() === null) {
    return isPhoneOfApple() && !matchMedia('(display-mode: standalone)').matches
      ? 'home_screen'
      : 'cannot';
  }
  return Notification.permission === 'denied' ? 'blocked' : 'can';
}

export async function current(): Promise<PushSubscription | null> {
  if (ability() === 'cannot' || ability() === 'home_screen') return null;
  const known = await navigator.serviceWorker.getRegistration();
  return (await known?.pushManager.getSubscription()) ?? null;
}

/** The key that a subscription was made with, in base64url. */
export function keyOf({ options }: PushSubscription): string | null {
  const bytes = options.applicationServerKey;
  if (bytes === null) return null;
  const text = String.fromCodePoint(...new Uint8Array(bytes));
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

export async function unsubscribe(): Promise<void> {
  localStorage.removeItem(TOLD);
  await (await current())?.unsubscribe();
}

const Told = z.object({ person: z.string(), endpoint: z.string() });

/** Whom this browser's subscription tells, and where it was when that was said; null where nobody's is here. */
export function told(): z.infer<typeof Told> | null {
  try {
    return Told.parse(JSON.parse(localStorage.getItem(TOLD) ?? ''));
  } catch {
    return null;
  }
}

/** From now on this browser's subscription tells this person, and is reached at `endpoint`. */
export function noteTold(person: string, endpoint: string): void {
  localStorage.setItem(TOLD, JSON.stringify({ person, endpoint }));
}
