import type { MainloopMessage, Message } from '../../../protocol/message.ts';
import { ROW_MAX_BYTES } from '../../platform/fit.ts';
import { StoredMessage } from './rows.ts';
import { ThreadLog } from './thread-log.ts';

type Row = { key: string; body: string };

/** Characters of messages that one answer holds at most, so that it can be sent whatever stands in them. */
const PAGE_MAX_CHARS = 4_000_000;

/** Messages that are read at once at most, however short they are. */
const READ_MAX = 5_000;

/** Words of one search: SQLite bounds an expression, and the platform the parameters of a query. */
const WORDS_MAX = 16;

/**
 * A word as it may stand in a text of which SQLite's `lower` has lowered the letters of ASCII and no
 * others: small, large, or with a large first letter.
 */
function formsOf(word: string): string[] {
  const small = word.toLowerCase();
  const [first = '', ...rest] = small;
  const forms = [small, word.toUpperCase(), first.toUpperCase() + rest.join('')];
  const lowered = forms.map((form) => form.replace(/[A-Z]/g, (letter) => letter.toLowerCase()));
  return [...new Set(lowered)];
}

/** What was said. A message stands where its number in the log puts it. */
export abstract class ThreadMessages extends ThreadLog {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    super(storage);
    this.#storage = storage;
  }

  putMessage(message: Message): void {
    const place = { table: 'messages', key: message.id };
    // Its text stands in the row twice.
    const body = this.setAside.fit(place, message, ROW_MAX_BYTES / 2);
    const kept = this.setAside.readJson(StoredMessage, place, body) ?? message;
    this.#storage.sql.exec(
      `INSERT INTO messages (id, seq, text, body) VALUES (?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET text = excluded.text, body = excluded.body`,
      message.id,
      message.seq,
      kept.text,
      body,
    );
  }

  message(id: string): Message | null {
    const rows = this.#storage.sql.exec<Row>(
      'SELECT id AS key, body FROM messages WHERE id = ?',
      id,
    );
    return this.#messages(rows)[0] ?? null;
  }

  reply(id: string): MainloopMessage | null {
    const message = this.message(id);
    return message?.from === 'mainloop' ? message : null;
  }

  /** The log number under which a message was taken; null when there is none with this id. */
  seqOfMessage(id: string): number | null {
    const [row] = this.#storage.sql.exec<{ seq: number }>(
      'SELECT seq FROM messages WHERE id = ?',
      id,
    );
    return row?.seq ?? null;
  }

  /** Whether a message has this attached. */
  hasAttachment(id: string): boolean {
    const [row] = this.#storage.sql.exec(
      `SELECT 1 FROM messages, json_each(messages.body, '$.attachments') AS attached
        WHERE json_extract(attached.value, '$.id') = ? LIMIT 1`,
      id,
    );
    return row !== undefined;
  }

  /** The newest messages before a log number, oldest first, and whether there are older ones. */
  messagesBefore(before: number, limit: number): { messages: Message[]; hasOlder: boolean } {
    const rows = this.#storage.sql.exec<Row>(
      'SELECT id AS key, body FROM messages WHERE seq < ? ORDER BY seq DESC',
      before,
    );
    const { messages, hasMore } = this.#page(rows, limit);
    return { messages: messages.toReversed(), hasOlder: hasMore };
  }

  /** The oldest messages after a log number, in order, and whether there are newer ones. */
  messagesAfter(after: number, limit: number): { messages: Message[]; hasNewer: boolean } {
    const rows = this.#storage.sql.exec<Row>(
      'SELECT id AS key, body FROM messages WHERE seq > ? ORDER BY seq',
      after,
    );
    const { messages, hasMore } = this.#page(rows, limit);
    return { messages, hasNewer: hasMore };
  }

  /** The newest messages after a log number without those named, oldest first: no more than memory has room for. */
  newestAfter(seq: number, without: ReadonlySet<string>): Message[] {
    const rows = this.#storage.sql.exec<Row>(
      'SELECT id AS key, body FROM messages WHERE seq > ? ORDER BY seq DESC',
      seq,
    );
    return this.#page(rows, READ_MAX, without).messages.toReversed();
  }

  /** The oldest messages after a log number, in order: no more than memory has room for, but two if there are two. */
  oldestAfter(seq: number): Message[] {
    const rows = this.#storage.sql.exec<Row>(
      'SELECT id AS key, body FROM messages WHERE seq > ? ORDER BY seq',
      seq,
    );
    return this.#page(rows, READ_MAX).messages;
  }

  /** How many messages stand after a log number, and the bytes of UTF-8 that their texts have. */
  sizeAfter(seq: number): { count: number; bytes: number } {
    const [row] = this.#storage.sql.exec<{ count: number; bytes: number | null }>(
      `SELECT count(*) AS count, sum(length(CAST(text AS BLOB))) AS bytes
        FROM messages WHERE seq > ?`,
      seq,
    );
    return { count: row?.count ?? 0, bytes: row?.bytes ?? 0 };
  }

  /** Ids of what the person said after a log number, in order. */
  saidAfter(seq: number): string[] {
    return this.#storage.sql
      .exec<{ id: string }>(
        `SELECT id FROM messages WHERE seq > ?
          AND json_valid(body) AND json_extract(body, '$.from') = 'person' ORDER BY seq`,
        seq,
      )
      .toArray()
      .map(({ id }) => id);
  }

  /** Log number of the last thing that Mainloop said; 0 before the first. */
  lastReplySeq(): number {
    const [row] = this.#storage.sql.exec<{ seq: number | null }>(
      `SELECT max(seq) AS seq FROM messages
        WHERE json_valid(body) AND json_extract(body, '$.from') = 'mainloop'`,
    );
    return row?.seq ?? 0;
  }

  /** Replies that have not ended. */
  streaming(): MainloopMessage[] {
    const rows = this.#storage.sql.exec<Row>(
      `SELECT id AS key, body FROM messages
        WHERE json_valid(body) AND json_extract(body, '$.state.is') = 'streaming'`,
    );
    return this.#messages(rows).filter((message) => message.from === 'mainloop');
  }

  /** Messages that hold one of the words, those with most of them first. Many words are cut short. */
  search(words: readonly string[], limit: number): Message[] {
    const sought = words.slice(0, WORDS_MAX).map(formsOf);
    if (sought.length === 0) return [];
    // Not LIKE: its patterns are bound to some 50 bytes.
    const holds = (forms: string[]) => forms.map(() => 'instr(lower(text), ?) > 0').join(' OR ');
    const hits = sought.map((forms) => `(${holds(forms)})`).join(' + ');
    const rows = this.#storage.sql.exec<Row>(
      `SELECT id AS key, body, ${hits} AS hits FROM messages WHERE hits > 0 ORDER BY hits DESC, seq LIMIT ?`,
      ...sought.flat(),
      limit,
    );
    return this.#messages(rows);
  }

  /** The first of the rows, as far as the bounds go; a row alone is never beyond them. */
  #page(
    rows: Iterable<Row>,
    limit: number,
    without: ReadonlySet<string> = new Set(),
  ): { messages: Message[]; hasMore: boolean } {
    const messages: Message[] = [];
    let chars = 0;
    for (const { key, body } of rows) {
      if (without.has(key)) continue;
      chars += body.length;
      const isFull = messages.length >= limit || chars > PAGE_MAX_CHARS;
      if (isFull && messages.length > 0) return { messages, hasMore: true };
      const message = this.setAside.readJson(StoredMessage, { table: 'messages', key }, body);
      if (message !== null) messages.push(message);
    }
    return { messages, hasMore: false };
  }

  #messages(rows: Iterable<Row>): Message[] {
    return this.setAside.readAll(StoredMessage, 'messages', rows);
  }
}
