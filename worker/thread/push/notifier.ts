import { ulid } from 'ulid';
import type { Down } from '../../../protocol/down.ts';
import type { InboxItem } from '../../../protocol/inbox.ts';
import type { Device, NewDevice } from '../../../protocol/push.ts';
import { coalesced } from '../../platform/coalesce.ts';
import { log } from '../../platform/log.ts';
import { openedMessage, settledMessage, testMessage } from '../../push/message.ts';
import { sendAt } from '../../push/quiet.ts';
import type { Push, Sent } from '../../push/send.ts';
import { newVapidKeys } from '../../push/vapid.ts';
import type { Sockets } from '../sockets.ts';
import type { KeptDevice, PushRow, PushRows } from '../storage/push-rows.ts';
import type { ThreadStore } from '../storage/thread-store.ts';

/** After each try that the push service could not take; the one after the last pause is the last. */
const PAUSES_MS = [2_000, 10_000, 60_000, 5 * 60_000, 20 * 60_000, 60 * 60_000, 3 * 60 * 60_000];
const SENT_AT_ONCE = 20;
/** What is being sent is looked at again so soon, in case this object ends meanwhile. */
const IN_FLIGHT_MS = 30_000;
const DEVICES_MAX = 20;

type Parts = {
  store: ThreadStore;
  rows: PushRows;
  sockets: Pick<Sockets, 'broadcast' | 'isOnScreen'>;
  send: (push: Push) => Promise<Sent>;
};

const shown = ({ id, name, at, sent, test }: KeptDevice): Device => ({ id, name, at, sent, test });

/** Tells the person's devices what needs them, and takes it back when it is settled. */
export class Notifier {
  readonly #parts: Parts;
  /** Rows that are being sent. */
  readonly #inFlight = new Set<string>();
  readonly run: () => Promise<void>;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.run = coalesced(() => this.#sendAll());
  }

  /** Makes the keys that devices subscribe with, where there are none yet. */
  async prepare(): Promise<void> {
    const { store } = this.#parts;
    if (store.vapid !== null) return;
    const keys = await newVapidKeys();
    // Another page may have been faster.
    if (store.vapid === null) store.vapid = keys;
  }

  frame(): Down {
    const { store, rows } = this.#parts;
    return {
      type: 'devices',
      applicationServerKey: store.vapid?.publicKey ?? '',
      devices: rows.devices().map(shown),
    };
  }

  /** Something in the inbox is new or settled. Call in the transaction that stores it. */
  itemChanged(item: InboxItem, now: number): void {
    for (const device of this.#parts.rows.devices()) {
      if (item.outcome === null) this.#opened(device, item, now);
      else this.#settled(device, item.id, now);
    }
  }

  /** Tells this device from now on. @returns why not, in a sentence, or null. */
  put(given: NewDevice, now: number): string | null {
    const { rows } = this.#parts;
    const devices = rows.devices();
    const before = devices.find(({ id }) => id === given.id);
    if (before === undefined && devices.length >= DEVICES_MAX) {
      return `${DEVICES_MAX} devices are told already. Remove one in the settings first.`;
    }
    // One subscription is one device, whatever it called itself before.
    for (const { id, subscription } of devices) {
      const isSame = subscription.endpoint === given.subscription.endpoint;
      if (isSame && id !== given.id) rows.removeDevice(id);
    }
    const { at = now, sent = null, test = null } = before ?? {};
    rows.putDevice({ ...given, at, sent, test });
    this.#tell();
    return null;
  }

  /** @returns false where there is no such device. */
  remove(deviceId: string): boolean {
    if (this.#parts.rows.device(deviceId) === null) return false;
    this.#parts.rows.removeDevice(deviceId);
    this.#tell();
    return true;
  }

  /** Sends a test, whatever the hour. @returns false where there is no such device. */
  test(deviceId: string, now: number): boolean {
    const { rows } = this.#parts;
    const device = rows.device(deviceId);
    if (device === null) return false;
    const testId = ulid(now);
    rows.putDevice({ ...device, sent: null, test: { id: testId, at: now, receivedAt: null } });
    const row = { device_id: deviceId, item_id: testId, tries: 0, due_at: now };
    rows.putPush({ ...row, state: 'test' });
    this.#tell();
    return true;
  }

  /** The device says that its test came. */
  received(deviceId: string, testId: string, now: number): void {
    const { rows } = this.#parts;
    const device = rows.device(deviceId);
    if (device?.test?.id !== testId || device.test.receivedAt !== null) return;
    rows.putDevice({ ...device, test: { ...device.test, receivedAt: now } });
    this.#tell();
  }

  /** When `run` has something to send, or null. */
  wakeAt(): number | null {
    const times = this.#parts.rows
      .waiting()
      .map(({ id, due_at: at }) => (this.#inFlight.has(id) ? Date.now() + IN_FLIGHT_MS : at));
    return times.length === 0 ? null : Math.min(...times);
  }

  #opened({ id: deviceId }: KeptDevice, { id: itemId, taskId }: InboxItem, now: number): void {
    const { rows, sockets, store } = this.#parts;
    if (rows.push(deviceId, itemId) !== null) return;
    // What a task wanted before is not wanted any more: the new notification takes its place.
    for (const row of rows.pushes(deviceId)) {
      const older = row.state === 'test' ? null : store.inboxItem(row.item_id);
      if (older !== null && taskId !== null && older.taskId === taskId) rows.removePush(row);
    }
    const row = { device_id: deviceId, item_id: itemId, tries: 0 };
    // Remembered: what is only revised later was seen here, too.
    if (sockets.isOnScreen(deviceId, now))
      return rows.putPush({ ...row, state: 'seen', due_at: now });
    const at = sendAt(store.settings.notifications.quiet, now);
    rows.putPush({ ...row, state: 'opened', due_at: at });
  }

  #settled({ id: deviceId }: KeptDevice, itemId: string, now: number): void {
    const { rows } = this.#parts;
    const row = rows.push(deviceId, itemId);
    if (row === null) return;
    // One that is on its way may have arrived.
    if (row.state === 'seen') rows.removePush(row);
    else if (row.state === 'opened' && row.tries === 0 && !this.#inFlight.has(row.id)) {
      rows.removePush(row);
    } else {
      rows.putPush({ ...row, state: 'settled', tries: 0, due_at: now });
    }
  }

  async #sendAll(): Promise<void> {
    try {
      for (;;) {
        const now = Date.now();
        const due = this.#parts.rows
          .waiting()
          .filter(({ id, due_at: at }) => at <= now && !this.#inFlight.has(id))
          .slice(0, SENT_AT_ONCE);
        if (due.length === 0) return;
        await Promise.all(due.map((row) => this.#send(row)));
      }
    } catch (error) {
      log.error('push.not_sent', error);
    }
  }

  async #send(row: PushRow): Promise<void> {
    const { rows, send } = this.#parts;
    const device = rows.device(row.device_id);
    const push = device === null ? null : this.#pushOf(row, device);
    if (device === null || push === null) return rows.removePush(row);
    if (push === 'later') return;
    this.#inFlight.add(row.id);
    const sent = await send(push).finally(() => this.#inFlight.delete(row.id));
    this.#settle(row, sent, Date.now());
  }

  /** What is to be sent; `later` for what is not to be sent now, null for what is not known any more. */
  #pushOf(row: PushRow, device: KeptDevice): Push | 'later' | null {
    const { store, rows, sockets } = this.#parts;
    const { vapid } = store;
    if (vapid === null) return null;
    const how = { subscription: device.subscription, vapid, contact: store.email };
    const needs = rows.needsPerson();
    if (row.state === 'test') {
      const message = testMessage(device, row.item_id, needs);
      return { ...how, message, topic: row.item_id, urgency: 'high' };
    }
    const item = store.inboxItem(row.item_id);
    if (item === null) return null;
    const topic = item.taskId ?? item.id;
    if (row.state === 'settled') {
      const message = settledMessage(item, device.origin, needs);
      return { ...how, message, topic, urgency: 'normal' };
    }
    const now = Date.now();
    if (item.outcome !== null) return null;
    if (sockets.isOnScreen(device.id, now)) {
      rows.putPush({ ...row, state: 'seen' });
      return 'later';
    }
    const at = sendAt(store.settings.notifications.quiet, now);
    if (at > now) {
      rows.putPush({ ...row, due_at: at });
      return 'later';
    }
    const to = { origin: device.origin, person: store.email };
    const urgency = item.kind === 'review' ? 'normal' : 'high';
    return { ...how, message: openedMessage(item, to, needs), topic, urgency };
  }

  #settle(row: PushRow, sent: Sent, now: number): void {
    const { rows } = this.#parts;
    const device = rows.device(row.device_id);
    if (device === null) return;
    if (sent.is === 'gone') {
      rows.removeDevice(device.id);
      return this.#tell();
    }
    // Meanwhile it may have been settled, or removed for a newer one of the same task.
    const current = rows.push(row.device_id, row.item_id);
    const isAsItWas = current?.state === row.state;
    switch (sent.is) {
      case 'accepted':
        if (isAsItWas && row.state === 'opened') rows.putPush({ ...current, state: 'shown' });
        else if (isAsItWas) rows.removePush(row);
        break;
      case 'later': {
        const pause = PAUSES_MS[row.tries];
        if (!isAsItWas) break;
        if (pause === undefined) rows.removePush(row);
        else {
          const at = now + Math.max(pause, sent.afterMs);
          rows.putPush({ ...current, tries: row.tries + 1, due_at: at });
        }
        break;
      }
      case 'refused':
        if (isAsItWas) rows.removePush(row);
        log.warn('push.refused', { deviceId: device.id, why: sent.why });
        break;
    }
    this.#note(device, sent, now);
  }

  /** What became of the last push stands beside its device. */
  #note(device: KeptDevice, sent: Exclude<Sent, { is: 'gone' }>, now: number): void {
    const next: Device['sent'] =
      sent.is === 'accepted'
        ? { is: 'accepted', at: now }
        : { is: sent.is === 'later' ? 'waiting' : 'refused', at: now, why: sent.why };
    this.#parts.rows.putDevice({ ...device, sent: next });
    this.#tell();
  }

  #tell(): void {
    this.#parts.sockets.broadcast(this.frame());
  }
}
