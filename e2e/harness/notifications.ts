import type { BrowserContext, CDPSession, Page, Worker } from 'playwright-core';
import type { Received } from './push-service.ts';

/** A notification as it is shown on a device. */
export type ShownNotification = {
  title: string;
  body: string;
  tag: string;
  actions: { action: string; title: string }[];
};

export type Notifications = {
  /** Hands a push to the browser, as its push service does. */
  deliver(received: Received): Promise<void>;
  /** What is shown now. */
  shown(): Promise<ShownNotification[]>;
  /** Taps on the notification with this tag, or on one of its buttons. */
  tap(tag: string, action?: string): Promise<void>;
};

/** In the service worker. */
const SHOWN = `registration.getNotifications().then((all) =>
  all.map(({ title, body, tag, actions }) => ({
    title,
    body,
    tag,
    actions: (actions ?? []).map(({ action, title: words }) => ({ action, title: words })),
  })))`;
const TAP = `async (tag, action) => {
  const [notification] = await registration.getNotifications({ tag });
  if (notification === undefined) throw new Error('No notification ' + tag);
  const waits = [];
  const event = new NotificationEvent('notificationclick', { notification, action });
  event.waitUntil = (promise) => waits.push(promise);
  dispatchEvent(event);
  await Promise.allSettled(waits);
}`;

/** The notifications of a browser; its page has been opened, and its service worker serves it. */
export async function notificationsOf(page: Page): Promise<Notifications> {
  const context: BrowserContext = page.context();
  const { origin } = new URL(page.url());
  await context.grantPermissions(['notifications'], { origin });
  const worker: Worker =
    context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'));
  const session = await context.newCDPSession(page);
  const registrationId = await registrationOf(session, origin);
  return {
    deliver: async ({ message }) => {
      const data = JSON.stringify(message);
      await session.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data });
    },
    shown: () => worker.evaluate<ShownNotification[]>(SHOWN),
    tap: (tag, action = '') =>
      worker.evaluate<void>(`(${TAP})(${JSON.stringify(tag)}, ${JSON.stringify(action)})`),
  };
}

async function registrationOf(session: CDPSession, origin: string): Promise<string> {
  const found = new Promise<string>((resolve) => {
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const own = registrations.find(({ scopeURL }) => scopeURL.startsWith(origin));
      if (own !== undefined) resolve(own.registrationId);
    });
  });
  await session.send('ServiceWorker.enable');
  return found;
}
