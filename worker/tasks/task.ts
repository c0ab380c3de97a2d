import { DurableObject } from 'cloudflare:workers';
import type { DecidedBy } from '../../protocol/decision.ts';
import type {
  Brief,
  CheckpointPart,
  EventBatch,
  EventReceipt,
  Mailbox,
  NextTurn,
} from '../../protocol/runner.ts';
import type { UsageByDay } from '../../protocol/pages.ts';
import type { ObjectHealth } from '../../protocol/health.ts';
import type { TaskEvent } from '../../protocol/task-event.ts';
import type { TaskSummary } from '../../protocol/task.ts';
import type { TaskCommand } from '../../protocol/task-command.ts';
import type { Env } from '../env.ts';
import { log } from '../platform/log.ts';
import type { Pass, TaskScope } from '../gateway/pass.ts';
import type { Admitted } from '../gateway/refusal.ts';
import { HistoryOutbox } from '../history/outbox.ts';
import type { UsageRow } from '../history/rows.ts';
import {
  type Act,
  type TaskApi,
  type TaskCommandResult,
  type TaskSpec,
  type TaskStanding,
  idsOf,
} from './api.ts';
import { TaskAggregate } from './aggregate.ts';
import { DecisionStore } from './storage/decisions.ts';
import { Decisions } from './decisions/decisions.ts';
import type { CheckpointNews } from './runner/checkpoints.ts';
import { RunnerApi } from './runner/runner-api.ts';
import { TaskFeeds } from './feeds.ts';
import { IssueThread } from './decisions/issue-thread.ts';
import { LongPoll } from './runner/long-poll.ts';
import type { WorkflowNext } from './lifecycle/next-step.ts';
import { gatedHost } from '../github/gate.ts';
import { ALARM_AT_LEAST_MS, Alarm } from '../platform/alarm.ts';
import { type TaskPorts, taskPorts } from './ports.ts';
import { WARM_MS, hasSandbox } from './lifecycle/state.ts';
import { PullRequests } from './delivery/pull-request.ts';
import { Requests } from './requests.ts';
import { SandboxSupervisor } from './runner/supervisor.ts';
import { TaskSteps } from './steps.ts';
import { TaskStore } from './storage/task-store.ts';
import { UNREADABLE_HEAD } from './storage/task-values.ts';
import type { TaskTrigger } from './lifecycle/transition.ts';
import { TaskOutbox } from './outbox.ts';
import { QueuedMessages } from './storage/queued-messages.ts';

/** How long until a task that cannot be read is tried again. */
const UNREADABLE_AGAIN_MS = 60_000;
/** Shortest wait for a Claude plan's limit, whatever the host says. */
const PLAN_LIMIT_AT_LEAST_MS = 60_000;

function warmMsOf({ QUESTION_WAIT_SECONDS }: Env): number {
  const seconds = Number(QUESTION_WAIT_SECONDS);
  return seconds > 0 ? seconds * 1_000 : WARM_MS;
}

/** One task. Translates only: `lifecycle/` decides, `aggregate.ts` stores, `outbox.ts` carries out. */
export class Task extends DurableObject<Env> implements TaskApi {
  readonly #store: TaskStore;
  readonly #history: HistoryOutbox;
  readonly #feeds: TaskFeeds;
  readonly #mail = new LongPoll();
  readonly #aggregate: TaskAggregate;
  readonly #runnerApi: RunnerApi;
  readonly #decisions: Decisions;
  readonly #requests: Requests;
  readonly #outbox: TaskOutbox;
  readonly #pullRequests: PullRequests;
  readonly #steps: TaskSteps;
  readonly #alarm: Alarm;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new TaskStore(ctx.storage);
    this.#history = new HistoryOutbox(ctx.storage, env);
    this.#feeds = new TaskFeeds(ctx, this.#store);
    const queue = new QueuedMessages(ctx.storage, this.#store.setAside);
    const decisionStore = new DecisionStore(ctx.storage, this.#store.setAside);
    this.#aggregate = new TaskAggregate(this.#store, queue, this.#history, this.#feeds);
    this.#decisions = new Decisions(this.#store, decisionStore, this.#aggregate, warmMsOf(env));
    this.#runnerApi = new RunnerApi({
      store: this.#store,
      aggregate: this.#aggregate,
      mail: this.#mail,
      decisions: this.#decisions,
      models: env,
    });
    const gate = {
      opensAt: () => this.#store.hostOpensAt,
      close: (until: number) => {
        this.#store.hostOpensAt = until;
      },
    };
    const ports = () => {
      const all = this.ports();
      return { ...all, github: gatedHost(all.github, gate) };
    };
    const supervisor = new SandboxSupervisor({
      store: this.#store,
      aggregate: this.#aggregate,
      runnerApi: this.#runnerApi,
      ports,
      gatewayUrl: env.GATEWAY_URL,
      objectId: ctx.id.toString(),
    });
    const act: Act = (id, command, by) => this.#requests.act(id, command, by);
    this.#pullRequests = new PullRequests(this.#store, this.#aggregate, ports, act);
    const issueThread = new IssueThread({
      store: this.#store,
      aggregate: this.#aggregate,
      kept: decisionStore,
      ports,
      act,
    });
    this.#requests = new Requests({
      store: this.#store,
      queue,
      aggregate: this.#aggregate,
      decisions: this.#decisions,
      pullRequests: this.#pullRequests,
    });
    this.#outbox = new TaskOutbox(this.#store, this.#aggregate, ports);
    this.#steps = new TaskSteps({
      store: this.#store,
      aggregate: this.#aggregate,
      supervisor,
      pullRequests: this.#pullRequests,
      issueThread,
      ports,
      later: (work) => ctx.waitUntil(this.#finish(work)),
    });
    this.#alarm = new Alarm(ctx.storage, () => this.#times());
    this.#open();
  }

  /**
   * Brings what is stored up to date. Whatever is found there, the object starts: what cannot be read
   * is said in words by whoever asks, and to the main thread by the alarm.
   */
  #open(): void {
    try {
      const opened = this.#store.open();
      if (opened === null) return;
      const failed = this.#store.head() !== null && this.#aggregate.failWhereUnreadable(Date.now());
      const isNews = failed || (opened.is === 'open' && opened.applied > 0);
      const isUntold = this.#store.unreadable !== null && !this.#store.unreadableTold;
      if (isNews || isUntold) this.ctx.waitUntil(this.#alarm.setWithin(ALARM_AT_LEAST_MS));
    } catch (error) {
      log.error('task.not_opened', error, { objectId: this.ctx.id.toString() });
    }
  }

  /** Everything beyond this object; tests put their own in its place. */
  ports(): TaskPorts {
    return taskPorts(this.env);
  }

  async create(spec: TaskSpec, slot: 'waiting' | 'granted' = 'waiting'): Promise<TaskSummary> {
    if (this.#store.unreadable !== null) throw new Error(this.#store.unreadable);
    if (this.#store.head() === null) {
      this.#aggregate.create(spec, slot, Date.now());
      await this.#settle();
    } else if (slot === 'granted') {
      // Its first word was lost on the way back, and its turn has come meanwhile.
      await this.grantSlot(1);
    }
    return this.#aggregate.summary(Date.now());
  }

  async standing(): Promise<TaskStanding | null> {
    // It is there, and cannot say how it stands: whoever asks must not begin it anew.
    if (this.#store.unreadable !== null) throw new Error(this.#store.unreadable);
    if (this.#store.head() === null) return null;
    await this.#move({ on: 'time' });
    return {
      summary: this.#aggregate.summary(Date.now()),
      slot: this.#aggregate.slot,
      reports: this.#store.lastReport(),
      told: this.#store.firstReport() === null,
    };
  }

  async summary(): Promise<TaskSummary | null> {
    return this.#store.head() === null ? null : this.#aggregate.summary(Date.now());
  }

  /** The line and the instructions, for the task's page; null when there is no such task. */
  async details(): Promise<{ task: TaskSummary; prompt: string } | null> {
    if (this.#store.head() === null) return null;
    return { task: this.#aggregate.summary(Date.now()), prompt: this.#aggregate.spec().prompt };
  }

  /** Activity after the number, in order. */
  async events(after: number, limit: number): Promise<TaskEvent[]> {
    return this.#store.head() === null ? [] : this.#store.events(after, limit);
  }

  /** Use by model and day; null when there is no such task. */
  async usage(): Promise<UsageByDay[] | null> {
    return this.#store.head() === null ? null : this.#store.usage.byDay();
  }

  /** How the task's storage is; null when there is no task. */
  async health(): Promise<ObjectHealth | null> {
    return this.#store.holdsTask ? this.#store.health() : null;
  }

  /** Rows of this task that Postgres must hold too. */
  async counts(): Promise<{ events: number; usage: number } | null> {
    return this.#store.head() === null ? null : this.#store.counts();
  }

  async grantSlot(attempt: number): Promise<void> {
    await this.#move({ on: 'slot_granted', attempt });
  }

  /** The one way in which something is asked of a task, whoever asks. */
  async command(id: string, command: TaskCommand, by: DecidedBy): Promise<TaskCommandResult> {
    if (this.#store.head() === null) return this.#noTask();
    const result = await this.#requests.command(id, command, by);
    await this.#settle();
    return result;
  }

  async pauseForDay(limit: number, used: number): Promise<void> {
    const scope = 'day' as const;
    const budget = { scope, limit, used };
    await this.#move({ on: 'pause', what: { for: 'budget', scope }, budget });
  }

  async resumeForDay(reason: string): Promise<void> {
    const outcome = { by: 'task', text: reason, at: Date.now() } as const;
    await this.#move({ on: 'go_on', scope: 'day', outcome });
  }

  /** The Messages API says that the Claude plan's limit is reached, until the given time. */
  async planLimit(pass: Pass, until: number): Promise<void> {
    if (this.#runnerApi.admit(pass).is === 'refused') return;
    if (this.#aggregate.spec().waitsForPlan) {
      // A time that is over already would have it knock again and again.
      const later = Math.max(until, Date.now() + PLAN_LIMIT_AT_LEAST_MS);
      await this.#move({ on: 'pause', what: { for: 'plan_limit', until: later }, budget: null });
    }
  }

  async dispatchFailed(attempt: number, reason: string): Promise<void> {
    await this.#move({ on: 'dispatch_failed', attempt, reason });
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
    if (this.#store.unreadable !== null) throw new Error(this.#store.unreadable);
    if (this.#store.head() === null || this.#store.record.attempt !== attempt) return { do: 'end' };
    const told = await this.#steps.advance(attempt, look);
    await this.#settle();
    return told;
  }

  async admit(pass: Pass): Promise<Admitted<TaskScope>> {
    return this.#runnerApi.admit(pass);
  }

  /** As `admit`, for a call that costs money. */
  async admitModel(pass: Pass): Promise<Admitted<TaskScope>> {
    const admitted = this.#runnerApi.admitModel(pass);
    if (admitted.is === 'refused') await this.#settleIfUsed();
    return admitted;
  }

  async brief(pass: Pass): Promise<Admitted<Brief>> {
    const answer = this.#runnerApi.brief(pass);
    if (answer.is === 'ok') await this.#settle();
    return answer;
  }

  async receive(pass: Pass, batch: EventBatch): Promise<Admitted<EventReceipt>> {
    const answer = await this.#runnerApi.receive(pass, batch);
    if (answer.is === 'ok') {
      await this.#settle();
      this.#tellProgress();
    }
    return answer;
  }

  mailbox(pass: Pass, waitMs: number): Promise<Admitted<Mailbox>> {
    return this.#runnerApi.mailbox(pass, waitMs);
  }

  async nextTurn(pass: Pass): Promise<Admitted<NextTurn>> {
    const answer = this.#runnerApi.nextTurn(pass);
    await this.#settle();
    return answer;
  }

  async openCheckpoint(pass: Pass, part: CheckpointPart): Promise<Admitted<string>> {
    return this.#runnerApi.openCheckpoint(pass, part);
  }

  async checkpointed(pass: Pass, key: string, news: CheckpointNews): Promise<Admitted<null>> {
    const answer = this.#runnerApi.checkpointed(pass, key, news);
    // The one before it goes now, or this one does.
    await this.#settleIfUsed();
    return answer;
  }

  async checkpointKey(pass: Pass, part: CheckpointPart): Promise<Admitted<string | null>> {
    return this.#runnerApi.checkpointKey(pass, part);
  }

  /** Takes one request's metered use; a repeated id counts once. */
  async meter(row: Omit<UsageRow, 'taskId'>): Promise<void> {
    if (this.#store.head() === null) return;
    this.#aggregate.meter(row);
    await this.#settle();
    this.#tellProgress();
  }

  /** Something happened in the repository: looks at the git host now. `over` when nothing there matters any more. */
  async poke(): Promise<'looked' | 'over'> {
    // It may be readable again after the next deploy, and then wants to hear.
    if (this.#store.unreadable !== null) return 'looked';
    if (this.#store.head() === null || !this.#pullRequests.watches) return 'over';
    await this.#steps.pollHost();
    await this.#settle();
    return 'looked';
  }

  /** The task page's live feed; the Worker has checked whose task this is by the object's name. */
  override async fetch(request: Request): Promise<Response> {
    if (this.#store.head() === null) return new Response(null, { status: 404 });
    const after = Number(new URL(request.url).searchParams.get('after') ?? 0);
    const expiresAt = Number(request.headers.get('x-mainloop-expires-at'));
    return this.#feeds.accept(
      Number.isInteger(after) && after >= 0 ? after : 0,
      expiresAt > 0 ? expiresAt : null,
    );
  }

  override alarm(): Promise<void> {
    return this.#alarm.goOff(async () => {
      if (this.#store.unreadable !== null) return this.#tellUnreadable();
      if (this.#store.head() === null) return;
      try {
        await this.advance(this.#store.record.attempt, null);
      } finally {
        // Whatever became of that: what is written down is carried out.
        await this.#settle();
      }
    });
  }

  #noTask(): TaskCommandResult {
    return { is: 'refused', text: this.#store.unreadable ?? 'There is no such task.' };
  }

  /** The main thread shows the task as failed. A storage that is only closed for now is tried again. */
  async #tellUnreadable(): Promise<void> {
    if (this.#store.unreadable !== UNREADABLE_HEAD) this.#open();
    const why = this.#store.unreadable;
    if (why === null || this.#store.unreadableTold) return;
    const [taskId, personId] = idsOf(this.ctx.id.name ?? '');
    try {
      if (why !== UNREADABLE_HEAD || personId === null) throw new Error(why);
      await this.ports().thread(personId).taskUnreadable(taskId, why);
      this.#store.unreadableTold = true;
    } catch (error) {
      log.warn('task.unreadable', { taskId, why: String(error) });
      await this.#alarm.setWithin(UNREADABLE_AGAIN_MS);
    }
  }

  async #settleIfUsed(): Promise<void> {
    if (this.#store.head() !== null) await this.#settle();
  }

  async #move(trigger: TaskTrigger): Promise<void> {
    if (this.#store.head() === null) return;
    this.#store.transaction(() => this.#aggregate.apply(trigger));
    await this.#settle();
  }

  async #finish(step: Promise<void>): Promise<void> {
    try {
      await step;
    } catch (error) {
      log.error('task.step_failed', error, { taskId: this.#aggregate.spec().taskId });
    }
    await this.#settle();
  }

  /** After a commit: who watches sees it, who waits goes on, what was intended is done. */
  async #settle(): Promise<void> {
    this.#feeds.flush();
    if (!hasSandbox(this.#store.record.state) || this.#store.mail().length > 0) this.#mail.wake();
    this.ctx.waitUntil(
      Promise.all([this.#outbox.run(), this.#steps.wakeWorkflow(), this.#history.drain()]).then(
        () => {
          this.#feeds.flush();
          return this.#alarm.set();
        },
      ),
    );
    await this.#alarm.set();
  }

  #tellProgress(): void {
    const { personId, taskId } = this.#aggregate.spec();
    const { note } = this.#store;
    const progress = {
      taskId,
      note,
      usage: this.#store.usage.total(),
      spent: this.#store.usage.spent(),
    };
    this.ctx.waitUntil(this.#outbox.tellProgress(personId, progress));
  }

  /** One alarm for all: what is next, and what is still to be done. */
  #times(): (number | null)[] {
    if (this.#store.head() === null) return [];
    return [this.#steps.wakeAt(), this.#outbox.wakeAt(), this.#history.wakeAt()];
  }
}
