import { TaskSummary } from '../../../protocol/task.ts';
import { STATUS } from '../../../protocol/task-status.ts';
import { inParallel } from '../../platform/in-parallel.ts';
import { log } from '../../platform/log.ts';
import type { TaskApi, TaskStanding } from '../../tasks/api.ts';
import type { ChangeLog } from '../change-log.ts';
import type { ThreadStore } from '../storage/thread-store.ts';
import type { SlotStore } from './slot-store.ts';
import { type Repair, type SlotRow, disagreements } from './slots.ts';
import type { Starts } from './starts.ts';

const ASKED_AT_ONCE = 20;
/** A task that ended may have a sandbox for so long that still takes its slot. */
const JUST_ENDED_MS = 5 * 60_000;

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

  constructor(parts: {
    store: ThreadStore;
    changeLog: ChangeLog;
    slots: SlotStore;
    starts: Starts;
    task: (taskId: string) => TaskApi;
  }) {
    this.#store = parts.store;
    this.#changeLog = parts.changeLog;
    this.#slots = parts.slots;
    this.#starts = parts.starts;
    this.#task = parts.task;
  }

  /** @returns whether anything was mended; the slots have to be looked at again then. */
  async run(): Promise<boolean> {
    let mended = false;
    const taskIds = new Set([
      ...this.#store.taskIdsToAsk(Date.now() - JUST_ENDED_MS),
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
    const before = this.#known(taskId);
    const standing = await this.#ask(taskId);
    if (standing === null && (await this.#rebuilds(taskId))) return true;
    // What has changed while it was asked is younger than its answer: the next look compares it.
    if (JSON.stringify(this.#known(taskId)) !== JSON.stringify(before)) return false;
    // It is on its way to say so by itself.
    if (standing !== null && !standing.told) return false;
    return this.#changeLog.change(() => this.#mend(taskId, before, standing));
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

  #known(taskId: string): { summary: TaskSummary | null; slot: SlotRow | null } {
    return { summary: this.#store.task(taskId), slot: this.#slots.row(taskId) };
  }

  #mend(
    taskId: string,
    { summary, slot }: { summary: TaskSummary | null; slot: SlotRow | null },
    standing: TaskStanding | null,
  ): boolean {
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
