import { EVENT_BATCH_MAX_BYTES, MailboxItem } from '../../../protocol/runner.ts';
import { TaskEvent, TaskEventBody } from '../../../protocol/task-event.ts';
import type { WorkerModel } from '../../../protocol/model.ts';
import type { Feedback } from '../delivery/feedback.ts';
import type { PullRequest } from '../../../protocol/task.ts';
import type { TaskCommandResult, TaskReport, TaskSpec } from '../api.ts';
import type { Slot, TaskRecord } from '../lifecycle/state.ts';
import { UsageStore } from './usage.ts';

/** The newest parts of the checkpoint, each with the generation that wrote it. */
export type CheckpointRecord = {
  bundle: { generation: number; commit: string } | null;
  transcript: { generation: number; sessionId: string } | null;
};

/** Something to be done ports, kept until it was done. `key` makes it one of its kind. */
export type Intent = { key: string; body: IntentBody; tries: number; dueAt: number };
export type IntentBody =
  | { do: 'dispatch'; attempt: number }
  | { do: 'stop_sandbox'; generation: number }
  /** Shows at the git host that feedback was seen. */
  | { do: 'acknowledge'; to: FeedbackRef }
  /** Answers feedback at the git host. */
  | { do: 'reply'; number: number; to: FeedbackRef; text: string }
  /** Closes the task's pull request or its issue, with a comment that says why. */
  | { do: 'close'; what: 'pull' | 'issue'; number: number; text: string | null }
  /** Has the repository's webhooks poke this task. */
  | { do: 'watch' }
  | { do: 'open_issue'; body: string }
  /** Both wait until the issue is there. */
  | { do: 'edit_issue'; body: string }
  | { do: 'comment_issue'; key: string; text: string };

/** What is needed to answer a comment in its thread. */
export type FeedbackRef = Pick<Feedback, 'kind' | 'commentId' | 'id'>;

type TaskHead = { spec: TaskSpec; createdAt: number };

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS events (number INTEGER PRIMARY KEY, at INTEGER NOT NULL, body TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS mailbox (place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS reports (number INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS intents (key TEXT PRIMARY KEY, body TEXT NOT NULL, tries INTEGER NOT NULL, due_at INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS answers (request_id TEXT PRIMARY KEY, body TEXT NOT NULL);
`;

/**
 * A Task's storage: plain reads and writes, no decisions. Nothing is written before `create`, so an
 * object that is asked for a task that is not its own stays empty.
 */
export class TaskStore {
  readonly usage: UsageStore;
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
    this.usage = new UsageStore(storage);
  }

  transaction<T>(work: () => T): T {
    return this.#storage.transactionSync(work);
  }

  create(head: TaskHead, record: TaskRecord): void {
    this.#storage.sql.exec(SCHEMA);
    this.usage.init();
    this.#storage.kv.put('head', head);
    this.record = record;
  }

  head(): TaskHead | null {
    return this.#storage.kv.get<TaskHead>('head') ?? null;
  }

  /** Changes the worker's model; what it used before stays allowed for the turn that runs. */
  setModel(model: WorkerModel): void {
    const head = this.head();
    if (head === null) return;
    this.#storage.kv.put('models', [...new Set([...this.models(), model])]);
    this.#storage.kv.put('head', { ...head, spec: { ...head.spec, model } });
  }

  /** Every model that this task was ever given. */
  models(): WorkerModel[] {
    const head = this.head();
    return (
      this.#storage.kv.get<WorkerModel[]>('models') ?? (head === null ? [] : [head.spec.model])
    );
  }

  /** Feedback that was given to the worker: `open` waits for an answer in its thread. */
  get feedback(): { seen: string[]; open: FeedbackRef[] } {
    return this.#storage.kv.get('feedback') ?? { seen: [], open: [] };
  }

  set feedback(feedback: { seen: string[]; open: FeedbackRef[] }) {
    this.#storage.kv.put('feedback', feedback);
  }

  /** Most that the task may cost, in US dollars: as it began, or as it was raised to. */
  get budget(): number | null {
    return this.#storage.kv.get<number>('budget') ?? this.head()?.spec.budget ?? null;
  }

  set budget(limit: number) {
    this.#storage.kv.put('budget', limit);
  }

  /** What the main thread was last told about the task's place among those at work. */
  get slotTold(): Slot | null {
    return this.#storage.kv.get<Slot>('slot_told') ?? null;
  }

  set slotTold(slot: Slot) {
    this.#storage.kv.put('slot_told', slot);
  }

  /** The issue at the git host that goes with the task; null when there is none. */
  get issue(): PullRequest | null {
    return this.#storage.kv.get<PullRequest>('issue') ?? null;
  }

  set issue(issue: PullRequest) {
    this.#storage.kv.put('issue', issue);
  }

  get record(): TaskRecord {
    const record = this.#storage.kv.get<TaskRecord>('record');
    if (record === undefined) throw new Error('This object holds no task.');
    return record;
  }

  set record(record: TaskRecord) {
    this.#storage.kv.put('record', record);
  }

  /** What the task does now, for its card. */
  get note(): string | null {
    return this.#storage.kv.get<string>('note') ?? null;
  }

  set note(note: string | null) {
    this.#storage.kv.put('note', note);
  }

  /** The number of the Workflow's wait that a change must end; null when it waits for nothing. */
  get wait(): number | null {
    return this.#storage.kv.get<number>('wait') ?? null;
  }

  set wait(wait: number | null) {
    this.#storage.kv.put('wait', wait);
  }

  /** The secret in the newest sandbox's token; null before its first sandbox. */
  tokenSecret(generation: number): string | null {
    return this.#storage.kv.get<string>(`token:${generation}`) ?? null;
  }

  /** Keeps the newest generation's secret only. */
  keepTokenSecret(generation: number, secret: string): void {
    for (const [key] of this.#storage.kv.list({ prefix: 'token:' })) this.#storage.kv.delete(key);
    this.#storage.kv.put(`token:${generation}`, secret);
  }

  get checkpoint(): CheckpointRecord {
    return (
      this.#storage.kv.get<CheckpointRecord>('checkpoint') ?? { bundle: null, transcript: null }
    );
  }

  set checkpoint(checkpoint: CheckpointRecord) {
    this.#storage.kv.put('checkpoint', checkpoint);
  }

  /** Highest number of a runner's events that is stored for its generation. */
  runnerCursor(generation: number): number {
    return this.#storage.kv.get<number>(`runner:${generation}`) ?? 0;
  }

  setRunnerCursor(generation: number, number: number): void {
    this.#storage.kv.put(`runner:${generation}`, number);
  }

  addEvent(at: number, body: TaskEventBody): TaskEvent {
    const number = this.lastEvent() + 1;
    this.#storage.sql.exec(
      'INSERT INTO events (number, at, body) VALUES (?, ?, ?)',
      number,
      at,
      JSON.stringify(body),
    );
    return { number, at, body };
  }

  lastEvent(): number {
    const [row] = this.#storage.sql.exec<{ last: number | null }>(
      'SELECT max(number) AS last FROM events',
    );
    return row?.last ?? 0;
  }

  /** Events after the number, in order; at most `limit` of them and about one batch's bytes. */
  events(after: number, limit: number): TaskEvent[] {
    const rows = this.#storage.sql.exec<{ number: number; at: number; body: string }>(
      'SELECT number, at, body FROM events WHERE number > ? ORDER BY number LIMIT ?',
      after,
      limit,
    );
    const events: TaskEvent[] = [];
    let size = 0;
    for (const { number, at, body } of rows) {
      size += body.length;
      if (size > EVENT_BATCH_MAX_BYTES && events.length > 0) break;
      events.push({ number, at, body: TaskEventBody.parse(JSON.parse(body)) });
    }
    return events;
  }

  post(item: MailboxItem): void {
    this.#storage.sql.exec(
      'INSERT OR IGNORE INTO mailbox (id, body) VALUES (?, ?)',
      item.id,
      JSON.stringify(item),
    );
  }

  mail(): MailboxItem[] {
    return this.#storage.sql
      .exec<{ body: string }>('SELECT body FROM mailbox ORDER BY place LIMIT 100')
      .toArray()
      .map(({ body }) => MailboxItem.parse(JSON.parse(body)));
  }

  removeMail(ids: string[]): void {
    for (const id of ids) this.#storage.sql.exec('DELETE FROM mailbox WHERE id = ?', id);
  }

  removeMailOf(types: MailboxItem['type'][]): void {
    this.removeMail(this.mail().flatMap(({ type, id }) => (types.includes(type) ? [id] : [])));
  }

  addReport(report: Omit<TaskReport, 'number'>): void {
    this.#storage.sql.exec('INSERT INTO reports (body) VALUES (?)', JSON.stringify(report));
  }

  /** Number of the newest report, also of one that was taken and is gone; 0 before the first. */
  lastReport(): number {
    const [row] = this.#storage.sql.exec<{ seq: number }>(
      `SELECT seq FROM sqlite_sequence WHERE name = 'reports'`,
    );
    return row?.seq ?? 0;
  }

  firstReport(): TaskReport | null {
    const [row] = this.#storage.sql.exec<{ number: number; body: string }>(
      'SELECT number, body FROM reports ORDER BY number LIMIT 1',
    );
    return row === undefined ? null : { ...JSON.parse(row.body), number: row.number };
  }

  removeReport(number: number): void {
    this.#storage.sql.exec('DELETE FROM reports WHERE number = ?', number);
  }

  addIntent(key: string, body: IntentBody, dueAt: number): void {
    this.#storage.sql.exec(
      'INSERT OR REPLACE INTO intents (key, body, tries, due_at) VALUES (?, ?, 0, ?)',
      key,
      JSON.stringify(body),
      dueAt,
    );
  }

  intents(): Intent[] {
    return this.#storage.sql
      .exec<{ key: string; body: string; tries: number; due_at: number }>(
        'SELECT key, body, tries, due_at FROM intents ORDER BY due_at',
      )
      .toArray()
      .map((row) => ({
        key: row.key,
        body: JSON.parse(row.body),
        tries: row.tries,
        dueAt: row.due_at,
      }));
  }

  postponeIntent(key: string, dueAt: number): void {
    this.#storage.sql.exec(
      'UPDATE intents SET tries = tries + 1, due_at = ? WHERE key = ?',
      dueAt,
      key,
    );
  }

  /** Removes this very intent, not a newer one that took its key meanwhile. */
  removeIntent(intent: Intent): void {
    this.#storage.sql.exec(
      'DELETE FROM intents WHERE key = ? AND due_at = ? AND body = ?',
      intent.key,
      intent.dueAt,
      JSON.stringify(intent.body),
    );
  }

  answer(requestId: string): TaskCommandResult | null {
    const [row] = this.#storage.sql.exec<{ body: string }>(
      'SELECT body FROM answers WHERE request_id = ?',
      requestId,
    );
    return row === undefined ? null : JSON.parse(row.body);
  }

  keepAnswer(requestId: string, answer: TaskCommandResult): void {
    this.#storage.sql.exec(
      'INSERT OR IGNORE INTO answers (request_id, body) VALUES (?, ?)',
      requestId,
      JSON.stringify(answer),
    );
  }

  /** Row counts, to compare with Postgres. */
  counts(): { events: number; usage: number } {
    const [row] = this.#storage.sql.exec<{ events: number }>(
      'SELECT count(*) AS events FROM events',
    );
    return { events: row?.events ?? 0, usage: this.usage.count() };
  }
}
