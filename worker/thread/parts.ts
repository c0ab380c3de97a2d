import type { OpenHistory } from '../history/connect.ts';
import { HistoryOutbox } from '../history/outbox.ts';
import type { UsageRow } from '../history/rows.ts';
import type { Env } from '../env.ts';
import { readKeys } from '../platform/sealed.ts';
import { ChangeLog } from './change-log.ts';
import { ThreadAttachments } from './attachments.ts';
import { Commands } from './commands.ts';
import { ModelRecord } from './health/model-record.ts';
import { HealthWatch } from './health/watch.ts';
import { HistoryCopy } from './history-copy.ts';
import type { ThreadPorts } from './ports.ts';
import { Responder } from './reply/responder.ts';
import { Summariser } from './reply/summariser.ts';
import { ToolRounds } from './reply/tool-rounds.ts';
import { ToolRunner } from './reply/tool-runner.ts';
import { Notifier } from './push/notifier.ts';
import { PushRows } from './storage/push-rows.ts';
import { RepositoryList } from './repository-list.ts';
import { Scheduler } from './scheduling/scheduler.ts';
import { entriesFrames } from './frames.ts';
import { Sockets } from './sockets.ts';
import { ThreadStore } from './storage/thread-store.ts';
import { AttachmentRows } from './storage/attachment-rows.ts';
import { ToolCalls } from './storage/tool-calls.ts';
import { SecretRows } from './storage/secret-rows.ts';
import { Turns } from './storage/turns.ts';
import { CommandPace } from './pace.ts';
import { GitToken } from './git-token.ts';
import { Secrets } from './secrets.ts';
import { TaskReports } from './task-reports.ts';

const PROMPT_TOKENS_DEFAULT = 60_000;
const SILENCE_SECONDS_DEFAULT = 60;
const HISTORY_ALERT_SECONDS = 600;

export type ThreadParts = {
  store: ThreadStore;
  turns: Turns;
  history: HistoryOutbox;
  copy: HistoryCopy;
  changeLog: ChangeLog;
  sockets: Sockets;
  repositories: RepositoryList;
  scheduler: Scheduler;
  responder: Responder;
  commands: Commands;
  pace: CommandPace;
  reports: TaskReports;
  summariser: Summariser;
  health: HealthWatch;
  secrets: Secrets;
  gitToken: GitToken;
  notifier: Notifier;
  attachments: ThreadAttachments;
};

/**
 * Puts a conversation together.
 *
 * @param life how Postgres is reached, or null where none is configured; what is called when a reply
 * has stored something that others wait for.
 */
export function threadParts(
  ctx: DurableObjectState,
  env: Env,
  ports: () => ThreadPorts,
  life: { history: () => OpenHistory | null; onCommitted: () => void },
): ThreadParts {
  const { storage } = ctx;
  const store = new ThreadStore(storage);
  const turns = new Turns(storage, store.setAside);
  const calls = new ToolCalls(storage, store.setAside);
  const history = new HistoryOutbox(storage, store.setAside, life.history);
  const sockets = new Sockets(ctx);
  const settings = {
    model: env.MODEL_MAIN,
    maxPromptTokens: Number(env.THREAD_PROMPT_MAX_TOKENS) || PROMPT_TOKENS_DEFAULT,
    silenceMs: (Number(env.MODEL_SILENCE_SECONDS) || SILENCE_SECONDS_DEFAULT) * 1_000,
  };
  const copy = new HistoryCopy(store, history);
  const notifier = new Notifier({
    store,
    rows: new PushRows(storage, store.setAside),
    sockets,
    send: (push) => ports().push(push),
  });
  const changeLog = new ChangeLog(
    store,
    copy,
    (entries) => sockets.broadcastTexts(entriesFrames(entries, store.head())),
    (item, at) => notifier.itemChanged(item, at),
  );
  const attachments = new ThreadAttachments({
    rows: new AttachmentRows(storage, store.setAside),
    ports,
    personId: () => store.personId,
    isInConversation: (id) => store.hasAttachment(id),
  });
  const scheduler = new Scheduler({
    store,
    turns,
    changeLog,
    storage,
    task: (taskId) => ports().task(store.personId ?? '', taskId),
    onSpent: (spent) => sockets.broadcast({ type: 'spending', ...spent }),
  });
  const model = new ModelRecord();
  const health = new HealthWatch({
    store,
    changeLog,
    history,
    sockets,
    model,
    ports,
    task: (taskId) => ports().task(store.personId ?? '', taskId),
    limits: {
      historyBehindMs: (Number(env.HISTORY_ALERT_SECONDS) || HISTORY_ALERT_SECONDS) * 1_000,
    },
  });
  const repositories = new RepositoryList({ store, ports, sockets });
  const onUsage = (row: UsageRow) => {
    const { personId } = store;
    if (personId === null) return;
    history.put({ table: 'usage', personId, row });
    scheduler.spendOwn(row.day, row.cost);
  };
  const rounds = new ToolRounds({
    store,
    calls,
    changeLog,
    scheduler,
    attachments,
    runner: new ToolRunner({ store, changeLog, scheduler, attachments, ports }),
    ports,
    onTasksStarted: (replyId, tasks) => {
      const ids = tasks.map(({ id }) => id);
      responder.addTasks(replyId, ids);
    },
    onCommitted: life.onCommitted,
  });
  const responder = new Responder({
    store,
    turns,
    changeLog,
    calls,
    rounds,
    ports,
    settings,
    prepare: () => repositories.first(),
    onDelta: (messageId, offset, text) =>
      sockets.broadcast({ type: 'delta', messageId, offset, text }),
    onUsage,
    onAnswer: (answer) => model.take(answer, Date.now()),
  });
  const pace = new CommandPace();
  const commands = new Commands({
    store,
    turns,
    changeLog,
    responder,
    scheduler,
    notifier,
    attachments,
    ports,
    pace,
  });
  const secrets = new Secrets({
    store,
    rows: new SecretRows(storage, store.setAside),
    changeLog,
    keys: () => readKeys(env.ENCRYPTION_KEYS),
  });
  const gitToken = new GitToken({
    store,
    keys: () => readKeys(env.ENCRYPTION_KEYS),
    owner: (token) => ports().owner(token),
  });
  const reports = new TaskReports({ store, turns, changeLog, scheduler, sockets, health });
  const summariser = new Summariser({ store, changeLog, ports, settings, onUsage });
  return {
    store,
    turns,
    history,
    copy,
    changeLog,
    sockets,
    repositories,
    scheduler,
    responder,
    commands,
    pace,
    reports,
    summariser,
    health,
    secrets,
    gitToken,
    notifier,
    attachments,
  };
}
