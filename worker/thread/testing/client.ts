import { Down } from '../../../protocol/down.ts';
import type { LogEntry } from '../../../protocol/log.ts';
import type { MainloopMessage, Message } from '../../../protocol/message.ts';
import type { Up } from '../../../protocol/up.ts';
import { PROTOCOL_VERSION } from '../../../protocol/version.ts';

const PATIENCE_MS = 8_000;

type Frame<T extends Down['type']> = Extract<Down, { type: T }>;

/** A page, as far as the wire sees one: every frame that it gets is parsed and kept. */
export class ThreadClient {
  readonly frames: Down[] = [];
  closed: number | null = null;
  readonly #socket: WebSocket;
  readonly #messages = new Map<string, Message>();
  readonly #waiting = new Set<() => void>();

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.accept();
    socket.addEventListener('message', ({ data }) => {
      if (data === 'pong') return;
      const frame = Down.parse(JSON.parse(String(data)));
      this.frames.push(frame);
      this.#take(frame);
      this.#tell();
    });
    socket.addEventListener('close', ({ code }) => {
      this.closed = code;
      this.#tell();
    });
  }

  hello(cursor: number | null = null, version = PROTOCOL_VERSION): void {
    this.send({ type: 'hello', version, cursor });
  }

  send(up: Up): void {
    this.raw(JSON.stringify(up));
  }

  raw(data: string | ArrayBuffer): void {
    this.#socket.send(data);
  }

  close(): void {
    this.#socket.close(1000);
  }

  all<T extends Down['type']>(type: T): Frame<T>[] {
    return this.frames.filter((frame): frame is Frame<T> => frame.type === type);
  }

  /** The first frame of the type that fits, among those that came and those that come. */
  async first<T extends Down['type']>(
    type: T,
    fits: (frame: Frame<T>) => boolean = () => true,
  ): Promise<Frame<T>> {
    return this.until(() => this.all(type).find(fits) ?? null, `a frame ${type}`);
  }

  /** Every entry that came, in the order in which it came. */
  entries(): LogEntry[] {
    return this.all('entries').flatMap(({ entries }) => entries);
  }

  /** The conversation as the page shows it. */
  messages(): Message[] {
    return [...this.#messages.values()].toSorted((a, b) => a.seq - b.seq);
  }

  replies(): MainloopMessage[] {
    return this.messages().filter((message) => message.from === 'mainloop');
  }

  /** The number-th reply (1 for the first), once it has ended. */
  ended(number: number): Promise<MainloopMessage> {
    return this.until(() => {
      const reply = this.replies()[number - 1];
      return reply === undefined || reply.state.is === 'streaming' ? null : reply;
    }, `the end of reply ${number}`);
  }

  async closing(): Promise<number> {
    return this.until(() => this.closed, 'the end of the connection');
  }

  async until<T>(look: () => T | null, what: string): Promise<T> {
    const found = look();
    if (found !== null) return found;
    return new Promise((resolve, reject) => {
      const giveUp = setTimeout(() => {
        this.#waiting.delete(check);
        const came = this.frames.map(({ type }) => type).join(' ');
        reject(new Error(`waited in vain for ${what}; came: ${came}`));
      }, PATIENCE_MS);
      const check = () => {
        const now = look();
        if (now === null) return;
        clearTimeout(giveUp);
        this.#waiting.delete(check);
        resolve(now);
      };
      this.#waiting.add(check);
    });
  }

  #take(frame: Down): void {
    if (frame.type === 'snapshot') {
      for (const message of frame.snapshot.messages) this.#messages.set(message.id, message);
    }
    if (frame.type === 'entries') {
      for (const { change } of frame.entries) {
        if (change.type === 'message') this.#messages.set(change.message.id, change.message);
      }
    }
  }

  #tell(): void {
    for (const check of this.#waiting) check();
  }
}
