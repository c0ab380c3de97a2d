import { fittingJson } from '../platform/fit.ts';
import { log } from '../platform/log.ts';
import type { SetAside } from '../platform/set-aside.ts';
import { StoredTime } from '../platform/stored-values.ts';
import type { RevisedRow } from './by-table.ts';
import type { HistoryConnection, OpenHistory } from './connect.ts';
import { causeOf, isRefusal } from './refusal.ts';
import type { HistoryRow } from './rows.ts';
import { readHistoryRow } from './stored-row.ts';

const BATCH = 100;
/** Bound of a batch's text, so that one statement stays small. */
const BATCH_MAX_CHARS = 2_000_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;
/** Tries of a single row that Postgres refuses before it is set aside. */
const ROW_TRIES = 3;
/** Key of the object's life, in its key-value storage. */
const EPOCH_KEY = 'epoch';
/** Key of the time since which Postgres takes nothing, in the object's key-value storage. */
const BEHIND_KEY = 'history_behind_since';
const NOT_TAKEN =
  'Postgres did not take it: it is missing in the search and in what can be rebuilt.';

function keyOf(row: HistoryRow): string {
  switch (row.table) {
    case 'task_events':
      return `${row.table}:${row.taskId}:${row.row.number}`;
    case 'settings':
    case 'threads':
    case 'task_states':
      return row.table;
    default:
      return `${row.table}:${row.row.id}`;
  }
}

/**
 * Rows on their way to Postgres, written in the same transaction as what they tell of. At least
 * once: a row leaves only after its commit there. While Postgres is away they wait.
 */
export class HistoryOutbox {
  readonly #storage: DurableObjectStorage;
  readonly #setAside: SetAside;
  readonly #open: () => OpenHistory | null;
  #draining: Promise<void> | null = null;
  #again = false;
  #tries = 0;
  #dueAt = 0;
  #ready = false;

  /** @param open how Postgres is reached; null where none is configured. */
  constructor(storage: DurableObjectStorage, setAside: SetAside, open: () => OpenHistory | null) {
    this.#storage = storage;
    this.#setAside = setAside;
    this.#open = open;
  }

  /** An object's migrations make the table; this is for an outbox in a storage of its own. */
  init(): void {
    this.#storage.sql.exec(`CREATE TABLE IF NOT EXISTS history_outbox (
      revision INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT NOT NULL UNIQUE, body TEXT NOT NULL,
      tries INTEGER NOT NULL DEFAULT 0)`);
    this.#ready = true;
  }

  /** Call inside the transaction that changes the row. A version that still waits is replaced. */
  put(row: HistoryRow): void {
    this.#epoch();
    const key = keyOf(row);
    // Where its owner had to cut it, that is named already.
    const fitting = fittingJson(row);
    if (fitting === null) {
      this.#setAside.add({ table: 'history_outbox', key }, NOT_TAKEN, '');
      return;
    }
    this.#storage.sql.exec(
      'INSERT OR REPLACE INTO history_outbox (key, body) VALUES (?, ?)',
      key,
      fitting.json,
    );
  }

  pending(): number {
    if (!this.#exists()) return 0;
    const [row] = this.#storage.sql.exec<{ count: number }>(
      'SELECT count(*) AS count FROM history_outbox WHERE tries < ?',
      ROW_TRIES,
    );
    return row?.count ?? 0;
  }

  /** Since when Postgres takes nothing of what waits here; null when it does, or nothing waits. */
  behindSince(): number | null {
    const since = StoredTime.safeParse(this.#storage.kv.get<unknown>(BEHIND_KEY));
    return since.success && this.pending() > 0 ? since.data : null;
  }

  /**
   * When `drain` has to be called again, or null when nothing waits. Where no Postgres is configured
   * nothing is due: what waits goes once there is one, with the next change or the next start.
   */
  wakeAt(): number | null {
    return this.pending() === 0 || this.#open() === null ? null : this.#dueAt;
  }

  /** A new life of the object begins, later than the one that wrote this epoch: its changes count from 1 again. */
  beginAfter(epoch: number): void {
    this.#storage.kv.put(EPOCH_KEY, Math.max(Date.now(), epoch + 1));
  }

  /** Sends what waits, unless it is too early after a failure. Never throws; one at a time. */
  drain(): Promise<void> {
    if (this.#draining !== null) {
      this.#again = true;
      return this.#draining;
    }
    const open = Date.now() < this.#dueAt || this.pending() === 0 ? null : this.#open();
    if (open === null) return Promise.resolve();
    this.#draining = this.#drainAll(open).finally(() => {
      this.#draining = null;
    });
    return this.#draining;
  }

  async #drainAll(open: OpenHistory): Promise<void> {
    let connection: HistoryConnection | null = null;
    try {
      connection = open();
      do {
        this.#again = false;
        for (let rows = this.#batch(BATCH); rows.length > 0; rows = this.#batch(BATCH)) {
          await this.#send(connection, rows);
        }
      } while (this.#again);
      this.#tries = 0;
      this.#dueAt = 0;
      this.#storage.kv.delete(BEHIND_KEY);
    } catch (error) {
      const cause = causeOf(error);
      this.#postpone(cause instanceof Error ? cause.message : String(cause));
    } finally {
      await connection?.close().catch(() => {});
    }
  }

  /** A batch that fails is tried row by row once: if that works for one, the connection is fine. */
  async #send(connection: HistoryConnection, rows: RevisedRow[]): Promise<void> {
    try {
      await connection.upsert(rows);
      this.#remove(rows);
      return;
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
    for (const row of rows) {
      try {
        await connection.upsert([row]);
        this.#remove([row]);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        this.#refuse(row.revision, keyOf(row.row), JSON.stringify(row.row), causeOf(error));
      }
    }
  }

  #batch(limit: number): RevisedRow[] {
    const epoch = this.#epoch();
    const rows = this.#storage.sql.exec<{ revision: number; key: string; body: string }>(
      'SELECT revision, key, body FROM history_outbox WHERE tries < ? ORDER BY revision LIMIT ?',
      ROW_TRIES,
      limit,
    );
    const batch: RevisedRow[] = [];
    const unreadable: { revision: number; key: string; body: string }[] = [];
    let size = 0;
    // Row by row, no further than the bound: all of them may be more than an object can hold.
    for (const { revision, key, body } of rows) {
      size += body.length;
      if (size > BATCH_MAX_CHARS && batch.length + unreadable.length > 0) break;
      const row = readHistoryRow(body);
      if (row === null) unreadable.push({ revision, key, body });
      else batch.push({ epoch, revision, row });
    }
    // Only now: the table is not changed while it is read.
    for (const { revision, key, body } of unreadable) {
      this.#refuse(revision, key, body, 'It cannot be read.');
    }
    // Those that follow them may be well.
    return batch.length === 0 && unreadable.length > 0 ? this.#batch(limit) : batch;
  }

  /** It stays here, is named in the object's health, and goes again once it has changed. */
  #refuse(revision: number, key: string, body: string, why: unknown): void {
    log.error('history.row_refused', why, { revision });
    this.#setAside.add({ table: 'history_outbox', key }, NOT_TAKEN, body);
    this.#storage.sql.exec(
      'UPDATE history_outbox SET tries = ? WHERE revision = ?',
      ROW_TRIES,
      revision,
    );
  }

  /** A row that was replaced meanwhile has another revision and stays. */
  #remove(rows: RevisedRow[]): void {
    this.#storage.transactionSync(() => {
      for (const { revision } of rows) {
        this.#storage.sql.exec('DELETE FROM history_outbox WHERE revision = ?', revision);
      }
    });
  }

  #postpone(why: string): void {
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.#tries, LONGEST_PAUSE_MS);
    this.#tries++;
    this.#dueAt = Date.now() + pause;
    if (this.behindSince() === null) this.#storage.kv.put(BEHIND_KEY, Date.now());
    log.warn('history.postponed', { why, pending: this.pending(), pauseMs: pause });
  }

  /**
   * This life of the object. An object that is new begins one; one that wrote before there were epochs
   * goes on in the first. One that cannot be read is followed by a new one, which is later than any.
   */
  #epoch(): number {
    const kept = this.#storage.kv.get<unknown>(EPOCH_KEY);
    const read = StoredTime.safeParse(kept ?? (this.#hasWritten() ? 0 : undefined));
    const epoch = read.success ? read.data : Date.now();
    if (kept !== epoch) this.#storage.kv.put(EPOCH_KEY, epoch);
    return epoch;
  }

  #hasWritten(): boolean {
    const [row] = this.#storage.sql.exec(
      "SELECT 1 FROM sqlite_sequence WHERE name = 'history_outbox'",
    );
    return row !== undefined;
  }

  #exists(): boolean {
    if (this.#ready) return true;
    const [row] = this.#storage.sql.exec(
      "SELECT 1 FROM sqlite_master WHERE name = 'history_outbox'",
    );
    this.#ready = row !== undefined;
    return this.#ready;
  }
}
