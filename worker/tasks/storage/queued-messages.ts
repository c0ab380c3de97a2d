import type { QueuedMessage } from '../../../protocol/task.ts';

/** Most messages that may wait for one task's next turns. */
export const QUEUED_MAX = 20;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS turn_queue (place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, text TEXT NOT NULL);
`;

/** Messages that wait for the worker's next turn; until they are taken the person may change them. */
export class QueuedMessages {
  readonly #sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.#sql = storage.sql;
  }

  init(): void {
    this.#sql.exec(SCHEMA);
  }

  all(): QueuedMessage[] {
    return this.#sql
      .exec<QueuedMessage>('SELECT id, text FROM turn_queue ORDER BY place')
      .toArray();
  }

  add(message: QueuedMessage): void {
    this.#sql.exec(
      'INSERT OR IGNORE INTO turn_queue (id, text) VALUES (?, ?)',
      message.id,
      message.text,
    );
  }

  /** Takes the messages as they shall be; those that were taken meanwhile do not come back. */
  arrange(messages: readonly QueuedMessage[]): void {
    const waiting = new Set(this.all().map(({ id }) => id));
    this.#sql.exec('DELETE FROM turn_queue');
    for (const message of messages) if (waiting.has(message.id)) this.add(message);
  }

  /** The next one, which is out of the queue from now on. */
  shift(): QueuedMessage | null {
    const [first] = this.all();
    if (first === undefined) return null;
    this.#sql.exec('DELETE FROM turn_queue WHERE id = ?', first.id);
    return first;
  }
}
