import * as z from 'zod/mini';
import type { NewDevice } from '../../protocol/push.ts';
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

const isPhoneOfApple = () =>
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

/** What a person would call this device: `Chrome on Android`. */
function deviceName(): string {
  const agent = navigator.userAgent;
  const browsers: [RegExp, string][] = [
    [/Edg\//, 'Edge'],
    [/Firefox\/|FxiOS\//, 'Firefox'],
    [/SamsungBrowser\//, 'Samsung Internet'],
    [/Chrome\/|CriOS\//, 'Chrome'],
    [/Safari\//, 'Safari'],
  ];
  const systems: [RegExp, string][] = [
    [/iPhone/, 'iPhone'],
    [/iPad/, 'iPad'],
    [/Android/, 'Android'],
    [/Windows/, 'Windows'],
    [/CrOS/, 'ChromeOS'],
    [/Macintosh/, isPhoneOfApple() ? 'iPad' : 'Mac'],
    [/Linux/, 'Linux'],
  ];
  const named = (list: [RegExp, string][]) => list.find(([pattern]) => pattern.test(agent))?.[1];
  return `${named(browsers) ?? 'A browser'} on ${named(systems) ?? 'a device'}`;
}

async function registration(): Promise<ServiceWorkerRegistration> {
  return navigator.serviceWorker.ready;
}

export async function current(): Promise<PushSubscription | null> {
  if (ability() === 'cannot' || ability() === 'home_screen') return null;
  const known = await navigator.serviceWorker.getRegistration();
  return (await known?.pushManager.getSubscription()) ?? null;
}

/** Asks the person, where they have not said yes, and the browser for a subscription. @throws in words. */
export async function subscribe(person: string, applicationServerKey: string): Promise<NewDevice> {
  const said = await Notification.requestPermission();
  if (said !== 'granted') throw new Error('Notifications were not allowed.');
  const { pushManager } = await registration();
  const before = await pushManager.getSubscription();
  // One that was made for another key cannot be sent to with this one.
  if (before !== null && keyOf(before) !== applicationServerKey) await before.unsubscribe();
  const subscription = await pushManager
    .subscribe({ userVisibleOnly: true, applicationServerKey })
    .catch(() => {
      throw new Error('This browser’s push service cannot be reached. Try again later.');
    });
  const { endpoint, keys } = subscription.toJSON();
  const id = deviceId();
  if (endpoint === undefined || keys?.p256dh === undefined || keys.auth === undefined) {
    throw new Error('This browser gave no address to be told at.');
  }
  if (id === null) throw new Error('This browser keeps nothing of this site.');
  localStorage.setItem(TOLD, JSON.stringify({ person, endpoint }));
  return {
    id,
    name: deviceName(),
    subscription: { endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } },
    origin: location.origin,
    applicationServerKey,
  };
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
