import type { DecidedBy } from '../../protocol/decision.ts';
import type { ObjectHealth } from '../../protocol/health.ts';
import type { EgressRefusal, TaskDetails, UsageByDay } from '../../protocol/pages.ts';
import type { RebuildAnswer } from '../../protocol/rebuild.ts';
import type { TaskCommand } from '../../protocol/task-command.ts';
import type { TaskEvent } from '../../protocol/task-event.ts';
import { FEED_NEWEST, type FeedEvent, type FoundEvents } from '../../protocol/task-feed.ts';
import type { TaskSummary } from '../../protocol/task.ts';
import type { TaskApi, TaskCommandResult, TaskSpec, TaskStanding, TaskVitals } from './api.ts';
import { excerptOf } from './excerpt.ts';
import { findIn } from './find.ts';
import type { WorkflowNext } from './lifecycle/next-step.ts';
import { type DayMoney, needOf, waitsFor } from './need.ts';
import { rebuildTask, refillTask } from './rebuild.ts';
import { SandboxCalls } from './sandbox-calls.ts';
import { taskVitals } from './vitals.ts';

/** Retries and follow-ups add to them without end; a page shows the newest. */
const STATUS_CHANGES_MAX = 200;

/**
 * One task. Translates only: `lifecycle/` decides, `aggregate.ts` stores, `outbox.ts` carries out.
 * Here is what people, the main thread, the queue and the Workflow ask; `sandbox-calls.ts` has what
 * its sandbox asks, `task-object.ts` how the object lives.
 */
export class Task extends SandboxCalls implements TaskApi {
  async create(spec: TaskSpec, slot: 'waiting' | 'granted' = 'waiting'): Promise<TaskSummary> {
    if (this.store.unreadable !== null) throw new Error(this.store.unreadable);
    if (!this.isUsed) {
      this.aggregate.create(spec, slot, Date.now());
      await this.settle();
    } else if (slot === 'granted') {
      // Its first word was lost on the way back, and there is a slot for it meanwhile.
      await this.grantSlot(1);
    }
    return this.aggregate.summary(Date.now());
  }

  async standing(): Promise<TaskStanding | null> {
    // It is there, and cannot say how it stands: whoever asks must not begin it anew.
    if (this.store.unreadable !== null) throw new Error(this.store.unreadable);
    if (!this.isUsed) return null;
    await this.move({ on: 'time' });
    const need = needOf(this.parts, { limit: 0, used: 0 });
    return {
      summary: this.aggregate.summary(Date.now()),
      slot: this.aggregate.slot,
      reports: this.store.lastReport(),
      waitsFor: need === null ? null : waitsFor(need),
      told: this.store.firstReport() === null,
    };
  }

  async showNeed(day: DayMoney): Promise<void> {
    const need = this.isUsed ? needOf(this.parts, day) : null;
    if (need === null) return;
    this.store.transaction(() => this.aggregate.tellNeed(need));
    await this.settle();
  }

  async rebuild(why: 'lost' | 'imported' = 'lost'): Promise<RebuildAnswer> {
    const { history: open } = this.ports();
    const name = this.ctx.id.name ?? '';
    const answer = await rebuildTask(this.parts, open, { name, why }, Date.now());
    if (answer.is === 'rebuilt') await this.settle();
    return answer;
  }

  /** Puts the task on its way to Postgres again. @returns its rows; null where there is no task. */
  async refill(): Promise<number | null> {
    if (!this.isUsed) return null;
    const rows = refillTask(this.parts, Date.now());
    await this.settle();
    return rows;
  }

  async summary(): Promise<TaskSummary | null> {
    return this.isUsed ? this.aggregate.summary(Date.now()) : null;
  }

  /** What the head of the task's page shows; null when there is no such task. */
  async details(): Promise<TaskDetails | null> {
    if (!this.isUsed) return null;
    return {
      task: this.aggregate.summary(Date.now()),
      prompt: this.aggregate.spec().prompt,
      changes: this.store.statusChanges(STATUS_CHANGES_MAX),
      viewed: this.store.viewed,
      equipment: this.store.equipment.get(),
    };
  }

  /** Activity after the number, in order. */
  async events(after: number, limit: number): Promise<TaskEvent[]> {
    return this.isUsed ? this.store.events(after, limit) : [];
  }

  /** Lines before the number as a page shows them, in order; null when there is no such task. */
  async page(before: number, limit: number): Promise<FeedEvent[] | null> {
    return this.isUsed ? this.store.eventsBefore(before, limit).map(excerptOf) : null;
  }

  /** All that is kept of one line; null where there is none. */
  async event(number: number): Promise<TaskEvent | null> {
    return this.isUsed ? this.store.event(number) : null;
  }

  /** Lines in which the text stands, from the newest before the number on; null when there is no such task. */
  async find(text: string, before: number): Promise<FoundEvents | null> {
    if (!this.isUsed) return null;
    return findIn((next) => this.store.eventsBefore(next, FEED_NEWEST), text, before);
  }

  /** Use by model and day; null when there is no such task. */
  async usage(): Promise<UsageByDay[] | null> {
    return this.isUsed ? this.store.usage.byDay() : null;
  }

  /** Where in R2 the report of its changes lies; null when there is none. */
  async changesKey(): Promise<string | null> {
    return this.isUsed ? this.aggregate.checkpoints.keyOf('changes') : null;
  }

  async vitals(): Promise<TaskVitals | null> {
    return this.isUsed ? taskVitals(this.parts, this.ports().sandbox) : null;
  }

  /** Sends on what has not reached Postgres. @returns rows that wait still. */
  async drain(): Promise<number> {
    if (!this.isUsed) return 0;
    await this.parts.history.drain();
    return this.parts.history.pending();
  }

  /** What its sandboxes were refused, newest first; null when there is no such task. */
  async egressRefusals(): Promise<EgressRefusal[] | null> {
    return this.isUsed ? this.parts.egress.refusals() : null;
  }

  /** How the task's storage is; null when there is no task. */
  async health(): Promise<ObjectHealth | null> {
    return this.store.holdsTask ? this.store.health() : null;
  }

  /** Rows of this task that Postgres must hold too. */
  async counts(): Promise<{ events: number; usage: number } | null> {
    return this.isUsed ? this.store.counts() : null;
  }

  async grantSlot(attempt: number): Promise<void> {
    await this.move({ on: 'slot_granted', attempt });
  }

  /** The one way in which something is asked of a task, whoever asks. */
  async command(id: string, command: TaskCommand, by: DecidedBy): Promise<TaskCommandResult> {
    if (!this.isUsed) {
      return { is: 'refused', text: this.store.unreadable ?? 'There is no such task.' };
    }
    const result = await this.parts.requests.command(id, command, by);
    await this.settle();
    return result;
  }

  async pauseForDay(limit: number, used: number): Promise<void> {
    const scope = 'day' as const;
    const budget = { scope, limit, used };
    await this.move({ on: 'pause', what: { for: 'budget', scope }, budget });
  }

  async resumeForDay(reason: string): Promise<void> {
    const outcome = { by: 'task', text: reason, at: Date.now() } as const;
    await this.move({ on: 'go_on', scope: 'day', outcome });
  }

  async dispatchFailed(attempt: number, reason: string): Promise<void> {
    await this.move({ on: 'dispatch_failed', attempt, reason });
  }

  /**
   * Does what is next for the task, until it has to wait. The one way on: its Workflow calls it, and
   * its alarm, so that either alone brings a task to its end. Whoever comes second finds it done, or
   * joins it.
   *
   * @param look the Workflow's number of this call; null for the alarm.
   */
  async advance(attempt: number, look: number | null): Promise<WorkflowNext> {
    // A step that throws is tried again: this may be a deploy that is about to be put right.
    if (this.store.unreadable !== null) throw new Error(this.store.unreadable);
    if (!this.isUsed || this.store.record.attempt !== attempt) return { do: 'end' };
    const told = await this.parts.steps.advance(attempt, look);
    await this.settle();
    return told;
  }

  /** Something happened in the repository: looks at the git host now. `over` when nothing there matters any more. */
  async poke(): Promise<'looked' | 'over'> {
    // It may be readable again after the next deploy, and then wants to hear.
    if (this.store.unreadable !== null) return 'looked';
    if (!this.isUsed || !this.parts.pullRequests.watches) return 'over';
    await this.parts.steps.pollHost();
    await this.settle();
    return 'looked';
  }

  /** The task page's live feed; the Worker has checked whose task this is by the object's name. */
  override async fetch(request: Request): Promise<Response> {
    if (!this.isUsed) return new Response(null, { status: 404 });
    // Without a number the page has nothing yet, and begins with the newest.
    const after = new URL(request.url).searchParams.get('after') ?? '';
    const expiresAt = Number(request.headers.get('x-mainloop-expires-at'));
    return this.parts.feeds.accept(
      /^\d{1,15}$/.test(after) ? Number(after) : null,
      expiresAt > 0 ? expiresAt : null,
    );
  }
}
