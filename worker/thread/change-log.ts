import type { InboxItem } from '../../protocol/inbox.ts';
import type { LogChange, LogEntry } from '../../protocol/log.ts';
import type { MainloopMessage, Message } from '../../protocol/message.ts';
import type { Settings } from '../../protocol/settings.ts';
import type { TaskSummary, TaskQueue } from '../../protocol/task.ts';
import type { HistoryCopy } from './history-copy.ts';
import type { Summary } from './storage/summary.ts';
import type { ThreadStore } from './storage/thread-store.ts';

/**
 * The one way in which the person's durable state changes: the row, its log entry and its copy for
 * Postgres in one transaction; then, once that holds, everyone who is connected sees it.
 */
export class ChangeLog {
  readonly #store: ThreadStore;
  readonly #copy: HistoryCopy;
  readonly #publish: (entries: LogEntry[]) => void;
  readonly #onItem: (item: InboxItem, at: number) => void;
  #unpublished: LogEntry[] = [];
  #depth = 0;

  /** @param onItem hears of an item in the transaction that stores it. */
  constructor(
    store: ThreadStore,
    copy: HistoryCopy,
    publish: (entries: LogEntry[]) => void,
    onItem: (item: InboxItem, at: number) => void,
  ) {
    this.#store = store;
    this.#copy = copy;
    this.#publish = publish;
    this.#onItem = onItem;
  }

  /** Runs the changes as one; they are published only when all are stored, by the outermost call. */
  change<T>(work: () => T): T {
    const before = this.#unpublished.length;
    this.#depth++;
    try {
      const result = this.#store.transaction(work);
      if (this.#depth === 1) this.#flush();
      return result;
    } catch (error) {
      this.#unpublished.length = before;
      throw error;
    } finally {
      this.#depth--;
    }
  }

  /** A new message; its log number is its place. Call inside `change`. */
  addMessage(message: Message): LogEntry {
    const placed = { ...message, seq: this.#store.head() + 1 };
    this.#store.putMessage(placed);
    this.#copy.message(placed);
    return this.#append(placed.at, { type: 'message', message: placed });
  }

  /** A message that is there changes: its text, its state, its cards. */
  updateMessage(message: MainloopMessage, at: number): LogEntry {
    this.#store.putMessage(message);
    this.#copy.message(message);
    return this.#append(at, { type: 'message', message });
  }

  /** Takes a task's summary; null when it is older than what is known. */
  putTask(task: TaskSummary, report: number, at: number): LogEntry | null {
    if (!this.#store.putTask(task, report)) return null;
    this.#copy.task(task.id);
    return this.#append(at, { type: 'task', task });
  }

  /** Puts a task's summary right, as the newest that there is; `report` is the number of the last one told. */
  rewriteTask(task: TaskSummary, at: number, report?: number): LogEntry {
    this.#store.rewriteTask(task, report);
    this.#copy.task(task.id);
    return this.#append(at, { type: 'task', task });
  }

  putInbox(item: InboxItem, at: number): LogEntry {
    this.#store.putInbox(item);
    this.#copy.item(item);
    this.#onItem(item, at);
    return this.#append(at, { type: 'inbox', item });
  }

  putSettings(settings: Settings, at: number): LogEntry {
    this.#store.settings = settings;
    this.#copy.settings();
    return this.#append(at, { type: 'settings', settings });
  }

  /** The first entry of a log that begins at this number: what the person has set. Call inside `change`. */
  beginAt(seq: number, settings: Settings, at: number): void {
    this.#store.settings = settings;
    this.#store.append(at, { type: 'settings', settings }, seq);
  }

  /** Tells the queue where it is another than before. */
  putQueue(queue: TaskQueue, at: number): void {
    if (JSON.stringify(queue) === JSON.stringify(this.#store.queue)) return;
    this.#store.queue = queue;
    this.#copy.thread();
    this.#append(at, { type: 'queue', queue });
  }

  /** The rolling summary; no client sees it. */
  putSummary(summary: Summary): void {
    this.#store.summary = summary;
    this.#copy.thread();
  }

  #append(at: number, change: LogChange): LogEntry {
    const entry = this.#store.append(at, change);
    this.#unpublished.push(entry);
    return entry;
  }

  #flush(): void {
    const entries = this.#unpublished;
    this.#unpublished = [];
    if (entries.length > 0) this.#publish(entries);
  }
}
