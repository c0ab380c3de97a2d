import { CLOSE } from '../../protocol/down.ts';
import type { Attachment } from '../../protocol/attachment.ts';
import type { Asker } from '../../protocol/author.ts';
import type { NewSecret } from '../../protocol/environment.ts';
import type { GitTokenAnswer } from '../../protocol/git-token.ts';
import type { InboxItem } from '../../protocol/inbox.ts';
import type { MessagesPage, SpentAnswer } from '../../protocol/pages.ts';
import { SEARCH_HITS_MAX, type SearchAnswer } from '../../protocol/search.ts';
import type { SetupAnswer, SetupRequest } from '../../protocol/setup.ts';
import type { Command, Up } from '../../protocol/up.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import type { Person } from '../auth/access.ts';
import type { OwnToken } from '../github/own-token.ts';
import type {
  DayAnswer,
  OpenCalls,
  SandboxSettings,
  TaskProgress,
  TaskReport,
  ThreadApi,
} from '../tasks/api.ts';
import { askerOf } from './asker.ts';
import { UPLOADS_CLOSED, type UploadOpened } from './attachments.ts';
import { KeptThread } from './kept-thread.ts';
import { type PageAsked, messagesPage } from './message-pages.ts';
import { searchHistory, tasksOfHits } from './search.ts';
import { dayOf } from './scheduling/spending.ts';
import { NOT_OPEN, type SecretAnswer } from './secrets.ts';
import type { CommandResult } from './storage/rows.ts';
import { repositorySettings } from './settings.ts';
import { send } from './sockets.ts';
import { type RefusedFrame, readFrame } from './up-frame.ts';
import { welcome } from './welcome.ts';

/** One person's conversation. Translates only: parse, call what decides, store, send. */
export class MainThread extends KeptThread implements ThreadApi {
  /** Opens the person's socket. The Worker has verified who that is and named this object by it. */
  async signIn(person: Person): Promise<void> {
    if (this.store.personId === null) {
      this.open();
      if (this.store.closed === null) this.store.personId = person.id;
    }
    if (this.store.closed !== null) return;
    this.store.email = person.email;
    await this.parts.notifier.prepare();
  }

  override async fetch(request: Request): Promise<Response> {
    const expiresAt = Number(request.headers.get('x-mainloop-expires-at'));
    const response = this.parts.sockets.accept(expiresAt > 0 ? expiresAt : null);
    await this.clock.set();
    return response;
  }

  override async webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): Promise<void> {
    if (this.parts.sockets.isSignedOut(socket, Date.now())) {
      socket.close(CLOSE.signedOut, 'signed out');
      return;
    }
    const frame = readFrame(data);
    if (frame.is === 'refused') return this.#refuse(socket, frame);
    const { up } = frame;
    if (this.store.closed !== null) {
      // Commands are not answered: they stay in the page's outbox until they can be.
      if (up.type === 'hello') {
        const text = this.store.closed;
        send(socket, { type: 'refused', id: null, code: 'not_possible_now', text });
      }
      return;
    }
    if (up.type === 'hello') return this.#welcome(socket, up.version, up.cursor);
    if (up.type === 'screen') return this.#screen(socket, up);
    const { id } = up;
    if (!this.parts.sockets.isReady(socket)) {
      return this.#refuse(socket, { id, code: 'malformed', text: 'Say hello first.' });
    }
    const result = await this.parts.commands.carryOut(up, Date.now());
    send(
      socket,
      result.is === 'done'
        ? { type: 'ack', id, seq: result.seq }
        : { type: 'refused', id, code: result.code, text: result.text },
    );
    this.goOn();
  }

  override async webSocketClose(socket: WebSocket): Promise<void> {
    if (this.isUsed && this.parts.sockets.isInSight(socket, Date.now())) {
      this.store.seenAt = Date.now();
    }
  }

  /** The same as on a socket, for what has none: a notification's buttons. */
  async command(command: Command): Promise<CommandResult> {
    if (!this.isUsed) return { is: 'refused', code: 'not_possible_now', text: NOT_OPEN.text };
    const result = await this.parts.commands.carryOut(command, Date.now());
    this.goOn();
    return result;
  }

  async taskReport(report: TaskReport): Promise<'taken' | 'closed'> {
    if (this.store.closed !== null) return 'closed';
    await this.parts.reports.take(report, Date.now());
    this.goOn();
    return 'taken';
  }

  async taskUnreadable(taskId: string, reason: string): Promise<void> {
    if (this.store.closed !== null) throw new Error(this.store.closed);
    if (this.parts.reports.fail(taskId, reason, Date.now())) this.goOn();
  }

  async taskProgress(progress: TaskProgress): Promise<void> {
    if (!this.isUsed) return;
    await this.parts.reports.progress(progress);
    if (this.parts.turns.next() !== null) this.goOn();
  }

  async reserveOfDay(taskId: string, worst: number, open: OpenCalls): Promise<DayAnswer> {
    if (this.store.closed !== null) throw new Error(this.store.closed);
    return this.parts.scheduler.dayMoney.reserve(taskId, worst, open);
  }

  async sandboxSettings(repository: string): Promise<SandboxSettings> {
    if (this.store.closed !== null) throw new Error(this.store.closed);
    const { egress, instance, trusted } = repositorySettings(this.store.settings, repository);
    return { egress, instance, trusted };
  }

  async setupValues(repository: string, request: SetupRequest): Promise<SetupAnswer> {
    if (this.store.closed !== null) throw new Error(this.store.closed);
    return this.parts.secrets.given(repository, request);
  }

  /** Keeps a secret's value, or takes it away with `null`. */
  async changeSecret(
    ...change: [repository: string, name: string, secret: NewSecret | null]
  ): Promise<SecretAnswer> {
    if (!this.isUsed) return NOT_OPEN;
    const answer = await this.parts.secrets.change(...change, Date.now());
    this.goOn();
    return answer;
  }

  async asker(repository: string): Promise<Asker | null> {
    return this.isUsed ? askerOf(this.store, repository) : null;
  }

  async gitToken(): Promise<OwnToken> {
    if (this.store.closed !== null) throw new Error(this.store.closed);
    return this.parts.gitToken.use();
  }

  async gitTokenRefused(hash: string): Promise<void> {
    if (this.isUsed) this.parts.gitToken.markRefused(hash, Date.now());
  }

  /** Keeps the person's own token, or takes it away with `null`; what they see at the host is read anew. */
  async changeGitToken(token: string | null): Promise<SecretAnswer> {
    if (!this.isUsed) return NOT_OPEN;
    const answer = await this.parts.gitToken.change(token, Date.now());
    if (answer.is === 'done') this.ctx.waitUntil(this.parts.repositories.readAnew());
    return answer;
  }

  /** What is shown of that token. */
  async shownGitToken(): Promise<GitTokenAnswer['token']> {
    return this.isUsed ? this.parts.gitToken.shown() : null;
  }

  /** Something is about to be uploaded under this id. */
  async beginAttachment(id: string, name: string): Promise<UploadOpened> {
    if (!this.isUsed) return UPLOADS_CLOSED;
    const opened = this.parts.attachments.begin(id, name, Date.now());
    await this.clock.set();
    return opened;
  }

  /** It lies in R2 as a whole. False where it came too late. */
  async keepAttachment(attachment: Attachment): Promise<boolean> {
    const kept = this.parts.attachments.keep(attachment, Date.now());
    await this.clock.set();
    return kept;
  }

  /** As `messagesPage`. */
  async messages(asked: PageAsked): Promise<MessagesPage | null> {
    if (!this.isUsed) {
      return asked.is === 'around' ? null : { messages: [], hasOlder: false, hasNewer: false };
    }
    return messagesPage(this.store, asked);
  }

  /** One item of the inbox, however long ago it was settled; null when there is none. */
  async inboxItem(id: string): Promise<InboxItem | null> {
    return this.isUsed ? this.store.inboxItem(id) : null;
  }

  /** What the last days cost, today among them. */
  async spent(days: number): Promise<SpentAnswer> {
    if (!this.isUsed) return { today: dayOf(Date.now()), rows: [] };
    return this.parts.scheduler.spent(days);
  }

  /** What was said and done, by words, phrases or parts of names. */
  async search(query: string): Promise<SearchAnswer> {
    if (!this.isUsed) return { over: 'conversation', hits: [], tasks: {} };
    const { history: open } = this.reached;
    const found = await searchHistory({ store: this.store, open }, query, SEARCH_HITS_MAX);
    return { ...found, tasks: tasksOfHits(this.store, found.hits) };
  }

  /** What is no frame counts against its page: too many of them end the connection. */
  #refuse(socket: WebSocket, { id, code, text }: Omit<RefusedFrame, 'is'>): void {
    send(socket, { type: 'refused', id, code, text });
    this.parts.sockets.countMalformed(socket);
  }

  /** A page has come into sight, and is told since when none was; or it went out of sight. */
  #screen(socket: WebSocket, { deviceId, isVisible }: Extract<Up, { type: 'screen' }>): void {
    const { sockets } = this.parts;
    const now = Date.now();
    if (isVisible) {
      const since = sockets.isAnotherInSight(socket, now) ? null : this.store.seenAt;
      send(socket, { type: 'away', since, at: now });
    }
    this.store.seenAt = now;
    sockets.markScreen(socket, isVisible ? { deviceId, at: now } : null);
  }

  #welcome(socket: WebSocket, version: number, cursor: number | null): void {
    if (version !== PROTOCOL_VERSION) {
      socket.close(CLOSE.version, 'another version');
      return;
    }
    const text = this.parts.pace.helloRefusal(Date.now());
    if (text !== null)
      return send(socket, { type: 'refused', id: null, code: 'not_possible_now', text });
    welcome(socket, cursor, this.parts, this.env);
    this.ctx.waitUntil(this.parts.repositories.refresh());
    this.goOn();
  }
}
