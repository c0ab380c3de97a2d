import { DurableObject } from 'cloudflare:workers';
import { CLOSE, type Down } from '../../protocol/down.ts';
import type { Message } from '../../protocol/message.ts';
import type { TaskStatus } from '../../protocol/task.ts';
import { UP_FRAME_MAX_CHARS, Up } from '../../protocol/up.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import type { Person } from '../auth/access.ts';
import type { Env } from '../env.ts';
import { HistoryOutbox } from '../history/outbox.ts';
import type { UsageRow } from '../history/rows.ts';
import { log } from '../platform/log.ts';
import type { TaskProgress, TaskReport, ThreadApi } from '../tasks/api.ts';
import { Commands, tooLong } from './commands.ts';
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

const ENTRIES_PAGE = 200;
const REPOSITORIES_FRESH_MS = 5 * 60_000;
/** How long the first reply waits for the list of repositories. */
const FIRST_LIST_WITHIN_MS = 1_500;
/** While replies are owed, the object looks again so often, whoever is connected. */
const LOOK_AGAIN_MS = 15_000;
/** What is due now is under way already; the alarm is there in case that ends early. */
const ALARM_AT_LEAST_MS = 2_000;
/** An alarm comes within seconds of its time, or not at all. */
const ALARM_LOST_AFTER_MS = 30_000;
/** States whose note is what the worker does just then. */
const AT_WORK = new Set<TaskStatus>(['Planning', 'Working', 'Needs answers', 'Needs approval']);
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
    this.#turns = new Turns(ctx.storage);
    this.#calls = new ToolCalls(ctx.storage);
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
    this.#summariser = new Summariser(this.#store, () => ports().model, settings, onUsage);
    // An object that nobody signed in to stays empty: another person's guess leaves no trace.
    if (this.#isUsed()) {
      this.#init();
      // What an earlier life left in the middle is taken up though nobody comes.
      ctx.waitUntil(this.#setAlarm());
    }
  }

  /** Everything beyond this object; tests put their own in its place. */
  ports(): ThreadPorts {
    return threadPorts(this.env);
  }

  /** Opens the person's socket. The Worker has verified who that is and named this object by it. */
  async signIn(person: Person): Promise<void> {
    if (this.#store.personId === null) {
      this.#init();
      this.#store.personId = person.id;
    }
    this.ctx.storage.kv.put('email', person.email);
  }

  /** Tables that are there already stay: an update may bring new ones. */
  #init(): void {
    this.#store.init();
    this.#turns.init();
    this.#calls.init();
    this.#history.init();
    this.#scheduler.init();
  }

  override async fetch(request: Request): Promise<Response> {
    const expiresAt = Number(request.headers.get('x-mainloop-expires-at'));
    const response = this.#sockets.accept(expiresAt > 0 ? expiresAt : null);
    await this.#setAlarm();
    return response;
  }

  override async webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    const refuse = (id: string | null, code: 'malformed' | 'too_long', text: string) => {
      send(socket, { type: 'refused', id, code, text });
      this.#sockets.countMalformed(socket);
    };
    if (typeof data !== 'string') return refuse(null, 'malformed', 'That was not understood.');
    if (data.length > UP_FRAME_MAX_CHARS) {
      const answer = tooLong(data.length);
      const id = /"id":"(?<id>[0-9A-Z]{26})"/.exec(`${data.slice(0, 200)} ${data.slice(-200)}`)
        ?.groups?.id;
      return refuse(id ?? null, 'too_long', answer.is === 'refused' ? answer.text : '');
    }
    const up = Up.safeParse(parseJson(data));
    if (!up.success) return refuse(null, 'malformed', 'That was not understood.');
    if (up.data.type === 'hello') return this.#welcome(socket, up.data.version, up.data.cursor);
    if (!this.#sockets.isReady(socket)) return refuse(up.data.id, 'malformed', 'Say hello first.');
    const { id } = up.data;
    const answer = await this.#commands.answer(up.data, Date.now());
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
    const now = Date.now();
    this.#changeLog.change(() => {
      if (this.#changeLog.putTask(report.task, report.number, now) === null) return;
      this.#scheduler.note(report.task, report.slot);
      if (report.inbox?.is === 'open') this.#changeLog.putInbox(report.inbox.item, now);
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

  async taskProgress({ taskId, note, usage, spent }: TaskProgress): Promise<void> {
    const task = this.#store.task(taskId);
    if (task === null) return;
    const now = AT_WORK.has(task.status) ? note : task.note;
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

  /** Rows of this person that Postgres must hold too. */
  async counts(): Promise<{ messages: number; tasks: number; inbox: number } | null> {
    return this.#isUsed() ? this.#store.counts() : null;
  }

  override async alarm(): Promise<void> {
    this.#sockets.closeExpired(Date.now());
    if (!this.#isUsed()) return;
    this.ctx.waitUntil(this.#scheduler.tellAgain());
    this.#goOn();
  }

  #isUsed(): boolean {
    return this.#store.personId !== null;
  }

  #welcome(socket: WebSocket, version: number, cursor: number | null): void {
    if (version !== PROTOCOL_VERSION) {
      socket.close(CLOSE.version, 'another version');
      return;
    }
    const { OFFLINE_MODEL: offlineModel, GITHUB_URL: gitHost } = this.env;
    const person = this.ctx.storage.kv.get<string>('email') ?? '';
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
    await Promise.all([...scheduled, this.#setAlarm()]);
    await this.#setAlarm();
  }

  async #settle(): Promise<void> {
    // Before anything that takes its time: a crash in the middle of it must find a timer.
    await this.#setAlarm();
    await this.#history.drain();
    await this.#setAlarm();
  }

  async #setAlarm(): Promise<void> {
    const owed = this.#isUsed() && (this.#turns.running() ?? this.#turns.next()) !== null;
    const times = [
      this.#sockets.closeExpired(Date.now()),
      owed ? Date.now() + LOOK_AGAIN_MS : null,
      this.#isUsed() ? this.#scheduler.wakeAt(Date.now()) : null,
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

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
