import { createEffect, createMemo, on, onCleanup } from 'solid-js';
import { NotificationData } from '../../protocol/notification.ts';
import type { Mainloop } from '../state/context.tsx';
import { openItems } from '../state/selectors.ts';

/**
 * Keeps what this device is told in line with what is so: its subscription with the server's list,
 * the badge with the inbox, and what was shown with what still needs the person.
 *
 * @param open goes to a page of this app, for a tap on a notification.
 */
export function keepTold(mainloop: Mainloop, open: (path: string) => void): void {
  const { state } = mainloop;
  const needs = createMemo(() => openItems(state).map(({ id }) => id));

  createEffect(() => {
    if (state.shown === 'nothing' || !('setAppBadge' in navigator)) return;
    const { length } = needs();
    // A browser that has no badge to show says no.
    void (length > 0 ? navigator.setAppBadge(length) : navigator.clearAppBadge()).catch(() => {});
  });

  const closeSettled = async (waiting: readonly string[]) => {
    const known = await navigator.serviceWorker.getRegistration();
    for (const notification of (await known?.getNotifications()) ?? []) {
      const data = NotificationData.safeParse(notification.data?.data).data;
      if (data?.is === 'item' && !waiting.includes(data.itemId)) notification.close();
    }
  };
  createEffect(() => {
    if (state.shown === 'live' && 'serviceWorker' in navigator) {
      void closeSettled(needs()).catch(() => {});
    }
  });

  if (!('serviceWorker' in navigator)) return;
  const onMessage = ({ data }: MessageEvent) => {
    if (data?.type === 'open' && typeof data.path === 'string') open(data.path);
  };
  navigator.serviceWorker.addEventListener('message', onMessage);
  onCleanup(() => navigator.serviceWorker.removeEventListener('message', onMessage));

  createEffect(
    on([() => state.devices, () => state.installation?.person], ([devices, person]) => {
      if (devices === null || person === undefined) return;
      // A browser that was not allowed to tell anything has nothing to be put in line.
      if (!('Notification' in globalThis) || Notification.permission !== 'granted') return;
      void import('./in-line.ts')
        .then(({ putInLine }) => putInLine(mainloop, devices, person))
        // Asked again with the next list.
        .catch(() => {});
    }),
  );
}
