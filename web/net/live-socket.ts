import { reconnectPause } from './backoff.ts';

/** A socket of which nothing came for this long is asked whether it lives. */
const SILENCE_MS = 20_000;
const PONG_WITHIN_MS = 8_000;
/** A line that died while connecting would keep the browser waiting for minutes. */
const OPEN_WITHIN_MS = 10_000;
/** So often the server hears that the page can be seen: what it shows is not pushed to its device. */
const IN_SIGHT_MS = 30_000;
/** Someone looks at the page: a line that died while nobody did is to be known at once. */
const PONG_WITHIN_LOOKING_MS = 2_500;

export type LineState = 'Online' | 'Reconnecting' | 'Offline';

export type LineEvents = {
  /** Where to connect, asked at each try. */
  url(): string;
  onOpen?(): void;
  onText(text: string): void;
  /** `Online` only while something comes; `failed` counts the tries in a row that led nowhere. */
  onState?(state: LineState, failed: number): void;
  /** Closed by the server with a code of the protocol; true: it stays closed. */
  onClose?(code: number): boolean;
};

/**
 * A WebSocket that comes back by itself until it is closed, and that knows when it is dead: browsers
 * keep one open whose line has gone, after a sleep, a tunnel, another network.
 */
export class LiveSocket {
  readonly #events: LineEvents;
  #socket: WebSocket | null = null;
  #failed = 0;
  #closed = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #doubt: ReturnType<typeof setTimeout> | undefined;
  readonly #inSight = setInterval(() => {
    if (document.visibilityState === 'visible') this.send('ping');
  }, IN_SIGHT_MS);
  /** The network is back: a line that was open may have outlived that, or not. */
  readonly #onOnline = () => this.#look();
  readonly #onOffline = () => this.#say();
  readonly #onVisible = () => {
    if (document.visibilityState === 'visible') this.#look();
  };

  constructor(events: LineEvents) {
    this.#events = events;
    addEventListener('online', this.#onOnline);
    addEventListener('offline', this.#onOffline);
    document.addEventListener('visibilitychange', this.#onVisible);
    this.#connect();
  }

  /** False when there is no connection now; the caller keeps what it wanted to send. */
  send(text: string): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(text);
    return true;
  }

  /** Hangs up and connects at once, unless it is closed for good. */
  again(): void {
    if (this.#closed) return;
    this.#hangUp();
    this.#connect();
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#inSight);
    removeEventListener('online', this.#onOnline);
    removeEventListener('offline', this.#onOffline);
    document.removeEventListener('visibilitychange', this.#onVisible);
    // One that is about to open is closed once it is: before that, browsers call it a failure.
    if (this.#socket?.readyState === WebSocket.CONNECTING) this.#socket = null;
    this.#hangUp();
  }

  /** Somebody waits for it: whether it lives is to be known at once. */
  #look(): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#ask(PONG_WITHIN_LOOKING_MS);
    else this.again();
  }

  #connect(): void {
    if (this.#closed || this.#socket !== null) return;
    clearTimeout(this.#retry);
    this.#say();
    const socket = new WebSocket(this.#events.url());
    this.#socket = socket;
    this.#doubt = setTimeout(() => this.#lost(1006), OPEN_WITHIN_MS);
    socket.onopen = () => {
      if (this.#socket !== socket) return socket.close();
      this.#events.onOpen?.();
      this.#listen();
    };
    socket.onmessage = ({ data }) => {
      if (this.#socket !== socket) return;
      this.#failed = 0;
      this.#listen();
      this.#events.onState?.('Online', 0);
      if (data !== 'pong') this.#events.onText(String(data));
    };
    socket.onclose = ({ code }) => {
      if (this.#socket === socket) this.#lost(code);
    };
  }

  #say(): void {
    this.#events.onState?.(navigator.onLine ? 'Reconnecting' : 'Offline', this.#failed);
  }

  #lost(code: number): void {
    this.#hangUp();
    if (this.#events.onClose?.(code) === true) {
      this.close();
      return;
    }
    this.#retry = setTimeout(() => this.#connect(), reconnectPause(this.#failed++, Math.random()));
    this.#say();
  }

  /** Also one that is not open yet: browsers connect to a host one at a time, and it may hang for minutes. */
  #hangUp(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#doubt);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #listen(): void {
    clearTimeout(this.#doubt);
    this.#doubt = setTimeout(() => this.#ask(PONG_WITHIN_MS), SILENCE_MS);
  }

  #ask(withinMs: number): void {
    this.send('ping');
    clearTimeout(this.#doubt);
    this.#doubt = setTimeout(() => this.#lost(1006), withinMs);
  }
}
