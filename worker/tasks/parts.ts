import type { Env } from '../env.ts';
import { gatedHost } from '../github/gate.ts';
import { HistoryOutbox } from '../history/outbox.ts';
import { LongPoll } from '../platform/long-poll.ts';
import { TaskAggregate } from './aggregate.ts';
import type { Act } from './api.ts';
import { Decisions } from './decisions/decisions.ts';
import { PushClearance } from './decisions/push-clearance.ts';
import { IssueThread } from './decisions/issue-thread.ts';
import { FeedbackWatch } from './delivery/feedback-watch.ts';
import { Mending } from './delivery/mending.ts';
import { PullRequests } from './delivery/pull-request.ts';
import { Writers } from './delivery/writers.ts';
import { TaskFeeds } from './feeds.ts';
import { WARM_MS } from './lifecycle/state.ts';
import { TaskOutbox } from './outbox.ts';
import type { TaskPorts } from './ports.ts';
import { Requests } from './requests.ts';
import { Egress } from './runner/egress.ts';
import { ModelCalls } from './runner/model-calls.ts';
import { RunnerApi } from './runner/runner-api.ts';
import { SandboxSettingsReader } from './runner/sandbox-settings.ts';
import { SandboxSupervisor } from './runner/supervisor.ts';
import { TaskSteps } from './steps.ts';
import { StateKeeper } from './state-keeper.ts';
import { DecisionStore } from './storage/decisions.ts';
import { EgressRefusalStore } from './storage/egress-refusals.ts';
import { QueuedMessages } from './storage/queued-messages.ts';
import { ReservationStore } from './storage/reservations.ts';
import { TaskStore } from './storage/task-store.ts';

export type TaskParts = {
  store: TaskStore;
  history: HistoryOutbox;
  keeper: StateKeeper;
  decisions: DecisionStore;
  queue: QueuedMessages;
  feeds: TaskFeeds;
  mail: LongPoll;
  aggregate: TaskAggregate;
  runnerApi: RunnerApi;
  modelCalls: ModelCalls;
  egress: Egress;
  sandboxSettings: SandboxSettingsReader;
  refusals: EgressRefusalStore;
  clearance: PushClearance;
  requests: Requests;
  outbox: TaskOutbox;
  pullRequests: PullRequests;
  steps: TaskSteps;
};

function warmMsOf({ QUESTION_WAIT_SECONDS }: Env): number {
  const seconds = Number(QUESTION_WAIT_SECONDS);
  return seconds > 0 ? seconds * 1_000 : WARM_MS;
}

/**
 * Puts a task together.
 *
 * @param all what the task reaches; how often it asks the git host is seen to here.
 * @param later sees a step to its end for which nobody waits any longer.
 */
export function taskParts(
  ctx: DurableObjectState,
  env: Env,
  all: () => TaskPorts,
  later: (step: Promise<void>) => void,
): TaskParts {
  const store = new TaskStore(ctx.storage);
  const history = new HistoryOutbox(ctx.storage, store.setAside, () => all().history);
  const feeds = new TaskFeeds(ctx, store);
  const mail = new LongPoll();
  const queue = new QueuedMessages(ctx.storage, store.setAside);
  const decisionStore = new DecisionStore(ctx.storage, store.setAside);
  const gate = {
    opensAt: () => store.hostOpensAt,
    close: (until: number) => {
      store.hostOpensAt = until;
    },
  };
  const ports = () => {
    const reached = all();
    return { ...reached, github: gatedHost(reached.github, gate) };
  };
  const act: Act = (id, command, by) => requests.act(id, command, by);
  const refusals = new EgressRefusalStore(ctx.storage, store.setAside);
  const stores = { store, queue, decisions: decisionStore, refusals };
  const keeper = new StateKeeper(stores, history);
  const aggregate = new TaskAggregate(stores, history, feeds);
  const decisions = new Decisions(store, decisionStore, aggregate, warmMsOf(env));
  const runnerApi = new RunnerApi({ store, aggregate, mail, decisions, models: env });
  const modelCalls = new ModelCalls({
    store,
    reservations: new ReservationStore(ctx.storage, store.setAside),
    aggregate,
    runnerApi,
    thread: (personId) => ports().thread(personId),
  });
  const clearance = new PushClearance({
    store,
    aggregate,
    runnerApi,
    decisions,
    kept: decisionStore,
    ports,
  });
  const sandboxSettings = new SandboxSettingsReader(() => {
    const { personId, repository } = aggregate.spec();
    return { api: ports().thread(personId), repository };
  });
  const egress = new Egress({
    runnerApi,
    settings: sandboxSettings,
    refusals,
    mirrors: env.EGRESS_MIRRORS,
  });
  const supervisor = new SandboxSupervisor({
    store,
    aggregate,
    runnerApi,
    settings: sandboxSettings,
    ports,
    gatewayUrl: env.GATEWAY_URL,
    objectId: ctx.id.toString(),
  });
  const writers = new Writers({
    mayWrite: (repository, login) => ports().github.mayWrite(repository, login),
    repository: () => aggregate.spec().repository,
  });
  const feedback = new FeedbackWatch(store, aggregate, act, writers);
  const pullRequests = new PullRequests(store, aggregate, ports, feedback);
  const mending = new Mending(store, aggregate, ports, feedback);
  const issueThread = new IssueThread({
    store,
    aggregate,
    kept: decisionStore,
    ports,
    act,
    writers,
  });
  const requests = new Requests({ store, queue, aggregate, decisions, pullRequests, mending });
  const outbox = new TaskOutbox(store, aggregate, ports);
  const steps = new TaskSteps({
    store,
    aggregate,
    supervisor,
    pullRequests,
    issueThread,
    ports,
    later,
  });
  return {
    store,
    history,
    keeper,
    decisions: decisionStore,
    queue,
    feeds,
    mail,
    aggregate,
    runnerApi,
    modelCalls,
    egress,
    sandboxSettings,
    refusals,
    clearance,
    requests,
    outbox,
    pullRequests,
    steps,
  };
}
