import { ulid } from 'ulid';
import type { TaskEvent } from '../../protocol/task-event.ts';
import type { TaskLine } from '../../protocol/task.ts';
import type { HistoryOutbox } from '../history/outbox.ts';
import type { UsageRow } from '../history/rows.ts';
import { log } from '../log.ts';
import type { TaskSpec } from './contract.ts';
import type { DecisionStore } from './decision-store.ts';
import type { TaskFeeds } from './feeds.ts';
import { taskLine } from './line.ts';
import { reportOf } from './report.ts';
import { newTask, statusOf } from './record.ts';
import { type TaskTrigger, transition } from './state.ts';
import type { TaskStore } from './store.ts';
import type { TurnQueue } from './turn-queue.ts';

/** The task's storage and its rules put together: every change of it goes through here. */
export class TaskCore {
  readonly #store: TaskStore;
  readonly #history: HistoryOutbox;
  readonly #feeds: TaskFeeds;
  readonly #queue: TurnQueue;
  readonly #decisions: DecisionStore;

  constructor(
    store: TaskStore,
    queue: TurnQueue,
    decisions: DecisionStore,
    history: HistoryOutbox,
    feeds: TaskFeeds,
  ) {
    this.#store = store;
    this.#history = history;
    this.#feeds = feeds;
    this.#queue = queue;
    this.#decisions = decisions;
  }

  /** Writes the task and the intent to start it, in one transaction. */
  create(spec: TaskSpec, now: number): void {
    this.#store.transaction(() => {
      this.#history.init();
      this.#queue.init();
      this.#decisions.init();
      this.#store.create({ spec, createdAt: now }, newTask(spec.mode, now));
      this.#store.addIntent('dispatch', { do: 'dispatch', attempt: 1 }, now);
      this.note(now, { type: 'status', status: 'Queued', note: null });
      this.#store.addReport({ line: this.line(now), inbox: null, notice: null });
      this.keepHistoryLine(now);
    });
  }

  /** Takes a trigger through the state machine and stores what follows. Call it inside a transaction. */
  apply(trigger: TaskTrigger): boolean {
    const now = Date.now();
    const before = this.#store.record;
    const result = transition(before, trigger, now);
    if (result === null) return false;
    this.#store.record = result.record;
    for (const effect of result.effects) {
      if (effect.do === 'dispatch') {
        this.#store.addIntent('dispatch', { do: 'dispatch', attempt: result.record.attempt }, now);
      } else if (effect.do === 'tell_worker') {
        this.#store.post({ type: 'message', id: ulid(), text: effect.text });
      } else if (effect.do === 'park') {
        this.#store.post({ type: 'park', id: ulid() });
      } else if (effect.do === 'stop_sandbox') {
        const { generation } = effect;
        // They were for the turn of this very sandbox.
        this.#store.removeMailOf(['park', 'interrupt']);
        this.#store.addIntent(`stop:${generation}`, { do: 'stop_sandbox', generation }, now);
      }
    }
    const report = reportOf(result, before, this.line(now), { now, itemId: ulid });
    if (report !== null) {
      const status = statusOf(result.record);
      if (status !== statusOf(before)) {
        this.#store.note = null;
        this.note(now, { type: 'status', status, note: this.line(now).note });
      }
      this.#store.addReport({ ...report, line: this.line(now) });
      this.keepHistoryLine(now);
      log.info('task.status', {
        taskId: this.spec().taskId,
        status,
        generation: result.record.generation,
        attempt: result.record.attempt,
      });
    }
    return true;
  }

  /** Sees to it that the mailbox holds the next message to the worker; false when there is none, there or in the queue. */
  postNext(): boolean {
    if (this.#store.mail().some(({ type }) => type === 'message')) return true;
    const next = this.#queue.shift();
    if (next === null) return false;
    this.#store.post({ type: 'message', ...next });
    this.tellLine();
    return true;
  }

  /** What was said while the work was being delivered, or too late for the last turn, is the next stretch of work. */
  goOnIfTold(): void {
    const { is } = this.#store.record.state;
    if ((is === 'checking' || is === 'done') && this.postNext()) {
      this.apply({ on: 'told', approved: false, outcome: null });
    }
  }

  /** Tells what changed of the line without a change of state: its model, its queue. */
  tellLine(): void {
    const now = Date.now();
    this.#store.addReport({ line: this.line(now), inbox: null, notice: null });
    this.keepHistoryLine(now);
  }

  /** Stores one request's metered use; a repeated id counts once. */
  meter(row: Omit<UsageRow, 'taskId'>): void {
    const { personId, taskId } = this.spec();
    this.#store.transaction(() => {
      this.#store.addUsage({ ...row, taskId });
      this.#history.put({ table: 'usage', personId, row: { ...row, taskId } });
      this.keepHistoryLine(Date.now());
    });
  }

  /** Puts the line as it is now on its way to Postgres. */
  keepHistoryLine(now: number): void {
    const { personId, prompt } = this.spec();
    this.#history.put({ table: 'tasks', personId, row: { ...this.line(now), prompt } });
  }

  /** Adds a line to the activity, for the page, for Postgres and for good. */
  note(at: number, body: TaskEvent['body']): void {
    const { personId, taskId } = this.spec();
    const row = this.#store.addEvent(at, body);
    this.#history.put({ table: 'task_events', personId, taskId, row });
    this.#feeds.add(row);
  }

  spec(): TaskSpec {
    const head = this.#store.head();
    if (head === null) throw new Error('This object holds no task.');
    return head.spec;
  }

  line(now: number): TaskLine {
    const head = this.#store.head();
    if (head === null) throw new Error('This object holds no task.');
    const { record, note } = this.#store;
    return taskLine({
      ...head,
      record,
      note,
      usage: this.#store.usage(),
      queued: this.#queue.all(),
      now,
    });
  }
}
