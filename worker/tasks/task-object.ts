import { DurableObject } from 'cloudflare:workers';
import type { Env } from '../env.ts';
import { ALARM_AT_LEAST_MS, Alarm } from '../platform/alarm.ts';
import { log } from '../platform/log.ts';
import type { TaskAggregate } from './aggregate.ts';
import { idsOf } from './api.ts';
import { hasSandbox } from './lifecycle/state.ts';
import type { TaskTrigger } from './lifecycle/transition.ts';
import { type TaskParts, taskParts } from './parts.ts';
import { type TaskPorts, taskPorts } from './ports.ts';
import type { TaskStore } from './storage/task-store.ts';
import { UNREADABLE_HEAD } from './storage/task-values.ts';

/** How long until a task that cannot be read is tried again. */
const UNREADABLE_AGAIN_MS = 60_000;

/** The life of a task's object: how it opens, what follows each commit, and its alarm. */
export abstract class TaskObject extends DurableObject<Env> {
  protected readonly parts: TaskParts;
  protected readonly store: TaskStore;
  protected readonly aggregate: TaskAggregate;
  readonly #alarm: Alarm;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.parts = taskParts(
      ctx,
      env,
      () => this.ports(),
      (step) => ctx.waitUntil(this.#finish(step)),
    );
    this.store = this.parts.store;
    this.aggregate = this.parts.aggregate;
    this.#alarm = new Alarm(ctx.storage, () => this.#times());
    this.#open();
  }

  /**
   * Brings what is stored up to date. Whatever is found there, the object starts: what cannot be read
   * is said in words by whoever asks, and to the main thread by the alarm.
   */
  #open(): void {
    try {
      const opened = this.store.open();
      if (opened === null) return;
      const failed = this.isUsed && this.aggregate.failWhereUnreadable(Date.now());
      const isNews = failed || (opened.is === 'open' && opened.applied > 0);
      const isUntold = this.store.unreadable !== null && !this.store.unreadableTold;
      // Rows for Postgres may have waited for one to be configured.
      const isUndrained = this.isUsed && this.parts.history.wakeAt() !== null;
      if (isNews || isUntold || isUndrained)
        this.ctx.waitUntil(this.#alarm.setWithin(ALARM_AT_LEAST_MS));
    } catch (error) {
      log.error('task.not_opened', error, { objectId: this.ctx.id.toString() });
    }
  }

  /** Everything beyond this object; tests put their own in its place. */
  ports(): TaskPorts {
    return taskPorts(this.env, () => this.aggregate.spec().personId);
  }

  /** As `Task.advance`. */
  abstract advance(attempt: number, look: number | null): Promise<unknown>;

  override alarm(): Promise<void> {
    return this.#alarm.goOff(async () => {
      if (this.store.unreadable !== null) return this.#tellUnreadable();
      if (!this.isUsed) return;
      try {
        this.parts.modelCalls.endSilent(Date.now());
        await this.advance(this.store.record.attempt, null);
      } finally {
        // Whatever became of that: what is written down is carried out.
        await this.settle();
      }
    });
  }

  /** True when there is a task here that can be read. */
  protected get isUsed(): boolean {
    return this.store.head() !== null;
  }

  protected async move(trigger: TaskTrigger): Promise<void> {
    if (!this.isUsed) return;
    this.store.transaction(() => this.aggregate.apply(trigger));
    await this.settle();
  }

  /** After a commit: who watches sees it, who waits goes on, what was intended is done. */
  protected async settle(): Promise<void> {
    const isAtWork = hasSandbox(this.store.record.state);
    this.parts.egress.write(Date.now(), !isAtWork);
    this.parts.keeper.keep();
    this.parts.feeds.flush();
    const mayWait = isAtWork && this.store.mail().length === 0;
    if (!mayWait) this.parts.mail.wake();
    const { outbox, steps, history } = this.parts;
    this.ctx.waitUntil(
      Promise.all([outbox.run(), steps.wakeWorkflow(), history.drain()]).then(() => {
        this.parts.feeds.flush();
        return this.#alarm.set();
      }),
    );
    await this.#alarm.set();
  }

  protected tellProgress(): void {
    const { personId, taskId } = this.aggregate.spec();
    const { note } = this.store;
    const progress = {
      taskId,
      report: this.store.lastReport(),
      note,
      usage: this.store.usage.total(),
      changes: this.aggregate.checkpoints.changes(),
      spent: this.store.usage.spent(),
      openCalls: this.parts.modelCalls.open(),
    };
    this.ctx.waitUntil(this.parts.outbox.tellProgress(personId, progress));
  }

  /** The main thread shows the task as failed. A storage that is only closed for now is tried again. */
  async #tellUnreadable(): Promise<void> {
    if (this.store.unreadable !== UNREADABLE_HEAD) this.#open();
    const why = this.store.unreadable;
    if (why === null || this.store.unreadableTold) return;
    const [taskId, personId] = idsOf(this.ctx.id.name ?? '');
    try {
      if (why !== UNREADABLE_HEAD || personId === null) throw new Error(why);
      await this.ports().thread(personId).taskUnreadable(taskId, why);
      this.store.unreadableTold = true;
    } catch (error) {
      log.warn('task.unreadable', { taskId, why: String(error) });
      await this.#alarm.setWithin(UNREADABLE_AGAIN_MS);
    }
  }

  async #finish(step: Promise<void>): Promise<void> {
    try {
      await step;
    } catch (error) {
      log.error('task.step_failed', error, { taskId: this.aggregate.spec().taskId });
    }
    await this.settle();
  }

  /** One alarm for all: what is next, and what is still to be done. */
  #times(): (number | null)[] {
    if (!this.isUsed) return [];
    const { steps, outbox, history, modelCalls } = this.parts;
    return [steps.wakeAt(), outbox.wakeAt(), history.wakeAt(), modelCalls.wakeAt()];
  }
}
