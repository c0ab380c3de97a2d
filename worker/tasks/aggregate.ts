import { decodeTime, ulid } from 'ulid';
import type { TaskEvent } from '../../protocol/task-event.ts';
import type { PullRequest, TaskSummary } from '../../protocol/task.ts';
import type { HistoryOutbox } from '../history/outbox.ts';
import type { CallUsage } from '../models/model-call.ts';
import { issueBody } from './decisions/verdict.ts';
import { log } from '../platform/log.ts';
import type { TaskNotice, TaskReport, TaskSpec } from './api.ts';
import type { TaskFeeds } from './feeds.ts';
import { summaryOf } from './summary.ts';
import { type Transition, fail } from './lifecycle/effect.ts';
import { type Consequences, consequencesOf } from './lifecycle/consequences.ts';
import { reportOf } from './lifecycle/report.ts';
import { type Slot, hasSandbox, isFinal, newTask, slotOf, statusOf } from './lifecycle/state.ts';
import { type TaskTrigger, transition } from './lifecycle/transition.ts';
import type { Need } from './need.ts';
import { UNREADABLE_RECORD } from './storage/salvage.ts';
import { LIMITS } from './outbox-limits.ts';
import type { OutboxRow } from './storage/outbox-rows.ts';
import { Checkpoints } from './runner/checkpoints.ts';
import type { DecisionStore } from './storage/decisions.ts';
import type { TaskStore } from './storage/task-store.ts';
import type { QueuedMessages } from './storage/queued-messages.ts';

/** Share of a budget at which the person is told. */
const NEAR_SHARE = 0.8;

type Stores = { store: TaskStore; queue: QueuedMessages; decisions: DecisionStore };

/** The task's storage and its rules put together: every change of it goes through here. */
export class TaskAggregate {
  readonly checkpoints: Checkpoints;
  readonly #store: TaskStore;
  readonly #history: HistoryOutbox;
  readonly #feeds: TaskFeeds;
  readonly #queue: QueuedMessages;
  readonly #decisions: DecisionStore;

  constructor({ store, queue, decisions }: Stores, history: HistoryOutbox, feeds: TaskFeeds) {
    this.#store = store;
    this.#decisions = decisions;
    this.checkpoints = new Checkpoints(store);
    this.#history = history;
    this.#feeds = feeds;
    this.#queue = queue;
  }

  /** Writes the task, and what dispatches it when a slot came with it, in one transaction. */
  create(spec: TaskSpec, slot: 'waiting' | 'granted', now: number): void {
    this.#store.transaction(() => {
      // As its summary says in the conversation, where it begins.
      const createdAt = decodeTime(spec.taskId);
      const record = newTask(spec.mode, now, slot);
      this.#store.create({ spec, createdAt }, record);
      if (slot === 'granted') {
        const { rows } = this.#consequencesOf({ record, effects: [{ do: 'dispatch' }] }, now);
        for (const row of rows) this.#store.outbox.add(row, now);
      }
      if (spec.withIssue) {
        const body = issueBody(spec, null);
        this.#store.outbox.add({ key: 'open_issue', effect: { do: 'open_issue', body } }, now);
      }
      this.note(now, { type: 'status', status: 'Queued', note: null });
      this.#tell(now, { inbox: null, notice: null });
    });
  }

  /**
   * A record that cannot be read makes a failed task: the person is told once, what waited for them
   * folds away, and a sandbox that may still run is stopped. False when the record is whole.
   */
  failWhereUnreadable(now: number): boolean {
    const record = this.#store.damagedRecord;
    if (record === null) return false;
    const { generation } = record;
    const failed = fail(record, UNREADABLE_RECORD, now);
    this.#store.transaction(() => {
      this.#store.record = failed.record;
      if (generation > 0) {
        const effect = { do: 'stop_sandbox', generation } as const;
        this.#store.outbox.add({ key: `stop:${generation}`, effect }, now);
      }
      this.note(now, { type: 'status', status: 'Failed', note: UNREADABLE_RECORD });
      const outcome = { by: 'task', text: 'The task failed', at: now } as const;
      this.#tell(now, { inbox: { is: 'settle', outcome }, notice: null });
      const report = reportOf(record, failed.record, this.#consequencesOf(failed, now));
      if (report !== null) this.#tell(now, report);
    });
    return true;
  }

  /**
   * Goes on after everything here was lost and brought back. A sandbox of before cannot speak any more,
   * since its secret is gone: it counts as lost. Call inside a transaction.
   *
   * @param said a line of the activity; null where nothing is missing.
   */
  takeUp(said: string | null, now: number): void {
    const { state, generation } = this.#store.record;
    if (said !== null) this.note(now, { type: 'step', text: said });
    else if (isFinal(state)) return;
    if (hasSandbox(state)) this.apply({ on: 'sandbox_gone', generation });
    if (!isFinal(state)) this.#store.outbox.add({ key: 'watch', effect: { do: 'watch' } }, now);
    this.tellSummary();
  }

  /** Takes a trigger through the state machine and stores what follows. Call it inside a transaction. */
  apply(trigger: TaskTrigger): boolean {
    const now = Date.now();
    const before = this.#store.record;
    const result = transition(before, trigger, now);
    if (result === null) return false;
    this.#store.record = result.record;
    this.checkpoints.onMove(before.state, result.record.state, now);
    const { delivered } = result.record;
    if (delivered !== null && delivered.commit !== before.delivered?.commit) {
      this.#store.pushedAt = now;
    }
    const told = this.#consequencesOf(result, now);
    for (const row of told.rows) this.#store.outbox.add(row, now);
    this.#store.removeMailOf(told.dropMail);
    for (const item of told.mail) this.#store.post(item);
    for (const text of told.notes) this.note(now, { type: 'step', text });
    const report = reportOf(before, result.record, told);
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

  #consequencesOf({ record, effects }: Transition, now: number): Consequences {
    const { attempt } = record;
    return consequencesOf(effects, { spec: this.spec(), attempt, now, newId: ulid });
  }

  /** Whether the task takes a slot now: also while an earlier sandbox of it may still run. */
  get slot(): Slot {
    const stopping = this.#store.outbox.all().some(({ effect }) => effect.do === 'stop_sandbox');
    return slotOf(this.#store.record.state, stopping);
  }

  /** Sees to it that the mailbox holds the next message to the worker; false when there is none, there or in the queue. */
  postNext(): boolean {
    if (this.#store.mail().some(({ type }) => type === 'message')) return true;
    const next = this.#queue.shift();
    if (next === null) return false;
    this.#store.post({ type: 'message', ...next });
    // Not before: words that wait can be taken back, and their files with them.
    this.#store.addAttachments(next.attachments ?? []);
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

  /** Has the inbox show again what the task needs: that is no news, and was said before. */
  tellNeed(need: Need): void {
    const now = Date.now();
    const { inbox } = this.#consequencesOf({ record: this.#store.record, effects: [need] }, now);
    this.#tell(now, { inbox, notice: null });
  }

  /** Tells when the task takes a slot, or frees it, without a change of what is shown. */
  tellSlot(): void {
    if (this.slot !== this.#store.slotTold) this.tellSummary();
  }

  #tell(now: number, news: Pick<TaskReport, 'inbox' | 'notice'>): void {
    const { slot } = this;
    this.#store.slotTold = slot;
    if (news.inbox?.is === 'settle') this.#decisions.close();
    this.#store.addReport({
      ...news,
      task: this.summary(now),
      slot,
      spent: this.#store.usage.spent(),
    });
    this.keepHistorySummary(now);
  }

  /** Stores one request's metered use; a repeated id counts once. */
  meter(row: CallUsage): void {
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

  /** The task's issue is there. Call inside a transaction. */
  issueOpened(issue: PullRequest): void {
    this.#store.issue = issue;
    this.tellSummary();
  }

  /** An effect ended without having been done: that is said once. Call inside a transaction. */
  tellEnd({ effect, tries }: OutboxRow, text: string): void {
    const now = Date.now();
    this.#store.effectEnded = { do: effect.do, at: now, text };
    this.note(now, { type: 'step', text });
    if (LIMITS[effect.do].told === 'conversation') this.say({ is: 'not_done', reason: text });
    else this.tellSlot();
    log.warn('task.effect_ended', { taskId: this.spec().taskId, effect: effect.do, tries, text });
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
      changes: this.checkpoints.changes(),
      queued: this.#queue.all(),
      budget: this.#store.budget,
      issue: this.#store.issue,
      now,
    });
  }
}
