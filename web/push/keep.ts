import { createEffect, createMemo, on, onCleanup } from 'solid-js';
import { NotificationData } from '../../protocol/notification.ts';
import { deviceId } from '../net/device.ts';
import type { Mainloop } from '../state/context.tsx';
import { openItems } from '../state/selectors.ts';
import { current, keyOf, told, unsubscribe } from './subscription.ts';

/**
 * Keeps what this device is told in line with what is so: its subscription with the server's list,
 * the badge with the inbox, and what was shown with what still needs the person.
 *
 * @param open goes to a page of this app, for a tap on a notification.
 */
export function keepTold({ state, act }: Mainloop, open: (path: string) => void): void {
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
      void inLine(devices, person).catch(() => {});
    }),
  );

  const inLine = async (devices: NonNullable<typeof state.devices>, person: string) => {
    const subscription = await current();
    if (subscription === null || state.pending.some(({ command }) => isOfDevices(command))) return;
    const before = told();
    if (before?.person !== person) return unsubscribe();
    const { applicationServerKey, list } = devices;
    const isKnown = list.some(({ id }) => id === deviceId());
    const hasMoved = isKnown && before.endpoint !== subscription.endpoint;
    // The conversation lost its keys and was built anew, or the browser has another address.
    if (keyOf(subscription) !== applicationServerKey || hasMoved) {
      if (Notification.permission !== 'granted') return;
      const { subscribe } = await import('./subscribe.ts');
      const device = await subscribe(person, applicationServerKey);
      act({ type: 'put_device', device });
    } else if (!isKnown) {
      // Removed, on another device or by the push service.
      await unsubscribe();
    }
  };
}

const isOfDevices = ({ type }: { type: string }) =>
  type === 'put_device' || type === 'remove_device';
