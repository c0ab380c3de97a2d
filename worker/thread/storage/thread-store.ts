import { InboxItem } from '../../../protocol/inbox.ts';
import { LogChange, type LogEntry } from '../../../protocol/log.ts';
import { type MainloopMessage, Message } from '../../../protocol/message.ts';
import { Repository } from '../../../protocol/repository.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../../protocol/settings.ts';
import { TaskSummary, type TaskQueue } from '../../../protocol/task.ts';
import type { Summary } from '../reply/prompt.ts';

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS log (seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS messages (id TEXT PRIMARY KEY, seq INTEGER NOT NULL UNIQUE, text TEXT NOT NULL, body TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS tasks (id TEXT PRIMARY KEY, created_at INTEGER NOT NULL, open INTEGER NOT NULL, report INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS tasks_open ON tasks (open, created_at);
  CREATE TABLE IF NOT EXISTS inbox (id TEXT PRIMARY KEY, task_id TEXT NOT NULL, open INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS inbox_open ON inbox (open, id);
  CREATE TABLE IF NOT EXISTS commands (id TEXT PRIMARY KEY, answer TEXT NOT NULL);
`;

const ENDED = new Set(['Done', 'Failed', 'Cancelled']);

/** How many of what a fresh client is given. */
const NEWEST_MESSAGES = 50;
const ENDED_TASKS = 30;
const SETTLED_ITEMS = 30;

/** The person's durable state: plain reads and writes. Changes that clients see go through `append`. */
export class ThreadStore {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  init(): void {
    this.#storage.sql.exec(SCHEMA);
  }

  transaction<T>(work: () => T): T {
    return this.#storage.transactionSync(work);
  }

  get personId(): string | null {
    return this.#storage.kv.get<string>('person') ?? null;
  }

  set personId(id: string | null) {
    this.#storage.kv.put('person', id);
  }

  get summary(): Summary | null {
    return this.#storage.kv.get<Summary>('summary') ?? null;
  }

  set summary(summary: Summary | null) {
    this.#storage.kv.put('summary', summary);
  }

  /** What the person has set; the defaults where nothing was. */
  get settings(): Settings {
    return this.#storage.kv.get<Settings>('settings') ?? DEFAULT_SETTINGS;
  }

  set settings(settings: Settings) {
    this.#storage.kv.put('settings', settings);
  }

  /** The queue as clients were last told. */
  get queue(): TaskQueue {
    return this.#storage.kv.get<TaskQueue>('queue') ?? [];
  }

  set queue(queue: TaskQueue) {
    this.#storage.kv.put('queue', queue);
  }

  /** The UTC day of which the person was told that most of its money is spent. */
  get dayTold(): string | null {
    return this.#storage.kv.get<string>('day_told') ?? null;
  }

  set dayTold(day: string) {
    this.#storage.kv.put('day_told', day);
  }

  get repositories(): { at: number; list: Repository[] } {
    return (
      this.#storage.kv.get<{ at: number; list: Repository[] }>('repositories') ?? {
        at: 0,
        list: [],
      }
    );
  }

  set repositories(known: { at: number; list: Repository[] }) {
    this.#storage.kv.put('repositories', known);
  }

  /** The newest log number; 0 when the log is empty. */
  head(): number {
    const [row] = this.#storage.sql.exec<{ head: number | null }>(
      'SELECT max(seq) AS head FROM log',
    );
    return row?.head ?? 0;
  }

  /** Stores a change with the next number. Call inside a transaction. */
  append(at: number, change: LogChange): LogEntry {
    const seq = this.head() + 1;
    this.#storage.sql.exec(
      'INSERT INTO log (seq, at, body) VALUES (?, ?, ?)',
      seq,
      at,
      JSON.stringify(change),
    );
    return { seq, at, change };
  }

  entries(after: number, limit: number): LogEntry[] {
    return this.#storage.sql
      .exec<{ seq: number; at: number; body: string }>(
        'SELECT seq, at, body FROM log WHERE seq > ? ORDER BY seq LIMIT ?',
        after,
        limit,
      )
      .toArray()
      .map(({ seq, at, body }) => ({ seq, at, change: LogChange.parse(JSON.parse(body)) }));
  }

  putMessage(message: Message): void {
    this.#storage.sql.exec(
      `INSERT INTO messages (id, seq, text, body) VALUES (?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET text = excluded.text, body = excluded.body`,
      message.id,
      message.seq,
      message.text,
      JSON.stringify(message),
    );
  }

  message(id: string): Message | null {
    const [row] = this.#storage.sql.exec<{ body: string }>(
      'SELECT body FROM messages WHERE id = ?',
      id,
    );
    return row === undefined ? null : Message.parse(JSON.parse(row.body));
  }

  reply(id: string): MainloopMessage | null {
    const message = this.message(id);
    return message?.from === 'mainloop' ? message : null;
  }

  /** The newest messages before a log number, oldest first, and whether there are older ones. */
  messagesBefore(before: number, limit: number): { messages: Message[]; hasOlder: boolean } {
    const rows = this.#storage.sql
      .exec<{ body: string }>(
        'SELECT body FROM messages WHERE seq < ? ORDER BY seq DESC LIMIT ?',
        before,
        limit + 1,
      )
      .toArray();
    return {
      messages: rows
        .slice(0, limit)
        .toReversed()
        .map(({ body }) => Message.parse(JSON.parse(body))),
      hasOlder: rows.length > limit,
    };
  }

  messagesAfter(seq: number): Message[] {
    return this.#storage.sql
      .exec<{ body: string }>('SELECT body FROM messages WHERE seq > ? ORDER BY seq', seq)
      .toArray()
      .map(({ body }) => Message.parse(JSON.parse(body)));
  }

  /** Messages that hold one of the words, those with most of them first. */
  search(words: readonly string[], limit: number): Message[] {
    if (words.length === 0) return [];
    const hits = words.map(() => `(text LIKE ? ESCAPE '\\')`).join(' + ');
    const patterns = words.map((word) => `%${word.replace(/[\\%_]/g, '\\$&')}%`);
    return this.#storage.sql
      .exec<{ body: string }>(
        `SELECT body, ${hits} AS hits FROM messages WHERE hits > 0 ORDER BY hits DESC, seq LIMIT ?`,
        ...patterns,
        limit,
      )
      .toArray()
      .map(({ body }) => Message.parse(JSON.parse(body)));
  }

  /** Takes a task's line; false when a report with this number or a later one was taken before. */
  putTask(task: TaskSummary, report: number): boolean {
    const [row] = this.#storage.sql.exec<{ report: number }>(
      'SELECT report FROM tasks WHERE id = ?',
      task.id,
    );
    if (row !== undefined && row.report >= report) return false;
    this.#storage.sql.exec(
      `INSERT INTO tasks (id, created_at, open, report, body) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET open = excluded.open, report = excluded.report, body = excluded.body`,
      task.id,
      task.createdAt,
      ENDED.has(task.status) ? 0 : 1,
      report,
      JSON.stringify(task),
    );
    return true;
  }

  /** Puts a task's line, whatever was reported; the number of the last report stays unless one is given. */
  rewriteTask(task: TaskSummary, report?: number): void {
    const [row] = this.#storage.sql.exec<{ report: number }>(
      'SELECT report FROM tasks WHERE id = ?',
      task.id,
    );
    this.#storage.sql.exec('DELETE FROM tasks WHERE id = ?', task.id);
    this.putTask(task, report ?? row?.report ?? 0);
  }

  /** The task's reports are counted from 1 again. */
  forgetReports(taskId: string): void {
    this.#storage.sql.exec('UPDATE tasks SET report = 0 WHERE id = ?', taskId);
  }

  /** Tasks that are open, and those that have ended since: their sandboxes may still be stopping. */
  taskIdsToAsk(endedSince: number): string[] {
    return this.#storage.sql
      .exec<{ id: string }>(
        `SELECT id FROM tasks WHERE open = 1
          OR (json_valid(body) AND json_extract(body, '$.updatedAt') > ?)`,
        endedSince,
      )
      .toArray()
      .map(({ id }) => id);
  }

  /** Whether there are open tasks, and whether one of them moves without a person. */
  openTasks(): { any: boolean; moving: boolean } {
    const [row] = this.#storage.sql.exec<{ open: number; moving: number | null }>(
      `SELECT count(*) AS open,
          sum(CASE WHEN json_valid(body)
            THEN json_extract(body, '$.status') NOT IN ('In review', 'Needs answers', 'Needs approval')
            ELSE 0 END) AS moving
        FROM tasks WHERE open = 1`,
    );
    return { any: (row?.open ?? 0) > 0, moving: (row?.moving ?? 0) > 0 };
  }

  /** What a task does now; not in the log. */
  putProgress(task: TaskSummary): void {
    this.#storage.sql.exec('UPDATE tasks SET body = ? WHERE id = ?', JSON.stringify(task), task.id);
  }

  task(id: string): TaskSummary | null {
    const [row] = this.#storage.sql.exec<{ body: string }>(
      'SELECT body FROM tasks WHERE id = ?',
      id,
    );
    return row === undefined ? null : TaskSummary.parse(JSON.parse(row.body));
  }

  tasks(open: boolean, limit: number): TaskSummary[] {
    return this.#storage.sql
      .exec<{ body: string }>(
        'SELECT body FROM tasks WHERE open = ? ORDER BY created_at DESC LIMIT ?',
        open ? 1 : 0,
        limit,
      )
      .toArray()
      .map(({ body }) => TaskSummary.parse(JSON.parse(body)));
  }

  putInbox(item: InboxItem): void {
    this.#storage.sql.exec(
      `INSERT INTO inbox (id, task_id, open, body) VALUES (?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET open = excluded.open, body = excluded.body`,
      item.id,
      item.taskId,
      item.outcome === null ? 1 : 0,
      JSON.stringify(item),
    );
  }

  inboxItem(id: string): InboxItem | null {
    const [row] = this.#storage.sql.exec<{ body: string }>(
      'SELECT body FROM inbox WHERE id = ?',
      id,
    );
    return row === undefined ? null : InboxItem.parse(JSON.parse(row.body));
  }

  inbox(open: boolean, limit: number): InboxItem[] {
    return this.#storage.sql
      .exec<{ body: string }>(
        'SELECT body FROM inbox WHERE open = ? ORDER BY id DESC LIMIT ?',
        open ? 1 : 0,
        limit,
      )
      .toArray()
      .map(({ body }) => InboxItem.parse(JSON.parse(body)));
  }

  openItemsOf(taskId: string): InboxItem[] {
    return this.#storage.sql
      .exec<{ body: string }>('SELECT body FROM inbox WHERE open = 1 AND task_id = ?', taskId)
      .toArray()
      .map(({ body }) => InboxItem.parse(JSON.parse(body)));
  }

  /** The answer that a command got before, as it was kept. */
  commandResult(id: string): string | null {
    const [row] = this.#storage.sql.exec<{ answer: string }>(
      'SELECT answer FROM commands WHERE id = ?',
      id,
    );
    return row?.answer ?? null;
  }

  keepCommandResult(id: string, answer: string): void {
    this.#storage.sql.exec('INSERT OR IGNORE INTO commands (id, answer) VALUES (?, ?)', id, answer);
  }

  /** What a fresh client shows: bounded, whatever the length of the conversation. */
  snapshot() {
    return {
      seq: this.head(),
      ...this.messagesBefore(Number.MAX_SAFE_INTEGER, NEWEST_MESSAGES),
      tasks: [...this.tasks(true, 1_000), ...this.tasks(false, ENDED_TASKS)],
      inbox: [...this.inbox(true, 1_000), ...this.inbox(false, SETTLED_ITEMS)],
      settings: this.settings,
      queue: this.queue,
    };
  }

  /** Row counts, to compare with Postgres. */
  counts(): { messages: number; tasks: number; inbox: number } {
    const [row] = this.#storage.sql.exec<{ messages: number; tasks: number; inbox: number }>(
      `SELECT (SELECT count(*) FROM messages) AS messages, (SELECT count(*) FROM tasks) AS tasks,
        (SELECT count(*) FROM inbox) AS inbox`,
    );
    return row ?? { messages: 0, tasks: 0, inbox: 0 };
  }
}
