import { DurableObject } from 'cloudflare:workers';
import { CLOSE, type Down } from '../../protocol/down.ts';
import type { ObjectHealth } from '../../protocol/health.ts';
import type { InboxItem } from '../../protocol/inbox.ts';
import type { Message } from '../../protocol/message.ts';
import { STATUS } from '../../protocol/task-status.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import type { Person } from '../auth/access.ts';
import type { Env } from '../env.ts';
import { HistoryOutbox } from '../history/outbox.ts';
import type { UsageRow } from '../history/rows.ts';
import { Alarm } from '../platform/alarm.ts';
import { log } from '../platform/log.ts';
import type { TaskProgress, TaskReport, ThreadApi } from '../tasks/api.ts';
import { Commands } from './commands.ts';
import { ChangeLog } from './change-log.ts';
import { Summariser } from './reply/summariser.ts';
import { type ThreadPorts, threadPorts } from './ports.ts';
import { Scheduler } from './scheduling/scheduler.ts';
import { Sockets, send } from './sockets.ts';
import { Responder } from './reply/responder.ts';
import { ThreadStore } from './storage/thread-store.ts';
import { ToolCalls } from './storage/tool-calls.ts';
import { ToolRounds } from './reply/tool-rounds.ts';
import { ToolRunner } from './reply/tool-runner.ts';
import { Turns } from './storage/turns.ts';
import { failUnreadableTask } from './unreadable-task.ts';
import { type RefusedFrame, readFrame } from './up-frame.ts';

const ENTRIES_PAGE = 200;
const REPOSITORIES_FRESH_MS = 5 * 60_000;
/** How long the first reply waits for the list of repositories. */
const FIRST_LIST_WITHIN_MS = 1_500;
/** While replies are owed, the object looks again so often, whoever is connected. */
const LOOK_AGAIN_MS = 15_000;
/** How long until a storage that could not be opened is tried again. */
const CLOSED_AGAIN_MS = 60_000;
const PROMPT_TOKENS_DEFAULT = 60_000;

/** One person's conversation. Translates only: parse, call what decides, store, send. */
export class MainThread extends DurableObject<Env> implements ThreadApi {
  readonly #store: ThreadStore;
  readonly #turns: Turns;
  readonly #calls: ToolCalls;
  readonly #history: HistoryOutbox;
  readonly #sockets: Sockets;
  readonly #changeLog: ChangeLog;
  readonly #responder: Responder;
  readonly #scheduler: Scheduler;
  readonly #commands: Commands;
  readonly #summariser: Summariser;
  readonly #alarm: Alarm;
  #ports: ThreadPorts | null = null;
  #answering: Promise<void> | null = null;
  #refreshing: Promise<void> | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const ports = () => (this.#ports ??= this.ports());
    const onUsage = (row: UsageRow) => {
      const { personId } = this.#store;
      if (personId === null) return;
      this.#history.put({ table: 'usage', personId, row });
      this.#scheduler.spendOwn(row.day, row.cost);
    };
    const settings = {
      model: env.MODEL_MAIN,
      maxPromptTokens: Number(env.THREAD_PROMPT_MAX_TOKENS) || PROMPT_TOKENS_DEFAULT,
    };
    this.#store = new ThreadStore(ctx.storage);
    this.#turns = new Turns(ctx.storage, this.#store.setAside);
    this.#calls = new ToolCalls(ctx.storage, this.#store.setAside);
    this.#history = new HistoryOutbox(ctx.storage, env);
    this.#sockets = new Sockets(ctx);
    this.#changeLog = new ChangeLog(this.#store, this.#history, (entries) =>
      this.#sockets.broadcast({ type: 'entries', entries, upTo: this.#store.head() }),
    );
    this.#scheduler = new Scheduler({
      store: this.#store,
      turns: this.#turns,
      changeLog: this.#changeLog,
      storage: ctx.storage,
      task: (taskId) => ports().task(this.#store.personId ?? '', taskId),
      onSpent: (spent) => this.#sockets.broadcast({ type: 'spending', ...spent }),
    });
    const toolRunner = new ToolRunner({
      store: this.#store,
      changeLog: this.#changeLog,
      scheduler: this.#scheduler,
      ports,
    });
    const rounds = new ToolRounds({
      store: this.#store,
      calls: this.#calls,
      changeLog: this.#changeLog,
      scheduler: this.#scheduler,
      runner: toolRunner,
      ports,
      onTasksStarted: (replyId, tasks) => {
        const ids = tasks.map(({ id }) => id);
        this.#responder.addTasks(replyId, ids);
      },
      onCommitted: () => this.ctx.waitUntil(this.#schedule()),
    });
    this.#responder = new Responder({
      store: this.#store,
      turns: this.#turns,
      changeLog: this.#changeLog,
      calls: this.#calls,
      rounds,
      ports,
      settings,
      // The very first reply needs to know the repositories; later ones use what is known.
      prepare: async () => {
        if (this.#store.repositories.at > 0) return;
        const patience = new Promise<void>((resolve) => setTimeout(resolve, FIRST_LIST_WITHIN_MS));
        await Promise.race([this.#refreshRepositories(), patience]);
      },
      onDelta: (messageId, offset, text) =>
        this.#sockets.broadcast({ type: 'delta', messageId, offset, text }),
      onUsage,
    });
    this.#commands = new Commands({
      store: this.#store,
      turns: this.#turns,
      changeLog: this.#changeLog,
      responder: this.#responder,
      scheduler: this.#scheduler,
      ports,
    });
    this.#alarm = new Alarm(ctx.storage, () => this.#times());
    this.#summariser = new Summariser(this.#store, () => ports().model, settings, onUsage);
    // An object that nobody signed in to stays empty: another person's guess leaves no trace.
    if (this.#store.holdsThread) this.#open();
  }

  /** Brings what is stored up to date. Whatever is found there, the object starts. */
  #open(): void {
    try {
      // What an earlier life left in the middle is taken up though nobody comes.
      if (this.#store.open().is === 'open') this.ctx.waitUntil(this.#alarm.set());
    } catch (error) {
      log.error('thread.not_opened', error, { objectId: this.ctx.id.toString() });
    }
  }

  /** Everything beyond this object; tests put their own in its place. */
  ports(): ThreadPorts {
    return threadPorts(this.env);
  }

  /** Opens the person's socket. The Worker has verified who that is and named this object by it. */
  async signIn(person: Person): Promise<void> {
    if (this.#store.personId === null) {
      this.#open();
      if (this.#store.closed === null) this.#store.personId = person.id;
    }
    if (this.#store.closed === null) this.#store.email = person.email;
  }

  override async fetch(request: Request): Promise<Response> {
    const expiresAt = Number(request.headers.get('x-mainloop-expires-at'));
    const response = this.#sockets.accept(expiresAt > 0 ? expiresAt : null);
    await this.#alarm.set();
    return response;
  }

  override async webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    const frame = readFrame(data);
    if (frame.is === 'refused') return this.#refuse(socket, frame);
    const { up } = frame;
    if (this.#store.closed !== null) {
      // Commands are not answered: they stay in the page's outbox until they can be.
      if (up.type === 'hello') {
        const text = this.#store.closed;
        send(socket, { type: 'refused', id: null, code: 'not_possible_now', text });
      }
      return;
    }
    if (up.type === 'hello') return this.#welcome(socket, up.version, up.cursor);
    const { id } = up;
    if (!this.#sockets.isReady(socket)) {
      return this.#refuse(socket, { id, code: 'malformed', text: 'Say hello first.' });
    }
    const answer = await this.#commands.answer(up, Date.now());
    send(
      socket,
      answer.is === 'done'
        ? { type: 'ack', id, seq: answer.seq }
        : { type: 'refused', id, code: answer.code, text: answer.text },
    );
    this.#goOn();
  }

  override async webSocketClose(): Promise<void> {}

  async taskReport(report: TaskReport): Promise<void> {
    if (this.#store.closed !== null) throw new Error(this.#store.closed);
    const now = Date.now();
    this.#changeLog.change(() => {
      if (this.#changeLog.putTask(report.task, report.number, now) === null) return;
      this.#scheduler.note(report.task, report.slot);
      if (report.inbox?.is === 'open') this.#openItem(report.inbox.item, now);
      if (report.inbox?.is === 'settle') {
        const { outcome } = report.inbox;
        for (const item of this.#store.openItemsOf(report.task.id)) {
          this.#changeLog.putInbox({ ...item, outcome }, now);
        }
      }
      if (report.notice !== null) {
        this.#turns.add({ is: 'notice', task: report.task, notice: report.notice });
      }
    });
    await this.#scheduler.spend(report.task, report.spent);
    this.#goOn();
  }

  async taskUnreadable(taskId: string, reason: string): Promise<void> {
    if (this.#store.closed !== null) throw new Error(this.#store.closed);
    const parts = {
      store: this.#store,
      changeLog: this.#changeLog,
      scheduler: this.#scheduler,
      turns: this.#turns,
    };
    if (failUnreadableTask(parts, taskId, reason, Date.now())) this.#goOn();
  }

  /** A pull request waits once: what its checks say now takes the place of what they said. */
  #openItem(item: InboxItem, now: number): void {
    const outcome = { by: 'task', text: 'Its checks have changed', at: now } as const;
    for (const older of this.#store.openItemsOf(item.taskId)) {
      if (item.kind === 'review' && older.kind === 'review') {
        this.#changeLog.putInbox({ ...older, outcome }, now);
      }
    }
    this.#changeLog.putInbox(item, now);
  }

  async taskProgress({ taskId, note, usage, spent }: TaskProgress): Promise<void> {
    if (!this.#isUsed()) return;
    const task = this.#store.task(taskId);
    if (task === null) return;
    const now = STATUS[task.status].showsProgress ? note : task.note;
    this.#store.putProgress({ ...task, note: now, usage });
    this.#sockets.broadcast({ type: 'progress', taskId, note: now, usage });
    await this.#scheduler.spend(task, spent);
    if (this.#turns.next() !== null) this.#goOn();
  }

  /** Messages before a log number, for the page that scrolls up. */
  async olderMessages(
    before: number,
    limit: number,
  ): Promise<{ messages: Message[]; hasOlder: boolean }> {
    if (!this.#isUsed()) return { messages: [], hasOlder: false };
    return this.#store.messagesBefore(before, limit);
  }

  /** How the conversation's storage is. */
  async health(): Promise<ObjectHealth> {
    return this.#store.health();
  }

  /** The tasks that a fresh client is shown. */
  async shownTasks(): Promise<string[]> {
    return this.#isUsed() ? this.#store.snapshot().tasks.map(({ id }) => id) : [];
  }

  /** Rows of this person that Postgres must hold too. */
  async counts(): Promise<{ messages: number; tasks: number; inbox: number } | null> {
    return this.#isUsed() ? this.#store.counts() : null;
  }

  override alarm(): Promise<void> {
    return this.#alarm.goOff(async () => {
      this.#sockets.closeExpired(Date.now());
      if (this.#store.closed !== null) this.#open();
      if (!this.#isUsed()) return;
      this.ctx.waitUntil(this.#scheduler.tellAgain());
      this.#goOn();
    });
  }

  /** What is no frame counts against its page: too many of them end the connection. */
  #refuse(socket: WebSocket, { id, code, text }: Omit<RefusedFrame, 'is'>): void {
    send(socket, { type: 'refused', id, code, text });
    this.#sockets.countMalformed(socket);
  }

  #isUsed(): boolean {
    return this.#store.closed === null && this.#store.personId !== null;
  }

  #welcome(socket: WebSocket, version: number, cursor: number | null): void {
    if (version !== PROTOCOL_VERSION) {
      socket.close(CLOSE.version, 'another version');
      return;
    }
    const { OFFLINE_MODEL: offlineModel, GITHUB_URL: gitHost } = this.env;
    const person = this.#store.email;
    const installation = { person, offlineModel: offlineModel ?? null, gitHost };
    send(socket, { type: 'welcome', version: PROTOCOL_VERSION, installation });
    const head = this.#store.head();
    if (cursor === null || cursor > head) {
      send(socket, { type: 'snapshot', snapshot: this.#store.snapshot() });
    } else {
      this.#sendEntries(socket, cursor, head);
    }
    const { speaking } = this.#responder;
    if (speaking !== null && speaking.text !== '') {
      send(socket, { type: 'delta', messageId: speaking.replyId, offset: 0, text: speaking.text });
    }
    for (const { id: taskId, note, usage } of this.#store.tasks(true, ENTRIES_PAGE)) {
      send(socket, { type: 'progress', taskId, note, usage });
    }
    const { list: repositories } = this.#store.repositories;
    send(socket, { type: 'repositories', repositories });
    send(socket, { type: 'spending', ...this.#scheduler.today() });
    this.#sockets.markReady(socket);
    this.ctx.waitUntil(this.#refreshRepositories());
    this.#goOn();
  }

  #sendEntries(socket: WebSocket, cursor: number, upTo: number): void {
    for (let from = cursor; from < upTo;) {
      const entries = this.#store.entries(from, ENTRIES_PAGE);
      if (entries === null) {
        send(socket, { type: 'snapshot', snapshot: this.#store.snapshot() });
        return;
      }
      send(socket, { type: 'entries', entries, upTo } satisfies Down);
      from = entries.at(-1)?.seq ?? upTo;
    }
  }

  #refreshRepositories(): Promise<void> {
    if (Date.now() - this.#store.repositories.at < REPOSITORIES_FRESH_MS) return Promise.resolve();
    this.#refreshing ??= this.#readRepositories().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #readRepositories(): Promise<void> {
    const found = await (this.#ports ??= this.ports()).github.repositories();
    if (found.is === 'failed') {
      log.warn('thread.repositories_not_read', { failure: found.failure.is });
      return;
    }
    this.#store.repositories = { at: Date.now(), list: found.value };
    this.#sockets.broadcast({ type: 'repositories', repositories: found.value });
  }

  /** After a change: owed replies are given, history drains; the alarm is there in case this ends early. */
  #goOn(): void {
    this.#answering ??= this.#responder
      .answerAll()
      .then(() => true)
      .catch((error: unknown) => {
        log.error('thread.answering_failed', error);
        return false;
      })
      .then((well) => {
        this.#answering = null;
        // After a failure not at once again: the alarm looks after what is owed.
        if (well && this.#turns.next() !== null) this.#goOn();
        else this.ctx.waitUntil(this.#summariser.tidy().then(() => this.#settle()));
      });
    this.ctx.waitUntil(this.#schedule());
    this.ctx.waitUntil(this.#answering.then(() => this.#settle()));
    this.ctx.waitUntil(this.#settle());
  }

  async #schedule(): Promise<void> {
    const scheduled = [this.#scheduler.run(), this.#scheduler.reconcile()];
    await Promise.all([...scheduled, this.#alarm.set()]);
    await this.#alarm.set();
  }

  async #settle(): Promise<void> {
    // Before anything that takes its time: a crash in the middle of it must find a timer.
    await this.#alarm.set();
    await this.#history.drain();
    await this.#alarm.set();
  }

  #times(): (number | null)[] {
    const owed = this.#isUsed() && (this.#turns.running() ?? this.#turns.next()) !== null;
    return [
      this.#sockets.closeExpired(Date.now()),
      owed ? Date.now() + LOOK_AGAIN_MS : null,
      this.#isUsed() ? this.#scheduler.wakeAt(Date.now()) : null,
      this.#history.wakeAt(),
      this.#store.closed === null ? null : Date.now() + CLOSED_AGAIN_MS,
    ];
  }
}
