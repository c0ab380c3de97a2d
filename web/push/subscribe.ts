import type { NewDevice } from '../../protocol/push.ts';
import { deviceId } from '../net/device.ts';
import { isPhoneOfApple, keyOf, noteTold } from './subscription.ts';

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

/** Asks the person, where they have not said yes, and the browser for a subscription. @throws in words. */
export async function subscribe(person: string, applicationServerKey: string): Promise<NewDevice> {
  const said = await Notification.requestPermission();
  if (said !== 'granted') throw new Error('Notifications were not allowed.');
  const { pushManager } = await navigator.serviceWorker.ready;
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
  noteTold(person, endpoint);
  return {
    id,
    name: deviceName(),
    subscription: { endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } },
    origin: location.origin,
    applicationServerKey,
  };
}
