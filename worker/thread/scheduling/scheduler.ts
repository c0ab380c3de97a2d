import type { SpentAnswer } from '../../../protocol/pages.ts';
import type { TaskQueue, TaskSummary } from '../../../protocol/task.ts';
import { STATUS } from '../../../protocol/task-status.ts';
import { coalesced } from '../../platform/coalesce.ts';
import { log } from '../../platform/log.ts';
import type { Spent, TaskApi, TaskSpec } from '../../tasks/api.ts';
import type { Slot } from '../../tasks/lifecycle/state.ts';
import type { ChangeLog } from '../change-log.ts';
import type { ThreadStore } from '../storage/thread-store.ts';
import type { Turns } from '../storage/turns.ts';
import { DayMoney } from './day-money.ts';
import { Reconciler } from './reconciler.ts';
import { SlotStore } from './slot-store.ts';
import { type SlotRow, dueSlots } from './slots.ts';
import { Spending, dayOf, nextDay } from './spending.ts';
import { Starts } from './starts.ts';

const DAY_MS = 24 * 60 * 60_000;
/** Share of the day's budget at which the person is told. */
const NEAR_SHARE = 0.8;
/** How long a task may take to say that it took its slot before it is told once more. */
const TOLD_AGAIN_MS = 15_000;
/** How often the tasks are asked how they stand while one of them works or wants to. */
const RECONCILE_MS = 60_000;
/** The same while all that is open waits for a person: nothing there moves by itself. */
const RECONCILE_IDLE_MS = 10 * 60_000;

const grantOf = ({ taskId, attempt }: SlotRow) => `${taskId} ${attempt}`;

/** A task that shall be started, and where it stands among those that wait. */
export type NewTask = { spec: TaskSpec; ahead: boolean; after: string | null };

/** Decides who works now: no more tasks at once than the person allows, and none beyond the day's money. */
export class Scheduler {
  readonly #store: ThreadStore;
  readonly #turns: Turns;
  readonly #changeLog: ChangeLog;
  readonly #slots: SlotStore;
  readonly #starts: Starts;
  readonly #reconciler: Reconciler;
  readonly #spending: Spending;
  /** For the tasks' calls to models. */
  readonly dayMoney: DayMoney;
  readonly #task: (taskId: string) => TaskApi;
  readonly #onSpent: (spent: Spent) => void;
  /** Grants that this life of the object has told of. */
  #told = new Set<string>();
  /** When the tasks were last asked; never in this life of the object at first. */
  #reconciledAt = 0;

  constructor(parts: {
    store: ThreadStore;
    turns: Turns;
    changeLog: ChangeLog;
    storage: DurableObjectStorage;
    task: (taskId: string) => TaskApi;
    /** Told the day's whole cost when it changes. */
    onSpent: (spent: Spent) => void;
  }) {
    this.#store = parts.store;
    this.#turns = parts.turns;
    this.#changeLog = parts.changeLog;
    this.#slots = new SlotStore(parts.storage, parts.store.setAside);
    this.#starts = new Starts({ ...parts, slots: this.#slots });
    this.#reconciler = new Reconciler({
      ...parts,
      slots: this.#slots,
      starts: this.#starts,
      day: () => {
        const { limit, used } = this.#day();
        return { limit: limit ?? used, used };
      },
    });
    this.#spending = new Spending(parts.storage, parts.store.setAside);
    this.dayMoney = new DayMoney(parts.storage, parts.store.setAside, () => this.#day());
    this.#task = parts.task;
    this.#onSpent = parts.onSpent;
  }

  /**
   * New tasks: their lines, their intents and their places, all in the caller's one transaction;
   * who finds a free slot has it from the beginning. Call inside the change log's `change`, then `run`.
   */
  start(tasks: readonly NewTask[], now: number): TaskSummary[] {
    const summaries = tasks.map(({ spec, ahead, after }) => {
      const summary = this.#starts.add(spec, now);
      this.#slots.join(spec.taskId, { attempt: 1, ahead, after });
      return summary;
    });
    this.#grantDue();
    return summaries;
  }

  /** Sees to it that the task's own object has it. `begun` when it had been given up, and begins now. */
  async reach(taskId: string): Promise<'there' | 'begun'> {
    const givenUp = this.#starts.isGivenUp(taskId);
    if (givenUp) {
      this.#starts.again(taskId);
      this.#slots.join(taskId, { attempt: 1, ahead: false, after: null });
    }
    await this.#starts.create(taskId);
    return givenUp ? 'begun' : 'there';
  }

  /**
   * What is known of a task, after all that was lost here; once more, it changes nothing. Whoever
   * worked has its slot, until it says otherwise.
   */
  restoreTask(task: TaskSummary, spec: TaskSpec | null): void {
    // That it is created once more changes nothing where it is there.
    const isThere = task.status !== 'Queued' || task.attempt > 1;
    if (spec !== null) this.#starts.restore(spec, isThere);
    if (STATUS[task.status].spends) this.#slots.put(task.id, 'taken', task.attempt);
  }

  /** The queue of the tasks and what they cost, once each is known. Call inside the change log's `change`. */
  restore(kept: {
    queue: TaskQueue;
    spending: readonly { taskId: string | null; day: string; cost: number }[];
  }): void {
    for (const { taskId, after } of kept.queue) {
      const task = this.#store.task(taskId);
      if (task === null) continue;
      this.#slots.join(taskId, { attempt: task.attempt, ahead: false, after });
    }
    this.#spending.restore(kept.spending);
    this.#changeLog.putQueue(this.#slots.queue(), Date.now());
  }

  /** Takes a task's word about its slot. Call inside the change log's `change`. */
  note(task: TaskSummary, slot: Slot): void {
    this.#slots.put(task.id, slot, task.attempt);
    this.#changeLog.putQueue(this.#slots.queue(), Date.now());
  }

  /** Gives a waiting task another place in the queue; false when it does not wait. Call inside `change`. */
  move(taskId: string, position: number): boolean {
    const moved = this.#slots.move(taskId, position);
    if (moved) this.#changeLog.putQueue(this.#slots.queue(), Date.now());
    return moved;
  }

  /** What was spent today, in US dollars. */
  today(): Spent {
    const day = dayOf(Date.now());
    return { day, cost: this.#spending.on(day) };
  }

  /** What the conversation's own model calls cost, by day. */
  ownSpending(): Spent[] {
    return this.#spending.own();
  }

  /** What was spent on the last days, today's among them. */
  spent(days: number): SpentAnswer {
    const now = Date.now();
    return { today: dayOf(now), rows: this.#spending.since(dayOf(now - (days - 1) * DAY_MS)) };
  }

  /** The conversation's own model call. */
  spendOwn(day: string, cost: number): void {
    this.#spending.add(day, cost);
    this.#onSpent(this.today());
  }

  /** A task's cost grows: the person is told when most is spent; work stops when all is. */
  async spend(task: TaskSummary, spent: Spent | null): Promise<void> {
    if (spent === null) return;
    this.#spending.put(task.id, spent);
    const { day, cost } = this.today();
    this.#onSpent({ day, cost });
    const { dayBudget: limit } = this.#store.settings.limits;
    if (limit === null || cost < limit * NEAR_SHARE) return;
    if (cost < limit) {
      if (this.#store.dayTold === day) return;
      this.#store.dayTold = day;
      const notice = { is: 'budget_near', scope: 'day', limit, used: cost } as const;
      this.#turns.add({ is: 'notice', task, notice });
      return;
    }
    await this.#each(
      this.#store
        .tasks(true, 1_000)
        .filter(({ status }) => STATUS[status].spends)
        .map(({ id }) => id),
      (one) => one.pauseForDay(limit, cost),
    );
  }

  /** Grants the slots that are due and hands over what was started; call after every change. */
  async run(): Promise<void> {
    this.#changeLog.change(() => this.#grantDue());
    this.dayMoney.wake();
    await Promise.all([
      this.#starts.run(),
      this.#tellGranted((row) => !this.#told.has(grantOf(row))),
      ...(this.#dayIsOver()
        ? []
        : [
            this.#each(this.#waitsForDay(), (task) =>
              task.resumeForDay('There is money for it again'),
            ),
          ]),
    ]);
  }

  /** The alarm's part: tells those again that have not said that they took their slot. */
  async tellAgain(): Promise<void> {
    await this.#tellGranted(() => true);
  }

  /** Asks the open tasks how they stand, at each start of this object and each minute; mends what differs. */
  readonly reconcile = coalesced(async () => {
    if (Date.now() < this.#reconcileAt()) return;
    this.#reconciledAt = Date.now();
    if (!(await this.#reconciler.run())) return;
    await this.tellAgain();
    await this.run();
  });

  /** When `tellAgain`, `run` or `reconcile` has something to do by itself; null when never. */
  wakeAt(now: number): number | null {
    const times = [
      this.#slots.has('granted') ? now + TOLD_AGAIN_MS : null,
      this.#starts.firstDue(),
      this.#dayIsOver() && (this.#waitsForDay().length > 0 || this.#slots.has('waiting'))
        ? nextDay(now)
        : null,
      this.#isOpen() ? this.#reconcileAt() : null,
    ].filter((time) => time !== null);
    return times.length === 0 ? null : Math.min(...times);
  }

  #isOpen(): boolean {
    return this.#slots.has('any') || this.#store.openTasks().any;
  }

  #reconcileAt(): number {
    const moves = this.#slots.has('any') || this.#store.openTasks().moving;
    return this.#reconciledAt + (moves ? RECONCILE_MS : RECONCILE_IDLE_MS);
  }

  /** Call inside `change`; whoever was granted a slot has to be told after it. */
  #grantDue(): void {
    const { parallel } = this.#store.settings.limits;
    const rows = this.#dayIsOver()
      ? []
      : dueSlots(this.#slots.all(), parallel, (taskId) => {
          const before = this.#store.task(taskId);
          return before !== null && STATUS[before.status].blocksAfter;
        });
    for (const { taskId } of rows) this.#slots.grant(taskId);
    this.#changeLog.putQueue(this.#slots.queue(), Date.now());
  }

  async #tellGranted(wanted: (row: SlotRow) => boolean): Promise<void> {
    const granted = this.#slots.all().filter(({ slot }) => slot === 'granted');
    const rows = granted.filter(wanted);
    this.#told = new Set(granted.map(grantOf));
    await Promise.all(rows.map((row) => this.#tell(row)));
  }

  #day(): { limit: number | null; used: number } {
    return { limit: this.#store.settings.limits.dayBudget, used: this.today().cost };
  }

  #dayIsOver(): boolean {
    const { limit, used } = this.#day();
    return limit !== null && used >= limit;
  }

  /** Tasks that stopped because the day's money was spent. */
  #waitsForDay(): string[] {
    return this.#store
      .inbox(true, 1_000)
      .flatMap((item) => (item.kind === 'budget' && item.scope === 'day' ? [item.taskId] : []));
  }

  /** A task that its object does not have yet is given its slot together with all else. */
  async #tell({ taskId, attempt }: SlotRow): Promise<void> {
    if (this.#starts.isWanted(taskId)) await this.#starts.create(taskId);
    else await this.#each([taskId], (task) => task.grantSlot(attempt));
  }

  async #each(taskIds: string[], tell: (task: TaskApi) => Promise<void>): Promise<void> {
    await Promise.all(
      taskIds.map((taskId) =>
        tell(this.#task(taskId)).catch((error: unknown) =>
          // The alarm, or the task's next word, comes back to it.
          log.warn('thread.task_not_told', { taskId, error: String(error) }),
        ),
      ),
    );
  }
}
