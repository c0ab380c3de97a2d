import type { QueuedMessage } from '../../../protocol/task.ts';
import type { SetAside } from '../../platform/set-aside.ts';
import { StoredQueuedMessage } from './shapes.ts';

/** Most messages that may wait for one task's next turns. */
export const QUEUED_MAX = 20;
/**
 * Most that they may take together, as JSON in UTF-8: they stand whole in the task's line, in reports
 * and in frames to pages, and one that was cut there would come back cut when they are arranged.
 */
const QUEUED_MAX_BYTES = 500_000;

export const areTooLong = (messages: readonly QueuedMessage[]): boolean =>
  new TextEncoder().encode(JSON.stringify(messages)).byteLength > QUEUED_MAX_BYTES;

type Row = { id: string; text: string; attachments: string | null };

/** What cannot be read is no list of attachments, and is set aside as such. */
function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Messages that wait for the worker's next turn; until they are taken the person may change them. */
export class QueuedMessages {
  readonly #sql: SqlStorage;
  readonly #setAside: SetAside;

  constructor({ sql }: DurableObjectStorage, setAside: SetAside) {
    this.#sql = sql;
    this.#setAside = setAside;
  }

  all(): QueuedMessage[] {
    return this.#sql
      .exec<Row>('SELECT id, text, attachments FROM queued_messages ORDER BY place')
      .toArray()
      .flatMap(({ id, text, attachments }) => {
        const place = { table: 'queued_messages', key: id };
        const row = { id, text, ...(attachments !== null && { attachments: json(attachments) }) };
        return this.#setAside.read(StoredQueuedMessage, place, row) ?? [];
      });
  }

  add(message: QueuedMessage): void {
    this.#sql.exec(
      'INSERT OR IGNORE INTO queued_messages (id, text, attachments) VALUES (?, ?, ?)',
      message.id,
      message.text,
      message.attachments === undefined ? null : JSON.stringify(message.attachments),
    );
  }

  /**
   * Takes the messages as they shall be; those that were taken meanwhile do not come back. What is
   * attached to one stays with it, whatever a page says of it.
   */
  arrange(messages: readonly QueuedMessage[]): void {
    const waiting = new Map(this.all().map((message) => [message.id, message]));
    this.#sql.exec('DELETE FROM queued_messages');
    for (const { id, text } of messages) {
      const known = waiting.get(id);
      if (known !== undefined) this.add({ ...known, text });
    }
  }

  /** The next one, which is out of the queue from now on. */
  shift(): QueuedMessage | null {
    const [first] = this.all();
    if (first === undefined) return null;
    this.#sql.exec('DELETE FROM queued_messages WHERE id = ?', first.id);
    return first;
  }
}
