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
import type { RetryFrom, TaskApi, TaskCommandResult, TaskSpec, TaskStanding } from './api.ts';
import { TaskAggregate } from './aggregate.ts';
import { DecisionStore } from './storage/decisions.ts';
import { Decisions } from './decisions/decisions.ts';
import { type CheckpointNews, RunnerApi, type TaskScope } from './runner/runner-api.ts';
import { TaskFeeds } from './feeds.ts';
import { IssueThread } from './decisions/issue-thread.ts';
import { LongPoll } from './runner/long-poll.ts';
import { type Next, next } from './lifecycle/next-step.ts';
import { type TaskPorts, taskPorts } from './ports.ts';
import { WARM_MS, dueAt, hasSandbox } from './lifecycle/state.ts';
import { PullRequests } from './delivery/pull-request.ts';
import { Requests } from './requests.ts';
import { LOOK_AFTER_MS, SandboxSupervisor } from './runner/supervisor.ts';
import { TaskStore } from './storage/task-store.ts';
import type { TaskTrigger } from './lifecycle/transition.ts';
import { TaskOutbox } from './outbox.ts';
import { QueuedMessages } from './storage/queued-messages.ts';

const ENSURE_AGAIN_MS = 3_000;
/** Shortest wait for a Claude plan's limit, whatever the host says. */
const PLAN_LIMIT_AT_LEAST_MS = 60_000;
const NO_TASK: TaskCommandResult = { is: 'refused', text: 'There is no such task.' };
/** What is due now is under way already; the alarm is there in case that ends early. */
const ALARM_AT_LEAST_MS = 2_000;
/** An alarm comes within seconds of its time, or not at all. */
const ALARM_LOST_AFTER_MS = 30_000;

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
  readonly #supervisor: SandboxSupervisor;
  readonly #pullRequests: PullRequests;
  readonly #issueThread: IssueThread;

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
    const ports = () => this.ports();
    this.#supervisor = new SandboxSupervisor({
      store: this.#store,
      aggregate: this.#aggregate,
      runnerApi: this.#runnerApi,
      ports,
      gatewayUrl: env.GATEWAY_URL,
      objectId: ctx.id.toString(),
    });
    this.#pullRequests = new PullRequests(this.#store, this.#aggregate, ports);
    this.#issueThread = new IssueThread({
      store: this.#store,
      aggregate: this.#aggregate,
      decisions: this.#decisions,
      kept: decisionStore,
      ports,
    });
    this.#aggregate.onAsked = (ask) => this.#issueThread.show(ask);
    this.#decisions.onDecided = (id, outcome, plan) =>
      this.#issueThread.showDecided(id, outcome, plan);
    this.#outbox = new TaskOutbox(this.#store, ports, {
      stopped: () => this.#store.transaction(() => this.#aggregate.tellSlot()),
      issue: (issue) =>
        this.#store.transaction(() => {
          this.#store.issue = issue;
          this.#aggregate.tellSummary();
        }),
    });
  }

  /** Everything beyond this object; tests put their own in its place. */
  ports(): TaskPorts {
    return taskPorts(this.env);
  }

  async create(spec: TaskSpec, slot: 'waiting' | 'granted' = 'waiting'): Promise<TaskSummary> {
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

  /** The Workflow's question: what now? Sees to the sandbox itself, so that no token leaves this object. */
  async advance(attempt: number, number: number): Promise<Next> {
    if (this.#store.head() === null || this.#store.record.attempt !== attempt) return { do: 'end' };
    this.#store.transaction(() => this.#aggregate.apply({ on: 'time' }));
    if (next(this.#store.record, number, Date.now()).do === 'ensure')
      await this.#supervisor.ensure();
    const decided = next(this.#store.record, number, Date.now());
    this.#store.wait = decided.do === 'wait' ? number : null;
    await this.#settle();
    // A sandbox that could not be started is tried again after a pause that nothing cuts short.
    return decided.do === 'ensure'
      ? { do: 'wait', type: `wake-${number}`, timeoutMs: ENSURE_AGAIN_MS }
      : decided;
  }

  /** Looks for the evidence and opens the draft pull request, at most once. */
  async deliver(): Promise<void> {
    if (this.#store.head() === null) return;
    await this.#pullRequests.deliver();
    await this.#settle();
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
    await Promise.all([this.#pullRequests.poll(true), this.#issueThread.poll(true)]);
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

  override async alarm(): Promise<void> {
    if (this.#store.head() === null) return;
    await this.#supervisor.lookAfter();
    await Promise.all([this.#pullRequests.poll(), this.#issueThread.poll()]);
    const { state } = this.#store.record;
    const isEarly = state.is === 'queued' && Date.now() < state.deadline;
    this.#store.transaction(() => this.#aggregate.apply({ on: 'time' }));
    // A Workflow that was killed is not run again everywhere, and blocks its name for another: the
    // task goes on without it.
    if (!isEarly) await this.#goOnAlone();
    await this.#settle();
  }

  async #goOnAlone(): Promise<void> {
    const { do: step } = next(this.#store.record, 0, Date.now());
    if (step === 'ensure') await this.#supervisor.ensure();
    if (step === 'deliver') await this.#pullRequests.deliver();
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

  /** After a commit: who watches sees it, who waits goes on, what was intended is done. */
  async #settle(): Promise<void> {
    this.#feeds.flush();
    if (!hasSandbox(this.#store.record.state) || this.#store.mail().length > 0) this.#mail.wake();
    this.ctx.waitUntil(
      Promise.all([this.#outbox.run(), this.#history.drain()]).then(() => this.#setAlarm()),
    );
    await this.#setAlarm();
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

  /** One alarm for all: the state's own time, a look at a sandbox at work, what is still to be done. */
  async #setAlarm(): Promise<void> {
    const { state } = this.#store.record;
    const times = [
      dueAt(state),
      hasSandbox(state) ? Date.now() + LOOK_AFTER_MS : null,
      this.#outbox.wakeAt(),
      this.#issueThread.wakeAt(),
      this.#history.wakeAt(),
    ].filter((time) => time !== null);
    if (times.length === 0) return;
    const wanted = Math.max(Math.min(...times), Date.now() + ALARM_AT_LEAST_MS);
    const set = await this.ctx.storage.getAlarm();
    // One whose time is long over was lost: it will not come by itself any more.
    const lost = set !== null && set < Date.now() - ALARM_LOST_AFTER_MS;
    if (set === null || lost || wanted < set) await this.ctx.storage.setAlarm(wanted);
  }
}
