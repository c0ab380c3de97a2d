import * as z from 'zod/mini';
import type { Device, NewDevice } from '../../../protocol/push.ts';
import type { SetAside } from '../../platform/set-aside.ts';
import { StoredId, StoredTime } from '../../platform/stored-values.ts';

/** A device with what a push to it needs. */
export type KeptDevice = NewDevice & Pick<Device, 'at' | 'sent' | 'test'>;

export const StoredDevice: z.ZodMiniType<KeptDevice> = z.object({
  id: StoredId,
  name: z.string(),
  origin: z.string(),
  subscription: z.object({
    endpoint: z.string(),
    keys: z.object({ p256dh: z.string(), auth: z.string() }),
  }),
  applicationServerKey: z.string(),
  at: StoredTime,
  sent: z.nullable(
    z.discriminatedUnion('is', [
      z.object({ is: z.literal('accepted'), at: StoredTime }),
      z.object({ is: z.literal('waiting'), at: StoredTime, why: z.string() }),
      z.object({ is: z.literal('refused'), at: StoredTime, why: z.string() }),
    ]),
  ),
  test: z.nullable(z.object({ id: StoredId, at: StoredTime, receivedAt: z.nullable(StoredTime) })),
});

/**
 * A row of `pushes`, by device and item: `opened` is to be shown, `shown` was, `settled` is to be
 * taken back; `seen` stood on the device's screen, so that there is nothing to show and nothing to take
 * back; `test` names no item, but the test.
 */
export const StoredPush = z.object({
  id: z.string(),
  device_id: StoredId,
  item_id: StoredId,
  state: z.enum(['opened', 'shown', 'seen', 'settled', 'test']),
  tries: z.int(),
  due_at: StoredTime,
});
export type PushRow = z.infer<typeof StoredPush>;

/** Who is told, and what they are told and were: plain reads and writes. Nothing of it goes to Postgres. */
export class PushRows {
  readonly #sql: SqlStorage;
  readonly #setAside: SetAside;

  constructor({ sql }: DurableObjectStorage, setAside: SetAside) {
    this.#sql = sql;
    this.#setAside = setAside;
  }

  devices(): KeptDevice[] {
    const rows = this.#sql.exec<{ key: string; body: string }>(
      'SELECT id AS key, body FROM devices ORDER BY id',
    );
    return this.#setAside.readAll(StoredDevice, 'devices', rows.toArray());
  }

  device(id: string): KeptDevice | null {
    return this.devices().find((device) => device.id === id) ?? null;
  }

  putDevice(device: KeptDevice): void {
    const body = JSON.stringify(device);
    this.#sql.exec('INSERT OR REPLACE INTO devices (id, body) VALUES (?, ?)', device.id, body);
  }

  removeDevice(id: string): void {
    this.#sql.exec('DELETE FROM devices WHERE id = ?', id);
    this.#sql.exec('DELETE FROM pushes WHERE device_id = ?', id);
  }

  push(deviceId: string, itemId: string): PushRow | null {
    return this.pushes(deviceId).find(({ item_id: item }) => item === itemId) ?? null;
  }

  /** All of one device. */
  pushes(deviceId: string): PushRow[] {
    return this.#read(
      this.#sql.exec<{ id: string }>('SELECT * FROM pushes WHERE device_id = ?', deviceId),
    );
  }

  /** All that is to be sent, the first due first. */
  waiting(): PushRow[] {
    return this.#read(
      this.#sql.exec<{ id: string }>(
        "SELECT * FROM pushes WHERE state NOT IN ('shown', 'seen') ORDER BY due_at, id",
      ),
    );
  }

  putPush({ device_id: deviceId, item_id: itemId, state, tries, due_at: at }: Omit<PushRow, 'id'>) {
    this.#sql.exec(
      `INSERT OR REPLACE INTO pushes (id, device_id, item_id, state, tries, due_at)
        VALUES (?, ?, ?, ?, ?, ?)`,
      `${deviceId}:${itemId}`,
      deviceId,
      itemId,
      state,
      tries,
      at,
    );
  }

  /** How many items need the person. */
  needsPerson(): number {
    const [row] = this.#sql.exec<{ count: number }>(
      'SELECT count(*) AS count FROM inbox WHERE open = 1',
    );
    return row?.count ?? 0;
  }

  removePush({ id }: Pick<PushRow, 'id'>): void {
    this.#sql.exec('DELETE FROM pushes WHERE id = ?', id);
  }

  #read(rows: Iterable<{ id: string }>): PushRow[] {
    return [...rows].flatMap(
      (row) => this.#setAside.read(StoredPush, { table: 'pushes', key: row.id }, row) ?? [],
    );
  }
}
