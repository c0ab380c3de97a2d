/// <reference lib="webworker" />
import { NotificationData, PushMessage } from '../../protocol/notification.ts';
import { type Command } from '../../protocol/up.ts';
import { newId } from '../net/new-id.ts';
import { outbox } from '../net/outbox.ts';

declare const self: ServiceWorkerGlobalScope;

/** What a notification keeps for the tap on it. */
type Kept = { data: NotificationData; navigate: string };
type Shown = Pick<PushMessage['notification'], 'title' | 'body' | 'tag' | 'navigate' | 'data'> &
  Partial<Pick<PushMessage['notification'], 'silent' | 'actions'>>;

const kept = ({ data }: Notification): Kept | null => {
  const parsed = NotificationData.safeParse(data?.data);
  return parsed.success ? { data: parsed.data, navigate: String(data.navigate) } : null;
};

/** Takes what is pushed to this device, and the taps on what it shows. */
export function takePushes(): void {
  self.addEventListener('push', (event) => event.waitUntil(onPush(event)));
  self.addEventListener('notificationclick', (event) => {
    event.notification.close();
    event.waitUntil(onClick(event.notification, event.action));
  });
}

async function onPush(event: PushEvent): Promise<void> {
  // Safari has read it by itself already, and shows it whatever is done here.
  const declared = 'notification' in event ? (event.notification as Notification | null) : null;
  const message = declared === null ? read(event.data) : null;
  const data = message?.notification.data ?? (declared === null ? null : dataOf(declared));
  if (message !== null) await take(message);
  if (data?.is === 'test') await confirmTest(data);
}

async function take({ app_badge: needs, notification }: PushMessage): Promise<void> {
  await setBadge(needs);
  switch (notification.data.is) {
    case 'settled':
      return closeOf(notification.tag, notification.data.itemId);
    case 'item':
      // What is on the screen says it already.
      return (await isInSight()) ? undefined : show(notification);
    case 'test':
      return show(notification);
  }
}

function read(data: PushMessageData | null): PushMessage | null {
  try {
    const parsed = PushMessage.safeParse(data?.json());
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

const dataOf = ({ data }: Notification): NotificationData | null =>
  NotificationData.safeParse(data).data ?? null;

async function show({ title, navigate, data, actions = [], ...how }: Shown): Promise<void> {
  const options = {
    ...how,
    dir: 'auto' as const,
    icon: '/icon-192.png',
    // The same task again is news, and takes the older one's place.
    renotify: how.silent !== true,
    actions: actions.map(({ action, title: words }) => ({ action, title: words })),
    data: { data, navigate },
  };
  await self.registration.showNotification(title, options);
}

async function closeOf(tag: string, itemId: string): Promise<void> {
  for (const notification of await self.registration.getNotifications({ tag })) {
    const data = kept(notification)?.data;
    if (data?.is === 'item' && data.itemId === itemId) notification.close();
  }
}

async function setBadge(count: number): Promise<void> {
  if (!('setAppBadge' in navigator)) return;
  await (count > 0 ? navigator.setAppBadge(count) : navigator.clearAppBadge()).catch(() => {});
}

async function windows(): Promise<readonly WindowClient[]> {
  return self.clients.matchAll({ type: 'window', includeUncontrolled: true });
}

const isInSight = async (): Promise<boolean> =>
  (await windows()).some(({ visibilityState }) => visibilityState === 'visible');

/** Says to the server that a test came: the settings show it. */
async function confirmTest({ deviceId, testId }: { deviceId: string; testId: string }) {
  // Signed out or offline: the person sees the notification anyway.
  await post({ type: 'test_received', id: newId(), deviceId, testId }).catch(() => {});
}

function post(command: Command): Promise<Response> {
  return fetch('/api/commands', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-requested-with': 'XMLHttpRequest' },
    redirect: 'manual',
    body: JSON.stringify(command),
  });
}

async function onClick(notification: Notification, action: string): Promise<void> {
  const tapped = kept(notification);
  if (tapped === null) return open('/inbox');
  const { data, navigate } = tapped;
  const command = data.is === 'item' ? data.commands[action] : undefined;
  if (data.is !== 'item' || command === undefined) return open(navigate);
  await decide(command, data.person, { ...notification, ...tapped, tag: notification.tag });
}

/** Does what a button says. Its command waits in the outbox like any other until the server has it. */
async function decide(
  command: Command,
  person: string,
  { title, tag, navigate, data }: { title: string; tag: string } & Kept,
): Promise<void> {
  await outbox.put({ command, at: Date.now(), person }).catch(() => {});
  const say = (body: string) => show({ title, tag, navigate, data: without(data), body });
  let answer: Response;
  try {
    answer = await post(command);
  } catch {
    return say('Not sent yet: there is no connection. It is sent when you open Mainloop.');
  }
  if (answer.status === 401 || answer.type === 'opaqueredirect') return open(navigate);
  if (answer.ok || answer.status === 409) await outbox.remove(command.id).catch(() => {});
  if (answer.ok) return;
  const told: unknown = await answer.json().catch(() => null);
  const text = told !== null && typeof told === 'object' && 'text' in told ? told.text : null;
  return say(typeof text === 'string' ? text : 'That did not work. Open it to try again.');
}

/** A tap on what says how it went opens the item; its buttons have been used. */
const without = (data: NotificationData): NotificationData =>
  data.is === 'item' ? { ...data, commands: {} } : data;

/** Brings the app to this page: in a window that is there, without loading it anew, or in a new one. */
async function open(url: string): Promise<void> {
  const [first, ...others] = await windows();
  const window = others.find(({ focused }) => focused) ?? first;
  if (window === undefined) {
    await self.clients.openWindow(url);
    return;
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a client's has none
  window.postMessage({ type: 'open', path: new URL(url, self.location.origin).pathname });
  // Only a tap may bring a window to the front.
  await window.focus().catch(() => {});
}
