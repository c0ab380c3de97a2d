import { DurableObject } from 'cloudflare:workers';
import { CLOSE } from '../../protocol/down.ts';
import type { ObjectHealth } from '../../protocol/health.ts';
import type { NewSecret } from '../../protocol/environment.ts';
import type { Message } from '../../protocol/message.ts';
import type { RebuildAnswer } from '../../protocol/rebuild.ts';
import type { SearchAnswer } from '../../protocol/search.ts';
import type { SetupAnswer, SetupRequest } from '../../protocol/setup.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import type { Person } from '../auth/access.ts';
import type { Env } from '../env.ts';
import { ALARM_AT_LEAST_MS, Alarm } from '../platform/alarm.ts';
import { log } from '../platform/log.ts';
import type { SandboxSettings, TaskProgress, TaskReport, ThreadApi } from '../tasks/api.ts';
import { type ThreadParts, threadParts } from './parts.ts';
import { type ThreadPorts, threadPorts } from './ports.ts';
import { snapshotFrames } from './frames.ts';
import { type ImportBegun, beginImport, endEmptyImport, goOnImporting } from './import.ts';
import { rebuildThread } from './rebuild.ts';
import { refillThread } from './refill.ts';
import { searchHistory } from './search.ts';
import { NOT_OPEN, type SecretAnswer } from './secrets.ts';
import { repositorySettings } from './settings.ts';
import { send } from './sockets.ts';
import type { ThreadStore } from './storage/thread-store.ts';
import { type RefusedFrame, readFrame } from './up-frame.ts';
import { welcome } from './welcome.ts';

/** While replies are owed, the object looks again so often, whoever is connected. */
const LOOK_AGAIN_MS = 15_000;
/** How long until a storage that could not be opened is tried again. */
const CLOSED_AGAIN_MS = 60_000;

/** One person's conversation. Translates only: parse, call what decides, store, send. */
export class MainThread extends DurableObject<Env> implements ThreadApi {
  readonly #parts: ThreadParts;
  readonly #store: ThreadStore;
  readonly #alarm: Alarm;
  #ports: ThreadPorts | null = null;
  #answering: Promise<void> | null = null;
  #rebuilding: Promise<RebuildAnswer> | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const ports = () => (this.#ports ??= this.ports());
    this.#parts = threadParts(ctx, env, ports, {
      // Asked for before anyone may have put other ports in place.
      history: () => (this.#ports ?? this.ports()).history,
      onCommitted: () => ctx.waitUntil(this.#schedule()),
    });
    this.#store = this.#parts.store;
    this.#alarm = new Alarm(ctx.storage, () => this.#times());
    // An object that nobody signed in to stays empty: another person's guess leaves no trace.
    if (this.#store.holdsThread) this.#open();
  }

  /** Brings what is stored up to date. Whatever is found there, the object starts. */
  #open(): void {
    try {
      if (this.#store.open().is !== 'open') return;
      // What an earlier life left in the middle is taken up though nobody comes.
      const soon = this.#owesReply() ? this.#alarm.setWithin(ALARM_AT_LEAST_MS) : this.#alarm.set();
      this.ctx.waitUntil(soon);
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
    const response = this.#parts.sockets.accept(expiresAt > 0 ? expiresAt : null);
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
    if (!this.#parts.sockets.isReady(socket)) {
      return this.#refuse(socket, { id, code: 'malformed', text: 'Say hello first.' });
    }
    const result = await this.#parts.commands.carryOut(up, Date.now());
    send(
      socket,
      result.is === 'done'
        ? { type: 'ack', id, seq: result.seq }
        : { type: 'refused', id, code: result.code, text: result.text },
    );
    this.#goOn();
  }

  override async webSocketClose(): Promise<void> {}

  async taskReport(report: TaskReport): Promise<void> {
    if (this.#store.closed !== null) throw new Error(this.#store.closed);
    await this.#parts.reports.take(report, Date.now());
    this.#goOn();
  }

  async taskUnreadable(taskId: string, reason: string): Promise<void> {
    if (this.#store.closed !== null) throw new Error(this.#store.closed);
    if (this.#parts.reports.fail(taskId, reason, Date.now())) this.#goOn();
  }

  async taskProgress(progress: TaskProgress): Promise<void> {
    if (!this.#isUsed()) return;
    await this.#parts.reports.progress(progress);
    if (this.#parts.turns.next() !== null) this.#goOn();
  }

  async sandboxSettings(repository: string): Promise<SandboxSettings> {
    if (this.#store.closed !== null) throw new Error(this.#store.closed);
    const { egress, instance } = repositorySettings(this.#store.settings, repository);
    return { egress, instance };
  }

  async setupValues(repository: string, request: SetupRequest): Promise<SetupAnswer> {
    if (this.#store.closed !== null) throw new Error(this.#store.closed);
    return this.#parts.secrets.given(repository, request);
  }

  /** Keeps a secret's value, or takes it away with `null`. */
  async changeSecret(
    ...change: [repository: string, name: string, secret: NewSecret | null]
  ): Promise<SecretAnswer> {
    if (!this.#isUsed()) return NOT_OPEN;
    const answer = await this.#parts.secrets.change(...change, Date.now());
    this.#goOn();
    return answer;
  }

  /** Messages before a log number, for the page that scrolls up. */
  async olderMessages(
    before: number,
    limit: number,
  ): Promise<{ messages: Message[]; hasOlder: boolean }> {
    if (!this.#isUsed()) return { messages: [], hasOlder: false };
    return this.#store.messagesBefore(before, limit);
  }

  /** What was said and done, by words, phrases or parts of names. */
  async search(query: string): Promise<SearchAnswer> {
    if (!this.#isUsed()) return { over: 'conversation', hits: [] };
    const { history: open } = (this.#ports ??= this.ports());
    return searchHistory({ store: this.#store, open }, query);
  }

  /**
   * Rebuilds the conversation from Postgres where it has lost everything; one that holds something is
   * left as it is. Asked for twice at a time, it is one rebuild.
   * @throws when Postgres does not answer; the alarm goes on with what has begun.
   */
  rebuild(person: Pick<Person, 'id' | 'email'>): Promise<RebuildAnswer> {
    this.#rebuilding ??= this.#rebuild(person).finally(() => {
      this.#rebuilding = null;
    });
    return this.#rebuilding;
  }

  async #rebuild(
    person: Pick<Person, 'id' | 'email'>,
    imported: string | null = null,
  ): Promise<RebuildAnswer> {
    const { history: open } = (this.#ports ??= this.ports());
    const wakeLater = () => this.#alarm.setWithin(CLOSED_AGAIN_MS);
    const how = { open, wakeLater, imported };
    const answer = await rebuildThread(this.#parts, how, person, Date.now());
    if (answer.is === 'rebuilt') {
      this.#parts.sockets.broadcastTexts(snapshotFrames(this.#store.snapshot()));
      this.#goOn();
    }
    return answer;
  }

  /** @throws when Postgres does not answer. */
  async beginImport(person: Pick<Person, 'id'>, id: string): Promise<ImportBegun> {
    const { history: open } = (this.#ports ??= this.ports());
    return beginImport(this.#parts, open, person.id, id);
  }

  /** As `goOnImporting`. */
  async goOnImporting(id: string, now: 'rows' | 'tasks'): Promise<boolean> {
    return goOnImporting(this.#parts, id, now);
  }

  /** All rows and tasks of an import are there. @throws when Postgres does not answer. */
  async endImport(person: Pick<Person, 'id' | 'email'>, id: string): Promise<RebuildAnswer> {
    const answer = await this.#rebuild(person, id);
    if (answer.is === 'nothing') endEmptyImport(this.#parts, id);
    return answer;
  }

  /** Sends on what has not reached Postgres. @returns rows that wait still, and all of its tasks. */
  async drain(): Promise<{ waiting: number; taskIds: string[] }> {
    if (!this.#isUsed()) return { waiting: 0, taskIds: [] };
    await this.#parts.history.drain();
    return { waiting: this.#parts.history.pending(), taskIds: this.#store.taskIds() };
  }

  /**
   * Puts the conversation on its way to Postgres again; with `after` it was before.
   * @returns its rows, and all of its tasks.
   */
  async refill(after: string | null): Promise<{ rows: number; taskIds: string[] } | null> {
    if (!this.#isUsed()) return null;
    const rows = after === null ? refillThread(this.#parts) : 0;
    this.#goOn();
    return { rows, taskIds: this.#store.taskIds() };
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
      this.#parts.sockets.closeExpired(Date.now());
      if (this.#store.closed !== null) this.#open();
      const { rebuildingFor } = this.#store;
      if (rebuildingFor !== null) await this.rebuild(rebuildingFor);
      if (!this.#isUsed()) return;
      this.ctx.waitUntil(this.#parts.scheduler.tellAgain());
      this.#goOn();
    });
  }

  /** What is no frame counts against its page: too many of them end the connection. */
  #refuse(socket: WebSocket, { id, code, text }: Omit<RefusedFrame, 'is'>): void {
    send(socket, { type: 'refused', id, code, text });
    this.#parts.sockets.countMalformed(socket);
  }

  #owesReply(): boolean {
    return this.#isUsed() && (this.#parts.turns.running() ?? this.#parts.turns.next()) !== null;
  }

  #isUsed(): boolean {
    return this.#store.closed === null && this.#store.personId !== null;
  }

  #welcome(socket: WebSocket, version: number, cursor: number | null): void {
    if (version !== PROTOCOL_VERSION) {
      socket.close(CLOSE.version, 'another version');
      return;
    }
    welcome(socket, cursor, this.#parts, this.env);
    this.ctx.waitUntil(this.#parts.repositories.refresh());
    this.#goOn();
  }

  /** After a change: owed replies are given, history drains; the alarm is there in case this ends early. */
  #goOn(): void {
    this.#answering ??= this.#parts.responder
      .answerAll()
      .then(() => true)
      .catch((error: unknown) => {
        log.error('thread.answering_failed', error);
        return false;
      })
      .then((well) => {
        this.#answering = null;
        // After a failure not at once again: the alarm looks after what is owed.
        if (well && this.#parts.turns.next() !== null) this.#goOn();
        else this.ctx.waitUntil(this.#parts.summariser.tidy().then(() => this.#settle()));
      });
    this.ctx.waitUntil(this.#schedule());
    this.ctx.waitUntil(this.#answering.then(() => this.#settle()));
    this.ctx.waitUntil(this.#settle());
  }

  async #schedule(): Promise<void> {
    const scheduled = [this.#parts.scheduler.run(), this.#parts.scheduler.reconcile()];
    await Promise.all([...scheduled, this.#alarm.set()]);
    await this.#alarm.set();
  }

  async #settle(): Promise<void> {
    // Before anything that takes its time: a crash in the middle of it must find a timer.
    await this.#alarm.set();
    await this.#parts.history.drain();
    await this.#alarm.set();
  }

  #times(): (number | null)[] {
    return [
      this.#parts.sockets.closeExpired(Date.now()),
      this.#owesReply() ? Date.now() + LOOK_AGAIN_MS : null,
      this.#isUsed() ? this.#parts.scheduler.wakeAt(Date.now()) : null,
      this.#parts.history.wakeAt(),
      this.#store.closed === null ? null : Date.now() + CLOSED_AGAIN_MS,
    ];
  }
}
