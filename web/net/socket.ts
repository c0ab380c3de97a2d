import { CLOSE, Down } from '../../protocol/down.ts';
import type { Up } from '../../protocol/up.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { reconnectPause } from './backoff.ts';

/** A socket that is silent for this long after a ping is dead, whatever the browser says. */
const PING_EVERY_MS = 20_000;
const PONG_WITHIN_MS = 8_000;

export type SocketEvents = {
  /** The last log number that is held, for the hello. */
  cursor(): number | null;
  onState(state: 'Online' | 'Reconnecting' | 'Offline'): void;
  onFrame(frame: Down): void;
  /** After the hello is sent: what waits may follow. */
  onReady(): void;
  onSignedOut(): void;
  /** The server speaks another version: the page has to be loaded anew. */
  onOutdated(): void;
};

/** The one connection to the main thread; comes back by itself until closed. */
export class ThreadSocket {
  readonly #url: string;
  readonly #events: SocketEvents;
  #socket: WebSocket | null = null;
  #tries = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #alive: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string, events: SocketEvents) {
    this.#url = url;
    this.#events = events;
    addEventListener('online', () => this.#connect());
    addEventListener('offline', () => this.#events.onState('Offline'));
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') this.#check();
    });
    this.#connect();
  }

  /** False when there is no connection now; the caller keeps what it wanted to send. */
  send(frame: Up): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  #connect(): void {
    const state = this.#socket?.readyState;
    if (state === WebSocket.OPEN || state === WebSocket.CONNECTING) return;
    clearTimeout(this.#timer);
    this.#events.onState(navigator.onLine ? 'Reconnecting' : 'Offline');
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => {
      this.#tries = 0;
      this.send({ type: 'hello', version: PROTOCOL_VERSION, cursor: this.#events.cursor() });
      this.#events.onState('Online');
      this.#events.onReady();
      this.#listenForLife();
    };
    socket.onmessage = (event) => {
      this.#listenForLife();
      if (event.data === 'pong') return;
      this.#events.onFrame(Down.parse(JSON.parse(String(event.data))));
    };
    socket.onclose = (event) => {
      if (this.#socket === socket) this.#closed(event.code);
    };
  }

  #closed(code: number): void {
    clearTimeout(this.#alive);
    this.#socket = null;
    if (code === CLOSE.version) {
      this.#events.onOutdated();
      return;
    }
    if (code === CLOSE.signedOut) this.#events.onSignedOut();
    else if (this.#tries === 1) void this.#lookForSignIn();
    this.#events.onState(navigator.onLine ? 'Reconnecting' : 'Offline');
    this.#timer = setTimeout(() => this.#connect(), reconnectPause(this.#tries++, Math.random()));
  }

  /** A refused upgrade tells a page nothing of its reason: a plain request does. */
  async #lookForSignIn(): Promise<void> {
    try {
      const headers = { 'x-requested-with': 'XMLHttpRequest' };
      const answer = await fetch('/api/messages?limit=1', { headers, redirect: 'manual' });
      if (answer.status === 401 || answer.type === 'opaqueredirect') this.#events.onSignedOut();
    } catch {
      // Not reachable at all: that is no question of signing in.
    }
  }

  #listenForLife(): void {
    clearTimeout(this.#alive);
    this.#alive = setTimeout(() => this.#check(), PING_EVERY_MS);
  }

  #check(): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) {
      this.#connect();
      return;
    }
    this.#socket.send('ping');
    clearTimeout(this.#alive);
    this.#alive = setTimeout(() => {
      const dead = this.#socket;
      this.#socket = null;
      dead?.close();
      this.#closed(1006);
    }, PONG_WITHIN_MS);
  }
}
