import type { TaskSummary } from '../../../protocol/task.ts';
import { STATUS } from '../../../protocol/task-status.ts';
import { log } from '../../platform/log.ts';
import type { Spent, TaskApi } from '../../tasks/api.ts';
import type { Slot } from '../../tasks/lifecycle/state.ts';
import type { ChangeLog } from '../change-log.ts';
import { SlotStore, dueSlots } from './slot-store.ts';
import { Spending, dayOf, nextDay } from './spending.ts';
import type { ThreadStore } from '../storage/thread-store.ts';
import type { Turns } from '../storage/turns.ts';

/** Share of the day's budget at which the person is told. */
const NEAR_SHARE = 0.8;
/** How long a task may take to say that it took its turn before it is told once more. */
const TOLD_AGAIN_MS = 15_000;

/** Decides who works now: no more tasks at once than the person allows, and none beyond the day's money. */
export class Scheduler {
  readonly #store: ThreadStore;
  readonly #turns: Turns;
  readonly #changeLog: ChangeLog;
  readonly #slots: SlotStore;
  readonly #spending: Spending;
  readonly #task: (taskId: string) => TaskApi;
  readonly #onSpent: (spent: Spent) => void;

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
    this.#spending = new Spending(parts.storage, parts.store.setAside);
    this.#task = parts.task;
    this.#onSpent = parts.onSpent;
  }

  /** A new task waits for its turn, before it can say so itself. Call inside the change log's `change`. */
  expect(taskId: string, order: { ahead: boolean; after: string | null }): void {
    this.#slots.join(taskId, { attempt: 1, ...order });
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

  /** Gives the turns that are due, and tells again whom no word has come from; call after every change. */
  async run(): Promise<void> {
    if (this.#dayIsOver()) return;
    const { parallel } = this.#store.settings.limits;
    const due = this.#changeLog.change(() => {
      const rows = dueSlots(this.#slots.all(), parallel, (taskId) => {
        const before = this.#store.task(taskId);
        return before !== null && STATUS[before.status].blocksAfter;
      });
      for (const { taskId } of rows) this.#slots.grant(taskId);
      this.#changeLog.putQueue(this.#slots.queue(), Date.now());
      return rows;
    });
    await Promise.all([
      ...due.map((row) => this.#grantSlot(row.taskId, row.attempt)),
      this.#each(this.#waitsForDay(), (task) => task.resumeForDay('There is money for it again')),
    ]);
  }

  /** Tells those again that have not said that they took their turn. */
  async tellAgain(): Promise<void> {
    const granted = this.#slots.all().filter((row) => row.granted && row.slot === 'waiting');
    await Promise.all(granted.map((row) => this.#grantSlot(row.taskId, row.attempt)));
  }

  /** When `tellAgain` or `run` has something to do by itself; null when never. */
  wakeAt(now: number): number | null {
    const times = [
      this.#slots.all().some((row) => row.granted) ? now + TOLD_AGAIN_MS : null,
      this.#dayIsOver() && (this.#waitsForDay().length > 0 || this.#slots.queue().length > 0)
        ? nextDay(now)
        : null,
    ].filter((time) => time !== null);
    return times.length === 0 ? null : Math.min(...times);
  }

  #dayIsOver(): boolean {
    const { dayBudget } = this.#store.settings.limits;
    return dayBudget !== null && this.today().cost >= dayBudget;
  }

  /** Tasks that stopped because the day's money was spent. */
  #waitsForDay(): string[] {
    return this.#store
      .inbox(true, 1_000)
      .flatMap((item) => (item.kind === 'budget' && item.scope === 'day' ? [item.taskId] : []));
  }

  #grantSlot(taskId: string, attempt: number): Promise<void> {
    return this.#each([taskId], (task) => task.grantSlot(attempt));
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
