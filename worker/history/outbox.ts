import type { Env } from '../env.ts';
import { log } from '../platform/log.ts';
import { type HistoryConnection, connectHistory } from './connect.ts';
import type { HistoryRow } from './rows.ts';
import { readHistoryRow } from './stored-row.ts';
import type { RevisedRow } from './upsert.ts';

const BATCH = 100;
/** Bound of a batch's text, so that one statement stays small. */
const BATCH_MAX_CHARS = 2_000_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;
/** Tries of a single row that Postgres refuses before it is set aside. */
const ROW_TRIES = 3;

function keyOf(row: HistoryRow): string {
  switch (row.table) {
    case 'task_events':
      return `${row.table}:${row.taskId}:${row.row.number}`;
    case 'settings':
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
  readonly #connect: () => HistoryConnection | null;
  #draining: Promise<void> | null = null;
  #again = false;
  #tries = 0;
  #dueAt = 0;
  #ready = false;

  constructor(
    storage: DurableObjectStorage,
    env: Pick<Env, 'HYPERDRIVE' | 'DATABASE_URL'>,
    connect: () => HistoryConnection | null = () => connectHistory(env),
  ) {
    this.#storage = storage;
    this.#connect = connect;
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
    this.#storage.sql.exec(
      'INSERT OR REPLACE INTO history_outbox (key, body) VALUES (?, ?)',
      keyOf(row),
      JSON.stringify(row),
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

  /** When `drain` has to be called again, or null when nothing waits. */
  wakeAt(): number | null {
    return this.pending() === 0 ? null : this.#dueAt;
  }

  /** Sends what waits, unless it is too early after a failure. Never throws; one at a time. */
  drain(): Promise<void> {
    if (this.#draining !== null) {
      this.#again = true;
      return this.#draining;
    }
    if (Date.now() < this.#dueAt || this.pending() === 0) return Promise.resolve();
    this.#draining = this.#drainAll().finally(() => {
      this.#draining = null;
    });
    return this.#draining;
  }

  async #drainAll(): Promise<void> {
    let connection: HistoryConnection | null = null;
    try {
      connection = this.#connect();
      if (connection === null) {
        this.#postpone('no Postgres is configured');
        return;
      }
      do {
        this.#again = false;
        for (let rows = this.#batch(BATCH); rows.length > 0; rows = this.#batch(BATCH)) {
          await this.#send(connection, rows);
        }
      } while (this.#again);
      this.#tries = 0;
      this.#dueAt = 0;
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
        this.#setAside(row.revision, causeOf(error));
      }
    }
  }

  #batch(limit: number): RevisedRow[] {
    const rows = this.#storage.sql.exec<{ revision: number; body: string }>(
      'SELECT revision, body FROM history_outbox WHERE tries < ? ORDER BY revision LIMIT ?',
      ROW_TRIES,
      limit,
    );
    const batch: RevisedRow[] = [];
    let size = 0;
    for (const { revision, body } of rows) {
      size += body.length;
      if (size > BATCH_MAX_CHARS && batch.length > 0) break;
      const row = readHistoryRow(body);
      if (row === null) this.#setAside(revision, 'It cannot be read.');
      else batch.push({ revision, row });
    }
    return batch;
  }

  #setAside(revision: number, why: unknown): void {
    log.error('history.row_refused', why, { revision });
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
    log.warn('history.postponed', { why, pending: this.pending(), pauseMs: pause });
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

/** What the driver said. Drizzle's own message around it has the row's text in it, which is not for the log. */
function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error;
}

/** True when Postgres understood and refused (a data or constraint error), false when it was not there. */
function isRefusal(error: unknown): boolean {
  const cause = causeOf(error);
  if (typeof cause !== 'object' || cause === null) return false;
  const code: unknown = Reflect.get(cause, 'code');
  return typeof code === 'string' && /^(22|23)[0-9A-Z]{3}$/.test(code);
}
