import type { InboxItem } from '../../../protocol/inbox.ts';
import { TaskSummary } from '../../../protocol/task.ts';
import { STATUS } from '../../../protocol/task-status.ts';
import { inParallel } from '../../platform/in-parallel.ts';
import { log } from '../../platform/log.ts';
import { CLOSED_FOR_NOW } from '../../platform/migrations.ts';
import type { TaskApi, TaskStanding } from '../../tasks/api.ts';
import { UNREADABLE_HEAD } from '../../tasks/storage/task-values.ts';
import type { ChangeLog } from '../change-log.ts';
import type { ThreadStore } from '../storage/thread-store.ts';
import { itemRepairs } from './items.ts';
import type { SlotStore } from './slot-store.ts';
import { type Repair, type SlotRow, disagreements } from './slots.ts';
import type { Starts } from './starts.ts';

const ASKED_AT_ONCE = 20;
/** A task that ended may have a sandbox for so long that still takes its slot. */
const JUST_ENDED_MS = 5 * 60_000;

/** Why a task that is there could not tell anything. */
const UNREADABLE = [UNREADABLE_HEAD, ...CLOSED_FOR_NOW];

/** What the conversation has of a task. */
type Known = { summary: TaskSummary | null; slot: SlotRow | null };

/** What both sides say of a task that does not change with every look at it. */
function lasting({ updatedAt: _at, usage: _usage, note: _note, ...line }: TaskSummary): string {
  return JSON.stringify(Object.entries(line).toSorted(([a], [b]) => a.localeCompare(b)));
}

/**
 * Asks the open tasks how they stand and mends what differs. Both sides tell each other every change
 * by rows that are carried out until they succeed; this is the net under it, for what no row is
 * about any more: a timer that was lost, an object that was put back to an older state.
 */
export class Reconciler {
  readonly #store: ThreadStore;
  readonly #changeLog: ChangeLog;
  readonly #slots: SlotStore;
  readonly #starts: Starts;
  readonly #task: (taskId: string) => TaskApi;
  readonly #day: () => { limit: number; used: number };

  constructor(parts: {
    store: ThreadStore;
    changeLog: ChangeLog;
    slots: SlotStore;
    starts: Starts;
    task: (taskId: string) => TaskApi;
    /** What the person's day may cost and has cost, in US dollars. */
    day: () => { limit: number; used: number };
  }) {
    this.#store = parts.store;
    this.#changeLog = parts.changeLog;
    this.#slots = parts.slots;
    this.#starts = parts.starts;
    this.#task = parts.task;
    this.#day = parts.day;
  }

  /** @returns whether anything was mended; the slots have to be looked at again then. */
  async run(): Promise<boolean> {
    let mended = false;
    const taskIds = new Set([
      ...this.#store.taskIdsToAsk(Date.now() - JUST_ENDED_MS, UNREADABLE),
      ...this.#slots.taskIds(),
    ]);
    await inParallel([...taskIds], ASKED_AT_ONCE, async (taskId) => {
      try {
        if (await this.#look(taskId)) mended = true;
      } catch (error) {
        // It is asked again in a minute.
        log.warn('thread.task_not_asked', { taskId, error: String(error) });
      }
    });
    return mended;
  }

  async #look(taskId: string): Promise<boolean> {
    const before = { known: this.#known(taskId), items: this.#store.itemsOf(taskId) };
    const standing = await this.#ask(taskId);
    if (standing === null && (await this.#rebuilds(taskId))) return true;
    // It is on its way to say so by itself.
    if (standing !== null && !standing.told) return false;
    const shown = standing === null ? false : await this.#mendItems(taskId, before.items, standing);
    // What has changed while it was asked is younger than its answer: the next look compares it.
    if (JSON.stringify(this.#known(taskId)) !== JSON.stringify(before.known)) return shown;
    return this.#changeLog.change(() => this.#mend(taskId, before.known, standing)) || shown;
  }

  /**
   * Settles what its task does not wait for, and has the task show anew what it does. Items that have
   * changed meanwhile are compared by the next look.
   *
   * @param before as they were before the task was asked.
   */
  async #mendItems(
    taskId: string,
    before: InboxItem[],
    { waitsFor }: TaskStanding,
  ): Promise<boolean> {
    if (JSON.stringify(this.#store.itemsOf(taskId)) !== JSON.stringify(before)) return false;
    const { open, settle } = itemRepairs(before, waitsFor);
    if (settle.length > 0) this.#changeLog.change(() => this.#settle(taskId, settle));
    if (open) {
      log.warn('thread.item_lost', { taskId, kind: waitsFor?.kind });
      await this.#task(taskId).showNeed(this.#day());
    }
    return open || settle.length > 0;
  }

  /** Items for which their task does not wait. Call inside `change`. */
  #settle(taskId: string, items: InboxItem[]): void {
    const at = Date.now();
    const outcome = { by: 'task', text: 'The task does not wait for this any more', at } as const;
    for (const item of items) this.#changeLog.putInbox({ ...item, outcome }, at);
    log.warn('thread.items_left', { taskId, items: items.length });
  }

  /**
   * A task that was there and has lost everything is rebuilt where Postgres has it, before anything
   * else is made of it. What throws is asked again in a minute: nothing is given up for a Postgres that
   * is away.
   */
  async #rebuilds(taskId: string): Promise<boolean> {
    const summary = this.#store.task(taskId);
    const wasThere = summary !== null && !STATUS[summary.status].isEnded;
    if (!wasThere || this.#starts.isWanted(taskId)) return false;
    const { is, text } = await this.#task(taskId).rebuild();
    log.warn('thread.task_was_lost', { taskId, is, text });
    return is === 'rebuilt';
  }

  async #ask(taskId: string): Promise<TaskStanding | null> {
    const standing = await this.#task(taskId).standing();
    return standing === null ? null : { ...standing, summary: TaskSummary.parse(standing.summary) };
  }

  #known(taskId: string): Known {
    return { summary: this.#store.task(taskId), slot: this.#slots.row(taskId) };
  }

  #mend(taskId: string, { summary, slot }: Known, standing: TaskStanding | null): boolean {
    if (summary === null) {
      if (standing !== null) this.#changeLog.rewriteTask(standing.summary, Date.now(), 0);
      else this.#slots.put(taskId, 'none', 0);
      return true;
    }
    const { status, attempt } = summary;
    const repairs = disagreements(
      { status, attempt, slot },
      standing === null ? null : { ...standing.summary, slot: standing.slot },
    );
    if (
      standing !== null &&
      !repairs.includes('take_summary') &&
      lasting(summary) !== lasting(standing.summary)
    ) {
      repairs.unshift('take_summary');
    }
    // On its way to its object already, which is no news.
    const isOnItsWay = repairs.join() === 'create_again' && this.#starts.isWanted(taskId);
    if (repairs.length === 0 || isOnItsWay) return false;
    for (const repair of repairs) this.#repair(taskId, slot, standing, repair);
    this.#changeLog.putQueue(this.#slots.queue(), Date.now());
    log.warn('thread.disagreed', { taskId, repairs: repairs.join(' ') });
    return true;
  }

  #repair(
    taskId: string,
    slot: SlotRow | null,
    standing: TaskStanding | null,
    repair: Repair,
  ): void {
    const attempt = standing?.summary.attempt ?? 1;
    switch (repair) {
      case 'take_summary':
        if (standing !== null) {
          this.#changeLog.rewriteTask(standing.summary, Date.now(), standing.reports);
        }
        break;
      case 'free':
        this.#slots.put(taskId, 'none', attempt);
        break;
      case 'take':
        this.#slots.put(taskId, 'taken', attempt);
        break;
      case 'join':
        this.#slots.join(taskId, { attempt, ahead: attempt > 1, after: slot?.after ?? null });
        break;
      case 'grant_again':
        // Whoever was granted a slot and has not taken it is told again after this look.
        break;
      case 'create_again':
        if (!this.#starts.again(taskId)) this.#starts.lose(taskId);
        break;
    }
  }
}
