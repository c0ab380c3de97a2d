import { DurableObject } from 'cloudflare:workers';
import type { Answers, DecidedBy, PlanVerdict } from '../../protocol/decision.ts';
import type { WorkerModel } from '../../protocol/model.ts';
import type { Brief, EventBatch, EventReceipt, Mailbox, NextTurn } from '../../protocol/runner.ts';
import type { UsageByDay } from '../../protocol/pages.ts';
import type { TaskEvent } from '../../protocol/task-event.ts';
import type { QueuedMessage, TaskSummary } from '../../protocol/task.ts';
import type { Env } from '../env.ts';
import type { Admitted } from '../gateway/refusal.ts';
import type { Pass } from '../gateway/token.ts';
import { HistoryOutbox } from '../history/outbox.ts';
import type { UsageRow } from '../history/rows.ts';
import type { RetryFrom, TaskCommandResult, TaskApi, TaskSpec } from './api.ts';
import { TaskAggregate } from './aggregate.ts';
import { DecisionStore } from './storage/decisions.ts';
import { Decisions } from './decisions/decisions.ts';
import { type CheckpointNews, RunnerApi, type TaskScope } from './runner/runner-api.ts';
import { TaskFeeds } from './feeds.ts';
import { IssueThread } from './decisions/issue-thread.ts';
import { LongPoll } from './runner/long-poll.ts';
import type { WorkflowNext } from './lifecycle/next-step.ts';
import { gatedHost } from '../github/gate.ts';
import { Alarm } from '../platform/alarm.ts';
import { log } from '../platform/log.ts';
import { type TaskPorts, taskPorts } from './ports.ts';
import { WARM_MS, hasSandbox } from './lifecycle/state.ts';
import { PullRequests } from './delivery/pull-request.ts';
import { Requests } from './requests.ts';
import { SandboxSupervisor } from './runner/supervisor.ts';
import { TaskSteps } from './steps.ts';
import { TaskStore } from './storage/task-store.ts';
import type { TaskTrigger } from './lifecycle/transition.ts';
import { TaskOutbox } from './outbox.ts';
import { QueuedMessages } from './storage/queued-messages.ts';

/** Shortest wait for a Claude plan's limit, whatever the host says. */
const PLAN_LIMIT_AT_LEAST_MS = 60_000;
const NO_TASK: TaskCommandResult = { is: 'refused', text: 'There is no such task.' };

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
    const queue = new QueuedMessages(ctx.storage);
    const decisionStore = new DecisionStore(ctx.storage);
    this.#aggregate = new TaskAggregate(
      this.#store,
      queue,
      decisionStore,
      this.#history,
      this.#feeds,
    );
    this.#decisions = new Decisions(this.#store, decisionStore, this.#aggregate, warmMsOf(env));
    this.#requests = new Requests(this.#store, queue, this.#aggregate);
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
    this.#pullRequests = new PullRequests(this.#store, this.#aggregate, ports);
    const issueThread = new IssueThread({
      store: this.#store,
      aggregate: this.#aggregate,
      decisions: this.#decisions,
      kept: decisionStore,
      ports,
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
  }

  /** Everything beyond this object; tests put their own in its place. */
  ports(): TaskPorts {
    return taskPorts(this.env);
  }

  async create(spec: TaskSpec): Promise<TaskSummary> {
    if (this.#store.head() === null) {
      this.#aggregate.create(spec, Date.now());
      await this.#settle();
    }
    return this.#aggregate.summary(Date.now());
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

  /** Rows of this task that Postgres must hold too. */
  async counts(): Promise<{ events: number; usage: number } | null> {
    return this.#store.head() === null ? null : this.#store.counts();
  }

  async grantSlot(attempt: number): Promise<void> {
    await this.#move({ on: 'slot_granted', attempt });
  }

  cancel(requestId: string, close = false): Promise<TaskCommandResult> {
    return this.#answer(requestId, () => this.#requests.cancel(close));
  }

  retry(requestId: string, from: RetryFrom = 'checkpoint'): Promise<TaskCommandResult> {
    return this.#answer(requestId, () => this.#requests.retry(from));
  }

  raiseBudget(requestId: string, limit: number): Promise<TaskCommandResult> {
    return this.#answer(requestId, () => this.#requests.raiseBudget(limit));
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

  message(requestId: string, text: string, when: 'now' | 'later'): Promise<TaskCommandResult> {
    return this.#answer(requestId, () => this.#requests.message(text, when));
  }

  arrangeQueue(requestId: string, messages: QueuedMessage[]): Promise<TaskCommandResult> {
    return this.#answer(requestId, () => this.#requests.arrangeQueue(messages));
  }

  interrupt(requestId: string): Promise<TaskCommandResult> {
    return this.#answer(requestId, () => this.#requests.interrupt());
  }

  setModel(requestId: string, model: WorkerModel): Promise<TaskCommandResult> {
    return this.#answer(requestId, () => this.#requests.setModel(model));
  }

  /** Asks the git host, which takes its time: the answer is kept once it is there. */
  async merge(requestId: string): Promise<TaskCommandResult> {
    if (this.#store.head() === null) return NO_TASK;
    const answer = this.#store.answer(requestId) ?? (await this.#pullRequests.merge());
    this.#store.keepAnswer(requestId, answer);
    await this.#settle();
    return answer;
  }

  answer(
    requestId: string,
    questionId: string,
    answers: Answers,
    by: DecidedBy,
  ): Promise<TaskCommandResult> {
    return this.#answer(requestId, () => this.#decisions.answer(questionId, answers, by));
  }

  decide(
    requestId: string,
    planId: string,
    hash: string,
    verdict: PlanVerdict,
    by: DecidedBy,
  ): Promise<TaskCommandResult> {
    return this.#answer(requestId, () => this.#decisions.decide(planId, hash, verdict, by));
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

  async checkpointed(pass: Pass, news: CheckpointNews): Promise<Admitted<null>> {
    return this.#runnerApi.checkpointed(pass, news);
  }

  async checkpointGeneration(
    pass: Pass,
    part: CheckpointNews['part'],
  ): Promise<Admitted<number | null>> {
    return this.#runnerApi.checkpointGeneration(pass, part);
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
      if (this.#store.head() === null) return;
      try {
        await this.advance(this.#store.record.attempt, null);
      } finally {
        // Whatever became of that: what is written down is carried out.
        await this.#settle();
      }
    });
  }

  async #settleIfUsed(): Promise<void> {
    if (this.#store.head() !== null) await this.#settle();
  }

  async #move(trigger: TaskTrigger): Promise<void> {
    if (this.#store.head() === null) return;
    this.#store.transaction(() => this.#aggregate.apply(trigger));
    await this.#settle();
  }

  async #answer(requestId: string, act: () => TaskCommandResult): Promise<TaskCommandResult> {
    if (this.#store.head() === null) return NO_TASK;
    const answer = this.#store.transaction(() => {
      const decided = this.#store.answer(requestId) ?? act();
      this.#store.keepAnswer(requestId, decided);
      return decided;
    });
    await this.#settle();
    return answer;
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
