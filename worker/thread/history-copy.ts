import type { InboxItem } from '../../protocol/inbox.ts';
import type { Message } from '../../protocol/message.ts';
import type { HistoryOutbox } from '../history/outbox.ts';
import { usageOfDay } from '../history/rows.ts';
import type { Spent } from '../tasks/api.ts';
import type { ThreadStore } from './storage/thread-store.ts';

/** Puts what the conversation holds on its way to Postgres. Call inside the transaction that changes it. */
export class HistoryCopy {
  readonly #store: ThreadStore;
  readonly #history: HistoryOutbox;

  constructor(store: ThreadStore, history: HistoryOutbox) {
    this.#store = store;
    this.#history = history;
  }

  message(row: Message): void {
    const { personId } = this.#store;
    if (personId !== null) this.#history.put({ table: 'messages', personId, row });
  }

  item(row: InboxItem): void {
    const { personId } = this.#store;
    if (personId !== null) this.#history.put({ table: 'inbox_items', personId, row });
  }

  settings(): void {
    const { personId, settings: row } = this.#store;
    if (personId !== null) this.#history.put({ table: 'settings', personId, row });
  }

  /** The task as it stands in the conversation. */
  task(taskId: string): void {
    const { personId } = this.#store;
    const row = this.#store.keptTask(taskId);
    if (personId !== null && row !== null) {
      this.#history.put({ table: 'thread_tasks', personId, row });
    }
  }

  /** What the conversation's own model calls cost on a day, as far as it knows. */
  spent({ day, cost }: Spent): void {
    const { personId } = this.#store;
    if (personId !== null) {
      this.#history.put({ table: 'usage', personId, row: usageOfDay(day, cost) });
    }
  }

  /** The rolling summary and the queue. */
  thread(): void {
    const { personId, summary, queue } = this.#store;
    if (personId !== null) {
      this.#history.put({ table: 'threads', personId, row: { summary, queue } });
    }
  }
}
