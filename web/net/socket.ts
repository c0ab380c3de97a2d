import { CLOSE, Down } from '../../protocol/down.ts';
import type { Up } from '../../protocol/up.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { type LineState, LiveSocket } from './live-socket.ts';

export type SocketEvents = {
  /** The last log number that is held, for the hello; asked once what was kept has been read. */
  cursor(): Promise<number | null>;
  onState(state: LineState): void;
  onFrame(frame: Down): void;
  onSignedOut(): void;
  /** The server speaks another version: the page has to be loaded anew. */
  onOutdated(): void;
};

/** Tries in a row that led nowhere, after which it is asked whether the sign-in is the reason. */
const DOUBTFUL_TRIES = 2;

/** The one connection to the main thread. */
export class ThreadSocket {
  readonly #events: SocketEvents;
  readonly #line: LiveSocket;

  constructor(url: string, events: SocketEvents) {
    this.#events = events;
    this.#line = new LiveSocket({
      url: () => url,
      onOpen: () => void this.#hello(),
      onText: (text) => events.onFrame(Down.parse(JSON.parse(text))),
      onState: (state, failed) => {
        events.onState(state);
        if (failed === DOUBTFUL_TRIES) void this.#lookForSignIn();
      },
      onClose: (code) => {
        if (code === CLOSE.version) events.onOutdated();
        if (code === CLOSE.signedOut) events.onSignedOut();
        return code === CLOSE.version;
      },
    });
  }

  /** False when there is no connection now; the caller keeps what it wanted to send. */
  send(frame: Up): boolean {
    return this.#line.send(JSON.stringify(frame));
  }

  /** Begins anew, with another hello. */
  again(): void {
    this.#line.again();
  }

  async #hello(): Promise<void> {
    const cursor = await this.#events.cursor();
    this.send({ type: 'hello', version: PROTOCOL_VERSION, cursor });
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
}
