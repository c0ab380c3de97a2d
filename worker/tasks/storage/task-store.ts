import { EVENT_BATCH_MAX_BYTES, type MailboxItem } from '../../../protocol/runner.ts';
import type { TaskEvent, TaskEventBody } from '../../../protocol/task-event.ts';
import type { StatusChange } from '../../../protocol/pages.ts';
import { type PullRequest, TaskStatus } from '../../../protocol/task.ts';
import { type Opened, migrate } from '../../platform/migrations.ts';
import type { ObjectHealth } from '../../../protocol/health.ts';
import { healthOf } from '../../platform/health.ts';
import { SetAside } from '../../platform/set-aside.ts';
import { StoredTime } from '../../platform/stored-values.ts';
import type { TaskCommandResult, TaskReport } from '../api.ts';
import type { TaskRecord } from '../lifecycle/state.ts';
import { TASK_MIGRATIONS } from './migrations.ts';
import { KeptEquipment } from './equipment.ts';
import { StoredReport } from './notice.ts';
import { StoredCommandResult, StoredEventBody, StoredMail, type TaskHead } from './rows.ts';
import { TASK_TABLES } from './tables.ts';
import { TaskValues } from './task-values.ts';
import { OutboxRows } from './outbox-rows.ts';
import { UsageStore } from './usage.ts';

const REPORTS_GAP = 1_000_000;
/** As the index on them has it: with another condition it would not be used. */
export const IS_STATUS = `CASE WHEN json_valid(body) THEN json_extract(body, '$.type') = 'status' END`;

/**
 * A Task's storage: plain reads and writes, no decisions. Nothing is written before `create`, so an
 * object that is asked for a task that is not its own stays empty.
 */
export class TaskStore extends TaskValues {
  readonly usage: UsageStore;
  readonly outbox: OutboxRows;
  readonly equipment: KeptEquipment;
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    super(storage, new SetAside(storage));
    this.#storage = storage;
    this.usage = new UsageStore(storage);
    this.outbox = new OutboxRows(storage, this.setAside);
    this.equipment = new KeptEquipment(storage, this.setAside);
  }

  transaction<T>(work: () => T): T {
    return this.#storage.transactionSync(work);
  }

  /** Brings what is stored up to date; call before anything is read. Never throws. @returns null where there is no task. */
  open(): Opened | null {
    if (!this.holdsTask) return null;
    const opened = migrate(this.#storage, TASK_MIGRATIONS);
    this.closed = opened.is === 'closed' ? opened.why : null;
    return opened;
  }

  /** Makes the tables of a task that is not there yet. */
  makeTables(): void {
    const opened = migrate(this.#storage, TASK_MIGRATIONS);
    if (opened.is === 'closed') throw new Error(opened.why);
  }

  create(head: TaskHead, record: TaskRecord): void {
    this.makeTables();
    this.keptHead = head;
    this.record = record;
  }

  protected override traces(): { lastEvent: number; pullRequest: PullRequest | null } {
    const rows = this.#storage.sql.exec<{ key: number; body: string }>(
      `SELECT number AS key, body FROM events
        WHERE json_valid(body) AND json_extract(body, '$.type') = 'pull_request'
        ORDER BY number DESC`,
    );
    let pullRequest: PullRequest | null = null;
    for (const { key, body } of rows) {
      const opened = this.setAside.readJson(StoredEventBody, { table: 'events', key }, body);
      if (opened?.type !== 'pull_request') continue;
      ({ pullRequest } = opened);
      break;
    }
    return { lastEvent: this.lastEvent(), pullRequest };
  }

  addEvent(at: number, body: TaskEventBody): TaskEvent {
    const number = this.lastEvent() + 1;
    this.#storage.sql.exec(
      'INSERT INTO events (number, at, body) VALUES (?, ?, ?)',
      number,
      at,
      this.setAside.fit({ table: 'events', key: number }, body),
    );
    return { number, at, body };
  }

  /** Puts a line of before at its place. */
  restoreEvent({ number, at, body }: TaskEvent): void {
    this.#storage.sql.exec(
      'INSERT OR REPLACE INTO events (number, at, body) VALUES (?, ?, ?)',
      number,
      at,
      this.setAside.fit({ table: 'events', key: number }, body),
    );
  }

  lastEvent(): number {
    const [row] = this.#storage.sql.exec<{ last: number | null }>(
      'SELECT max(number) AS last FROM events',
    );
    return row?.last ?? 0;
  }

  /** Events after the number, in order; at most `limit` of them and about one batch's bytes. */
  events(after: number, limit: number): TaskEvent[] {
    return this.#read('WHERE number > ? ORDER BY number', after, limit);
  }

  /** The same of those before the number, nearest to it. */
  eventsBefore(before: number, limit: number): TaskEvent[] {
    return this.#read('WHERE number < ? ORDER BY number DESC', before, limit).toReversed();
  }

  /** Null where there is none, or none that can be read. */
  event(number: number): TaskEvent | null {
    return this.#read('WHERE number = ?', number, 1)[0] ?? null;
  }

  #read(which: string, number: number, limit: number): TaskEvent[] {
    const rows = this.#storage.sql.exec<{ number: number; at: number; body: string }>(
      `SELECT number, at, body FROM events ${which}`,
      number,
    );
    const events: TaskEvent[] = [];
    let size = 0;
    for (const { number: key, at, body } of rows) {
      size += body.length;
      if (size > EVENT_BATCH_MAX_BYTES && events.length > 0) break;
      const place = { table: 'events', key };
      const time = this.setAside.read(StoredTime, place, at);
      const read = time === null ? null : this.setAside.readJson(StoredEventBody, place, body);
      if (time !== null && read !== null) events.push({ number: key, at: time, body: read });
      if (events.length >= limit) break;
    }
    return events;
  }

  /** The newest changes of its status, oldest first; a status of another version is left out. */
  statusChanges(limit: number): StatusChange[] {
    const rows = this.#storage.sql.exec<{ at: number; status: string }>(
      `SELECT at, json_extract(body, '$.status') AS status FROM events
        WHERE ${IS_STATUS} ORDER BY number DESC LIMIT ?`,
      limit,
    );
    return rows
      .toArray()
      .flatMap((row) => {
        const at = StoredTime.safeParse(row.at);
        const status = TaskStatus.safeParse(row.status);
        return at.success && status.success ? [{ at: at.data, status: status.data }] : [];
      })
      .toReversed();
  }

  post(item: MailboxItem): void {
    this.#storage.sql.exec(
      'INSERT OR IGNORE INTO mailbox (id, body) VALUES (?, ?)',
      item.id,
      this.setAside.fit({ table: 'mailbox', key: item.id }, item),
    );
  }

  mail(): MailboxItem[] {
    const rows = this.#storage.sql.exec<{ key: string; body: string }>(
      'SELECT id AS key, body FROM mailbox ORDER BY place LIMIT 100',
    );
    return rows.toArray().flatMap(({ key, body }) => {
      const item = this.setAside.readJson(StoredMail, { table: 'mailbox', key }, body);
      // Out of the way of those that can be read.
      if (item === null) this.removeMail([key]);
      return item === null ? [] : [item];
    });
  }

  removeMail(ids: string[]): void {
    for (const id of ids) this.#storage.sql.exec('DELETE FROM mailbox WHERE id = ?', id);
  }

  removeMailOf(types: MailboxItem['type'][]): void {
    this.removeMail(this.mail().flatMap(({ type, id }) => (types.includes(type) ? [id] : [])));
  }

  addReport(report: Omit<TaskReport, 'number'>): void {
    const place = { table: 'reports', key: `at ${report.task.updatedAt}` };
    const body = this.setAside.fit(place, report);
    this.#storage.sql.exec('INSERT INTO reports (body) VALUES (?)', body);
  }

  /** Number of the newest report, also of one that was taken and is gone; 0 before the first. */
  lastReport(): number {
    const [row] = this.#storage.sql.exec<{ seq: number }>(
      `SELECT seq FROM sqlite_sequence WHERE name = 'reports'`,
    );
    return row?.seq ?? 0;
  }

  /** Reports are counted from far behind this number: the main thread may have taken more than is known here. */
  countReportsFrom(number: number): void {
    const last = number + REPORTS_GAP;
    // The table counts on from the highest number that it ever had.
    this.#storage.sql.exec("INSERT INTO reports (number, body) VALUES (?, '')", last);
    this.removeReport(last);
  }

  /** The next to be told. One that cannot be read leaves the queue: the next says how the task stands. */
  firstReport(): TaskReport | null {
    const rows = this.#storage.sql.exec<{ number: number; body: string }>(
      'SELECT number, body FROM reports ORDER BY number',
    );
    for (const { number, body } of rows) {
      const report = this.setAside.readJson(StoredReport, { table: 'reports', key: number }, body);
      if (report !== null) return { ...report, number };
      this.removeReport(number);
    }
    return null;
  }

  removeReport(number: number): void {
    this.#storage.sql.exec('DELETE FROM reports WHERE number = ?', number);
  }

  commandResult(requestId: string): TaskCommandResult | null {
    const [row] = this.#storage.sql.exec<{ body: string }>(
      'SELECT body FROM command_results WHERE request_id = ?',
      requestId,
    );
    const place = { table: 'command_results', key: requestId };
    return row === undefined ? null : this.setAside.readJson(StoredCommandResult, place, row.body);
  }

  /** The newest of them. */
  commandResults(limit: number): { id: string; result: TaskCommandResult }[] {
    return this.#storage.sql
      .exec<{ id: string }>(
        'SELECT request_id AS id FROM command_results ORDER BY rowid DESC LIMIT ?',
        limit,
      )
      .toArray()
      .flatMap(({ id }) => {
        const result = this.commandResult(id);
        return result === null ? [] : [{ id, result }];
      })
      .toReversed();
  }

  keepCommandResult(requestId: string, result: TaskCommandResult): void {
    this.#storage.sql.exec(
      'INSERT OR IGNORE INTO command_results (request_id, body) VALUES (?, ?)',
      requestId,
      this.setAside.fit({ table: 'command_results', key: requestId }, result),
    );
  }

  health(): ObjectHealth {
    return healthOf(this.#storage, this, TASK_TABLES);
  }

  /** Row counts, to compare with Postgres. */
  counts(): { events: number; usage: number } {
    const [row] = this.#storage.sql.exec<{ events: number }>(
      'SELECT count(*) AS events FROM events',
    );
    return { events: row?.events ?? 0, usage: this.usage.count() };
  }
}
