import { decodeTime, ulid } from 'ulid';
import type { TaskSummary } from '../../../protocol/task.ts';
import { inParallel } from '../../platform/in-parallel.ts';
import { log } from '../../platform/log.ts';
import type { TaskApi, TaskSpec } from '../../tasks/api.ts';
import { newTask } from '../../tasks/lifecycle/state.ts';
import { summaryOf } from '../../tasks/summary.ts';
import type { ChangeLog } from '../change-log.ts';
import type { ThreadStore } from '../storage/thread-store.ts';
import type { Turns } from '../storage/turns.ts';
import type { SlotStore } from './slot-store.ts';
import { type Start, StartStore } from './start-store.ts';

/** Tries to hand a task to its object before the person is told; some ten minutes. */
const TRIES_MAX = 15;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;
/** Objects that are created at the same time. */
const PARALLEL = 25;
const NO_USAGE = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  cost: 0,
};
const NOT_STARTED =
  'The task could not be started: its place could not be reached. Retry tries again.';
const LOST = 'What was stored of this task is lost. Ask for the work again.';

/** The summary of a task that its own object does not have yet. */
function firstSummary(spec: TaskSpec, now: number): TaskSummary {
  return summaryOf({
    spec,
    createdAt: decodeTime(spec.taskId),
    record: newTask(spec.mode, now),
    note: null,
    usage: NO_USAGE,
    changes: null,
    queued: [],
    budget: spec.budget,
    issue: null,
    now,
  });
}

/**
 * Hands new tasks to their objects. What is wanted is a row of the conversation first, in the same
 * transaction as the task's summary, and stays wanted until the object has it: a crash at any moment
 * in between leaves a row that the alarm carries out.
 */
export class Starts {
  readonly #store: ThreadStore;
  readonly #turns: Turns;
  readonly #changeLog: ChangeLog;
  readonly #slots: SlotStore;
  readonly #starts: StartStore;
  readonly #task: (taskId: string) => TaskApi;
  readonly #underWay = new Map<string, Promise<boolean>>();
  /** Those that a call of `run` has taken, and comes to. */
  readonly #inHand = new Set<string>();
  /** Those that this life of the object has tried: another life tries them at once. */
  readonly #tried = new Set<string>();

  constructor(parts: {
    store: ThreadStore;
    turns: Turns;
    changeLog: ChangeLog;
    slots: SlotStore;
    storage: DurableObjectStorage;
    task: (taskId: string) => TaskApi;
  }) {
    this.#store = parts.store;
    this.#turns = parts.turns;
    this.#changeLog = parts.changeLog;
    this.#slots = parts.slots;
    this.#starts = new StartStore(parts.storage, parts.store.setAside);
    this.#task = parts.task;
  }

  /** Writes down that a task is wanted, and its summary. Call inside the change log's `change`. */
  add(spec: TaskSpec, now: number): TaskSummary {
    const summary = firstSummary(spec, now);
    this.#starts.put(spec, now + FIRST_PAUSE_MS);
    this.#changeLog.putTask(summary, 0, now);
    return summary;
  }

  /** A task of before everything here was lost; one that may not be there is handed over once more. */
  restore(spec: TaskSpec, isThere: boolean): void {
    this.#starts.put(spec, Date.now());
    if (isThere) this.#starts.set(spec.taskId, { state: 'created', tries: 0, dueAt: 0 });
  }

  /** Hands over all that is due and not in another call's hands; never throws. */
  async run(): Promise<void> {
    const now = Date.now();
    const due = this.#starts
      .wanted()
      .filter(({ spec, dueAt }) => dueAt <= now || !this.#tried.has(spec.taskId))
      .map(({ spec }) => spec.taskId)
      .filter((taskId) => !this.#inHand.has(taskId));
    for (const taskId of due) this.#inHand.add(taskId);
    await inParallel(due, PARALLEL, async (taskId) => {
      try {
        await this.create(taskId);
      } finally {
        this.#inHand.delete(taskId);
      }
    });
  }

  /** True while the task's object is not known to have it. */
  isWanted(taskId: string): boolean {
    return this.#starts.get(taskId)?.state === 'wanted';
  }

  /** Hands over this task, with its slot when it was granted one; one call at a time. @returns whether its object has it. */
  create(taskId: string): Promise<boolean> {
    const underWay = this.#underWay.get(taskId);
    if (underWay !== undefined) return underWay;
    const start = this.#starts.get(taskId);
    if (start === null || start.state === 'created') return Promise.resolve(true);
    this.#tried.add(taskId);
    const creating = this.#create(start).finally(() => this.#underWay.delete(taskId));
    this.#underWay.set(taskId, creating);
    return creating;
  }

  /** The task begins anew: it was given up, or its object has lost it. False when its spec is not known. */
  again(taskId: string): boolean {
    const start = this.#starts.get(taskId);
    if (start === null) return false;
    if (start.state === 'wanted') return true;
    this.#starts.set(taskId, { state: 'wanted', tries: 0, dueAt: Date.now() });
    // Its new object counts its reports from 1.
    this.#store.forgetReports(taskId);
    return true;
  }

  /** True for a task that was never handed over and will not be by itself. */
  isGivenUp(taskId: string): boolean {
    return this.#starts.get(taskId)?.state === 'given_up';
  }

  /** Nobody has this task any more. Call inside `change`. */
  lose(taskId: string): void {
    this.#fail(taskId, LOST);
  }

  firstDue(): number | null {
    return this.#starts.firstDue();
  }

  async #create({ spec, tries }: Start): Promise<boolean> {
    const { taskId } = spec;
    const isGranted = () => this.#slots.row(taskId)?.slot === 'granted';
    const slot = isGranted() ? 'granted' : 'waiting';
    try {
      await this.#task(taskId).create(spec, slot);
      this.#starts.set(taskId, { state: 'created', tries, dueAt: 0 });
      // Its turn came while it was on its way.
      if (slot === 'waiting' && isGranted()) await this.#task(taskId).grantSlot(1);
      return true;
    } catch (error) {
      log.warn('thread.task_not_created', { taskId, tries, error: String(error) });
      this.#changeLog.change(() => this.#postpone(taskId, tries + 1));
      return false;
    }
  }

  #postpone(taskId: string, tries: number): void {
    const state = this.#starts.get(taskId)?.state;
    if (state === 'created') return;
    if (tries < TRIES_MAX && state === 'wanted') {
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** tries, LONGEST_PAUSE_MS);
      this.#starts.set(taskId, { state: 'wanted', tries, dueAt: Date.now() + pause });
      return;
    }
    this.#starts.set(taskId, { state: 'given_up', tries, dueAt: 0 });
    if (state === 'wanted') this.#fail(taskId, NOT_STARTED);
  }

  #fail(taskId: string, reason: string): void {
    const now = Date.now();
    const known = this.#store.task(taskId);
    this.#slots.put(taskId, 'none', 0);
    this.#changeLog.putQueue(this.#slots.queue(), now);
    if (known === null) return;
    const task = {
      ...known,
      status: 'Failed',
      note: reason,
      endedAt: now,
      updatedAt: now,
    } as const;
    this.#changeLog.rewriteTask(task, now);
    const { title, repository } = known;
    const base = { id: ulid(now), taskId, title, repository, at: now, outcome: null };
    this.#changeLog.putInbox({ ...base, kind: 'failure', reason }, now);
    this.#turns.add({ is: 'notice', task, notice: { is: 'failed', reason } });
  }
}
