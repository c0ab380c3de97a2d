import { deviceId } from '../net/device.ts';
import type { Mainloop } from '../state/context.tsx';
import { subscribe } from './subscribe.ts';
import { current, keyOf, told, unsubscribe } from './subscription.ts';

/** Puts this browser's subscription in line with the devices that the server lists for the person. */
export async function putInLine(
  { state, act }: Mainloop,
  { applicationServerKey, list }: NonNullable<Mainloop['state']['devices']>,
  person: string,
): Promise<void> {
  const subscription = await current();
  if (subscription === null || state.pending.some(({ command }) => isOfDevices(command))) return;
  const before = told();
  if (before?.person !== person) return unsubscribe();
  const isKnown = list.some(({ id }) => id === deviceId());
  const hasMoved = isKnown && before.endpoint !== subscription.endpoint;
  // The conversation lost its keys and was built anew, or the browser has another address.
  if (keyOf(subscription) !== applicationServerKey || hasMoved) {
    act({ type: 'put_device', device: await subscribe(person, applicationServerKey) });
  } else if (!isKnown) {
    // Removed, on another device or by the push service.
    await unsubscribe();
  }
}

const isOfDevices = ({ type }: { type: string }) =>
  type === 'put_device' || type === 'remove_device';
