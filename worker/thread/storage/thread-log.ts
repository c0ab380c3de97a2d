import type { LogChange, LogEntry } from '../../../protocol/log.ts';
import { SetAside } from '../../platform/set-aside.ts';
import { StoredTime } from '../../platform/stored-values.ts';
import { StoredLogChange } from './rows.ts';
import { ThreadValues } from './thread-values.ts';

/** Characters of entries that are in memory at once, however many are asked for. */
const PAGE_MAX_CHARS = 4_000_000;

/** What clients fold: every change that they see, with its number. */
export abstract class ThreadLog extends ThreadValues {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    super(storage, new SetAside(storage));
    this.#storage = storage;
  }

  /** The newest log number; 0 when the log is empty. */
  head(): number {
    const [row] = this.#storage.sql.exec<{ head: number | null }>(
      'SELECT max(seq) AS head FROM log',
    );
    return row?.head ?? 0;
  }

  /** The oldest log number; 0 when the log is empty. */
  tail(): number {
    const [row] = this.#storage.sql.exec<{ tail: number | null }>(
      'SELECT min(seq) AS tail FROM log',
    );
    return row?.tail ?? 0;
  }

  /** Stores a change with the next number. Call inside a transaction. */
  append(at: number, change: LogChange, seq: number = this.head() + 1): LogEntry {
    this.#storage.sql.exec(
      'INSERT INTO log (seq, at, body) VALUES (?, ?, ?)',
      seq,
      at,
      this.setAside.fit({ table: 'log', key: seq }, change),
    );
    return { seq, at, change };
  }

  /**
   * The next entries, fewer than the limit where they are long, at least one. Null when one of them
   * cannot be read: a client that folded the others would be wrong and not know it.
   */
  entries(after: number, limit: number): LogEntry[] | null {
    const rows = this.#storage.sql.exec<{ seq: number; at: number; body: string }>(
      'SELECT seq, at, body FROM log WHERE seq > ? ORDER BY seq LIMIT ?',
      after,
      limit,
    );
    const entries: LogEntry[] = [];
    let chars = 0;
    for (const { seq, at, body } of rows) {
      chars += body.length;
      if (chars > PAGE_MAX_CHARS && entries.length > 0) break;
      const place = { table: 'log', key: seq };
      const time = this.setAside.read(StoredTime, place, at);
      const change = this.setAside.readJson(StoredLogChange, place, body);
      if (time === null || change === null) return null;
      entries.push({ seq, at: time, change });
    }
    return entries;
  }
}
