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
      .exec<{ id: string; text: string }>('SELECT id, text FROM queued_messages ORDER BY place')
      .toArray()
      .flatMap((row) => {
        const place = { table: 'queued_messages', key: row.id };
        return this.#setAside.read(StoredQueuedMessage, place, row) ?? [];
      });
  }

  add(message: QueuedMessage): void {
    this.#sql.exec(
      'INSERT OR IGNORE INTO queued_messages (id, text) VALUES (?, ?)',
      message.id,
      message.text,
    );
  }

  /** Takes the messages as they shall be; those that were taken meanwhile do not come back. */
  arrange(messages: readonly QueuedMessage[]): void {
    const waiting = new Set(this.all().map(({ id }) => id));
    this.#sql.exec('DELETE FROM queued_messages');
    for (const message of messages) if (waiting.has(message.id)) this.add(message);
  }

  /** The next one, which is out of the queue from now on. */
  shift(): QueuedMessage | null {
    const [first] = this.all();
    if (first === undefined) return null;
    this.#sql.exec('DELETE FROM queued_messages WHERE id = ?', first.id);
    return first;
  }
}
