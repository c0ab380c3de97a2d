import type { InboxItem } from '../../../protocol/inbox.ts';
import type { ObjectHealth } from '../../../protocol/health.ts';
import type { TaskSummary } from '../../../protocol/task.ts';
import { STATUS } from '../../../protocol/task-status.ts';
import { healthOf } from '../../platform/health.ts';
import { type Opened, migrate } from '../../platform/migrations.ts';
import type { ThreadTaskRow } from '../../history/rows.ts';
import { StoredSpec } from '../../tasks/storage/rows.ts';
import { StoredInboxItem, StoredTaskSummary } from '../../tasks/storage/shapes.ts';
import { THREAD_MIGRATIONS } from './migrations.ts';
import { type CommandResult, StoredCommandResult } from './rows.ts';
import { THREAD_TABLES } from './tables.ts';
import { ThreadMessages } from './thread-messages.ts';

type Row = { key: string; body: string };

const DONE_ONCE: CommandResult = { is: 'done', seq: null };

/** How many of what a fresh client is given. */
const NEWEST_MESSAGES = 50;
const ENDED_TASKS = 30;
const SETTLED_ITEMS = 30;
const OPEN_MAX = 1_000;
/** Characters of tasks, or of items, that are in memory at once: an object has 128 MB. */
const LIST_MAX_CHARS = 8_000_000;
/** Open, and nothing moves there until a person does something. */
const STANDING_STILL = Object.entries(STATUS)
  .filter(([, { needsPerson, group }]) => needsPerson || group === 'in_review')
  .map(([status]) => status);

function* within(rows: Iterable<Row>): Generator<Row> {
  let chars = 0;
  for (const row of rows) {
    chars += row.body.length;
    if (chars > LIST_MAX_CHARS) return;
    yield row;
  }
}

/** The person's durable state: plain reads and writes. Changes that clients see go through `append`. */
export class ThreadStore extends ThreadMessages {
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    super(storage);
    this.#storage = storage;
  }

  /** Brings what is stored up to date; call before anything is read, where there is someone. Never throws. */
  open(): Opened {
    const opened = migrate(this.#storage, THREAD_MIGRATIONS);
    if (opened.is === 'closed') this.closed = opened.why;
    else this.closed = this.notYetWhole;
    return opened;
  }

  transaction<T>(work: () => T): T {
    return this.#storage.transactionSync(work);
  }

  /** Takes a task's summary; false when a report with this number or a later one was taken before. */
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
      STATUS[task.status].isEnded ? 0 : 1,
      report,
      this.#fitTask(task),
    );
    return true;
  }

  /** A task with all that is known of it here, for Postgres. */
  keptTask(taskId: string): ThreadTaskRow | null {
    const task = this.task(taskId);
    if (task === null) return null;
    const [row] = this.#storage.sql.exec<{ report: number; spec: string | null }>(
      'SELECT report, (SELECT spec FROM starts WHERE task_id = id) AS spec FROM tasks WHERE id = ?',
      taskId,
    );
    const place = { table: 'starts', key: taskId };
    const spec = row?.spec == null ? null : this.setAside.readJson(StoredSpec, place, row.spec);
    return { id: taskId, task, report: row?.report ?? 0, spec };
  }

  /** Every task, in the order of their ids. */
  taskIds(): string[] {
    return this.#storage.sql
      .exec<{ id: string }>('SELECT id FROM tasks ORDER BY id')
      .toArray()
      .map(({ id }) => id);
  }

  /** Every item of the inbox, in the order of their ids, so many at a time as memory has room for. */
  *itemPages(): Generator<InboxItem[]> {
    for (let after: string | null = '', page: InboxItem[]; after !== null;) {
      ({ page, after } = this.#itemsAfter(after));
      yield page;
    }
  }

  #itemsAfter(after: string): { page: InboxItem[]; after: string | null } {
    const rows = this.#storage.sql.exec<Row>(
      'SELECT id AS key, body FROM inbox WHERE id > ? ORDER BY id',
      after,
    );
    const page: InboxItem[] = [];
    let chars = 0;
    let last: string | null = null;
    for (const { key, body } of rows) {
      chars += body.length;
      if (last !== null && chars > LIST_MAX_CHARS) return { page, after: last };
      const item = this.setAside.readJson(StoredInboxItem, { table: 'inbox', key }, body);
      if (item !== null) page.push(item);
      last = key;
    }
    return { page, after: null };
  }

  /** Puts a task's summary, whatever was reported; the number of the last report stays unless one is given. */
  rewriteTask(task: TaskSummary, report?: number): void {
    const last = this.reportOf(task.id);
    this.#storage.sql.exec('DELETE FROM tasks WHERE id = ?', task.id);
    this.putTask(task, report ?? last);
  }

  /** Number of the task's last report that was taken; 0 before there was one. */
  reportOf(taskId: string): number {
    const [row] = this.#storage.sql.exec<{ report: number }>(
      'SELECT report FROM tasks WHERE id = ?',
      taskId,
    );
    return row?.report ?? 0;
  }

  /** The task's reports are counted from 1 again. */
  forgetReports(taskId: string): void {
    this.#storage.sql.exec('UPDATE tasks SET report = 0 WHERE id = ?', taskId);
  }

  /**
   * Tasks that are open, and those that have ended since: their sandboxes may still be stopping. And
   * those that could not be read when they were last heard of: a later version may read them.
   */
  taskIdsToAsk(endedSince: number, unreadable: readonly string[]): string[] {
    return this.#storage.sql
      .exec<{ id: string }>(
        `SELECT id FROM tasks WHERE open = 1
          OR CASE WHEN json_valid(body)
            THEN json_extract(body, '$.updatedAt') > ?
              OR json_extract(body, '$.note') IN (SELECT value FROM json_each(?)) END`,
        endedSince,
        JSON.stringify(unreadable),
      )
      .toArray()
      .map(({ id }) => id);
  }

  /** Whether there are open tasks, and whether one of them moves without a person. */
  openTasks(): { any: boolean; moving: boolean } {
    const [row] = this.#storage.sql.exec<{ open: number; moving: number | null }>(
      `SELECT count(*) AS open,
          sum(CASE WHEN json_valid(body)
            THEN json_extract(body, '$.status') NOT IN (SELECT value FROM json_each(?))
            ELSE 0 END) AS moving
        FROM tasks WHERE open = 1`,
      JSON.stringify(STANDING_STILL),
    );
    return { any: (row?.open ?? 0) > 0, moving: (row?.moving ?? 0) > 0 };
  }

  /** What a task does now; not in the log. */
  putProgress(task: TaskSummary): void {
    const body = this.#fitTask(task);
    this.#storage.sql.exec('UPDATE tasks SET body = ? WHERE id = ?', body, task.id);
  }

  task(id: string): TaskSummary | null {
    const rows = this.#storage.sql.exec<Row>('SELECT id AS key, body FROM tasks WHERE id = ?', id);
    return this.#tasks(rows)[0] ?? null;
  }

  tasks(open: boolean, limit: number): TaskSummary[] {
    const rows = this.#storage.sql.exec<Row>(
      'SELECT id AS key, body FROM tasks WHERE open = ? ORDER BY created_at DESC LIMIT ?',
      open ? 1 : 0,
      limit,
    );
    return this.#tasks(rows);
  }

  putInbox(item: InboxItem): void {
    this.#storage.sql.exec(
      `INSERT INTO inbox (id, task_id, open, body) VALUES (?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET open = excluded.open, body = excluded.body`,
      item.id,
      item.taskId ?? '',
      item.outcome === null ? 1 : 0,
      this.setAside.fit({ table: 'inbox', key: item.id }, item),
    );
  }

  inboxItem(id: string): InboxItem | null {
    const rows = this.#storage.sql.exec<Row>('SELECT id AS key, body FROM inbox WHERE id = ?', id);
    return this.#items(rows)[0] ?? null;
  }

  inbox(open: boolean, limit: number): InboxItem[] {
    const rows = this.#storage.sql.exec<Row>(
      'SELECT id AS key, body FROM inbox WHERE open = ? ORDER BY id DESC LIMIT ?',
      open ? 1 : 0,
      limit,
    );
    return this.#items(rows);
  }

  /** All of a task's, the oldest first. */
  itemsOf(taskId: string): InboxItem[] {
    return this.#items(
      this.#storage.sql.exec<Row>(
        'SELECT id AS key, body FROM inbox WHERE task_id = ? ORDER BY id',
        taskId,
      ),
    );
  }

  openItemsOf(taskId: string): InboxItem[] {
    const rows = this.#storage.sql.exec<Row>(
      'SELECT id AS key, body FROM inbox WHERE open = 1 AND task_id = ?',
      taskId,
    );
    return this.#items(rows);
  }

  /** What a command came to before; null when it is new. */
  commandResult(id: string): CommandResult | null {
    const [row] = this.#storage.sql.exec<{ result: string }>(
      'SELECT result FROM commands WHERE id = ?',
      id,
    );
    if (row === undefined) return null;
    const place = { table: 'commands', key: id };
    // It was done, whatever it came to: only that is ever kept.
    return this.setAside.readJson(StoredCommandResult, place, row.result) ?? DONE_ONCE;
  }

  keepCommandResult(id: string, result: CommandResult): void {
    this.#storage.sql.exec(
      'INSERT OR IGNORE INTO commands (id, result) VALUES (?, ?)',
      id,
      this.setAside.fit({ table: 'commands', key: id }, result),
    );
  }

  /** What a fresh client shows: bounded, whatever the length of the conversation. */
  snapshot() {
    return {
      seq: this.head(),
      ...this.messagesBefore(Number.MAX_SAFE_INTEGER, NEWEST_MESSAGES),
      tasks: [...this.tasks(true, OPEN_MAX), ...this.tasks(false, ENDED_TASKS)],
      inbox: [...this.inbox(true, OPEN_MAX), ...this.inbox(false, SETTLED_ITEMS)],
      settings: this.settings,
      queue: this.queue,
    };
  }

  health(): ObjectHealth {
    return healthOf(this.#storage, this, THREAD_TABLES);
  }

  /** Row counts, to compare with Postgres. */
  counts(): { messages: number; tasks: number; inbox: number } {
    const [row] = this.#storage.sql.exec<{ messages: number; tasks: number; inbox: number }>(
      `SELECT (SELECT count(*) FROM messages) AS messages, (SELECT count(*) FROM tasks) AS tasks,
        (SELECT count(*) FROM inbox) AS inbox`,
    );
    return row ?? { messages: 0, tasks: 0, inbox: 0 };
  }

  #tasks(rows: Iterable<Row>): TaskSummary[] {
    return this.setAside.readAll(StoredTaskSummary, 'tasks', within(rows));
  }

  #items(rows: Iterable<Row>): InboxItem[] {
    return this.setAside.readAll(StoredInboxItem, 'inbox', within(rows));
  }

  #fitTask(task: TaskSummary): string {
    return this.setAside.fit({ table: 'tasks', key: task.id }, task);
  }
}
