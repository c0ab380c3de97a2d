import { decodeTime, ulid } from 'ulid';
import type { TaskEvent } from '../../protocol/task-event.ts';
import type { TaskSummary } from '../../protocol/task.ts';
import type { HistoryOutbox } from '../history/outbox.ts';
import type { UsageRow } from '../history/rows.ts';
import { issueBody } from './decisions/verdict.ts';
import { log } from '../platform/log.ts';
import type { TaskNotice, TaskReport, TaskSpec } from './api.ts';
import type { DecisionStore } from './storage/decisions.ts';
import type { TaskFeeds } from './feeds.ts';
import { summaryOf } from './summary.ts';
import type { Asking } from './lifecycle/effect.ts';
import { reportOf } from './lifecycle/report.ts';
import { type Slot, newTask, slotOf, statusOf } from './lifecycle/state.ts';
import { type TaskTrigger, transition } from './lifecycle/transition.ts';
import type { TaskStore } from './storage/task-store.ts';
import type { QueuedMessages } from './storage/queued-messages.ts';

/** Share of a budget at which the person is told. */
const NEAR_SHARE = 0.8;

/** The task's storage and its rules put together: every change of it goes through here. */
export class TaskAggregate {
  readonly #store: TaskStore;
  readonly #history: HistoryOutbox;
  readonly #feeds: TaskFeeds;
  readonly #queue: QueuedMessages;
  readonly #decisions: DecisionStore;
  #onAsked: (ask: Asking) => void = () => {};

  /** Told of every question and plan that is new, inside the transaction. */
  set onAsked(listener: (ask: Asking) => void) {
    this.#onAsked = listener;
  }

  constructor(
    store: TaskStore,
    queue: QueuedMessages,
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

  /** Writes the task, and the intent to dispatch it when a slot came with it, in one transaction. */
  create(spec: TaskSpec, slot: 'waiting' | 'granted', now: number): void {
    this.#store.transaction(() => {
      this.#history.init();
      this.#queue.init();
      this.#decisions.init();
      // As its line says in the conversation, where it begins.
      this.#store.create(
        { spec, createdAt: decodeTime(spec.taskId) },
        newTask(spec.mode, now, slot),
      );
      if (slot === 'granted') this.#dispatch(1, now);
      if (spec.withIssue) {
        const body = issueBody(spec, null);
        this.#store.addIntent('open_issue', { do: 'open_issue', body }, now);
      }
      this.note(now, { type: 'status', status: 'Queued', note: null });
      this.#tell(now, { inbox: null, notice: null });
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
      if (effect.do === 'open_asking') this.#onAsked(effect.ask);
      if (effect.do === 'dispatch') {
        this.#dispatch(result.record.attempt, now);
      } else if (effect.do === 'tell_worker') {
        this.#store.post({ type: 'message', id: ulid(), text: effect.text });
      } else if (effect.do === 'park') {
        this.#store.post({ type: 'park', id: ulid() });
      } else if (effect.do === 'break_off') {
        // Parked first: the end of the turn that follows must not wait for a word.
        this.#store.post({ type: 'park', id: ulid() });
        this.#store.post({ type: 'interrupt', id: ulid() });
      } else if (effect.do === 'stop_sandbox') {
        const { generation } = effect;
        // They were for the turn of this very sandbox.
        this.#store.removeMailOf(['park', 'interrupt']);
        this.#store.addIntent(`stop:${generation}`, { do: 'stop_sandbox', generation }, now);
      }
    }
    const report = reportOf(result, before, this.summary(now), { now, itemId: ulid });
    if (report === null) {
      this.tellSlot();
    } else {
      const status = statusOf(result.record);
      if (status !== statusOf(before)) {
        this.#store.note = null;
        this.note(now, { type: 'status', status, note: this.summary(now).note });
      }
      this.#tell(now, report);
      log.info('task.status', {
        taskId: this.spec().taskId,
        status,
        generation: result.record.generation,
        attempt: result.record.attempt,
      });
    }
    return true;
  }

  #dispatch(attempt: number, now: number): void {
    this.#store.addIntent('dispatch', { do: 'dispatch', attempt }, now);
    this.#store.addIntent('watch', { do: 'watch' }, now);
  }

  /** Whether the task takes a slot now: also while an earlier sandbox of it may still run. */
  get slot(): Slot {
    const stopping = this.#store.intents().some(({ body }) => body.do === 'stop_sandbox');
    return slotOf(this.#store.record.state, stopping);
  }

  /** Sees to it that the mailbox holds the next message to the worker; false when there is none, there or in the queue. */
  postNext(): boolean {
    if (this.#store.mail().some(({ type }) => type === 'message')) return true;
    const next = this.#queue.shift();
    if (next === null) return false;
    this.#store.post({ type: 'message', ...next });
    this.tellSummary();
    return true;
  }

  /** What was said while the work was being delivered, or too late for the last turn, is the next stretch of work. */
  goOnIfPrompted(): void {
    const { is } = this.#store.record.state;
    if ((is === 'checking' || is === 'done') && this.postNext()) {
      this.apply({ on: 'prompt_received', approved: false, outcome: null });
    }
  }

  /** Tells what changed of the line without a change of state: its model, its queue. */
  tellSummary(): void {
    this.#tell(Date.now(), { inbox: null, notice: null });
  }

  /** Says something that is not a move of the task's. */
  say(notice: TaskNotice): void {
    this.#tell(Date.now(), { inbox: null, notice });
  }

  /** Tells when the task takes a slot, or frees it, without a change of what is shown. */
  tellSlot(): void {
    if (this.slot !== this.#store.slotTold) this.tellSummary();
  }

  #tell(now: number, news: Pick<TaskReport, 'inbox' | 'notice'>): void {
    const { slot } = this;
    this.#store.slotTold = slot;
    this.#store.addReport({
      ...news,
      task: this.summary(now),
      slot,
      spent: this.#store.usage.spent(),
    });
    this.keepHistorySummary(now);
  }

  /** Stores one request's metered use; a repeated id counts once. */
  meter(row: Omit<UsageRow, 'taskId'>): void {
    const { personId, taskId } = this.spec();
    this.#store.transaction(() => {
      const before = this.#store.usage.total().cost;
      this.#store.usage.add({ ...row, taskId });
      this.#history.put({ table: 'usage', personId, row: { ...row, taskId } });
      this.keepHistorySummary(Date.now());
      this.#watchBudget(before);
    });
  }

  /** Says once that most is spent, and stops the work when all is. */
  #watchBudget(before: number): void {
    const { budget: limit } = this.#store;
    if (limit === null) return;
    const used = this.#store.usage.total().cost;
    if (used >= limit) this.pauseForBudget();
    else if (before < limit * NEAR_SHARE && used >= limit * NEAR_SHARE) {
      this.say({ is: 'budget_near', scope: 'task', limit, used });
    }
  }

  /** True when the task may make no further model call; then it is on its way to a stop. Call inside a transaction. */
  pauseForBudget(): boolean {
    const { budget: limit } = this.#store;
    const used = this.#store.usage.total().cost;
    if (limit === null || used < limit) return false;
    const scope = 'task' as const;
    this.apply({ on: 'pause', what: { for: 'budget', scope }, budget: { scope, limit, used } });
    return true;
  }

  /** Puts the line as it is now on its way to Postgres. */
  keepHistorySummary(now: number): void {
    const { personId, prompt } = this.spec();
    this.#history.put({ table: 'tasks', personId, row: { ...this.summary(now), prompt } });
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

  summary(now: number): TaskSummary {
    const head = this.#store.head();
    if (head === null) throw new Error('This object holds no task.');
    const { record, note } = this.#store;
    return summaryOf({
      ...head,
      record,
      note,
      usage: this.#store.usage.total(),
      queued: this.#queue.all(),
      budget: this.#store.budget,
      issue: this.#store.issue,
      now,
    });
  }
}
