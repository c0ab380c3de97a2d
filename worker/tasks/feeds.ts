import * as z from 'zod/mini';
import { CLOSE } from '../../protocol/down.ts';
import type { TaskEvent } from '../../protocol/task-event.ts';
import { FEED_NEWEST, type TaskFeed } from '../../protocol/task-feed.ts';
import { packed } from '../platform/frames.ts';
import { excerptOf } from './excerpt.ts';
import type { TaskStore } from './storage/task-store.ts';

const PAGE = 200;
const FEED_TYPE: TaskFeed['type'] = 'events';

/** What stays with a socket: when its sign-in ends (ms). */
const Attachment = z.object({ expiresAt: z.nullable(z.number()) });
type Attachment = z.infer<typeof Attachment>;

/**
 * The live feeds of the task's page. All sending is synchronous with the reading, so that nothing
 * slips in between what was stored and what comes live.
 */
export class TaskFeeds {
  readonly #ctx: DurableObjectState;
  readonly #store: TaskStore;
  #unsent: TaskEvent[] = [];

  constructor(ctx: DurableObjectState, store: TaskStore) {
    this.#ctx = ctx;
    this.#store = store;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
  }

  /**
   * Answers an upgrade: first everything after the number, or the newest lines where it is null, an
   * empty list where there is none; then each new event until the sign-in ends.
   */
  accept(after: number | null, expiresAt: number | null): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.#ctx.acceptWebSocket(server);
    server.serializeAttachment({ expiresAt } satisfies Attachment);
    let from = after ?? Math.max(0, this.#store.lastEvent() - FEED_NEWEST);
    let events = this.#store.events(from, PAGE);
    if (events.length === 0) sendList(server, '');
    for (let last = events.at(-1); last !== undefined; last = events.at(-1)) {
      send(server, events);
      from = last.number;
      events = this.#store.events(from, PAGE);
    }
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Takes an event that the running transaction stores; `flush` sends it. */
  add(event: TaskEvent): void {
    this.#unsent.push(event);
  }

  flush(): void {
    if (this.#unsent.length === 0) return;
    const events = this.#unsent;
    this.#unsent = [];
    const now = Date.now();
    for (const socket of this.#ctx.getWebSockets()) {
      const { expiresAt } = Attachment.parse(socket.deserializeAttachment());
      // A silent socket tells nothing, so it is enough to look when there is something to tell.
      if (expiresAt !== null && expiresAt <= now) socket.close(CLOSE.signedOut, 'signed out');
      else send(socket, events);
    }
  }
}

function send(socket: WebSocket, events: TaskEvent[]): void {
  for (const list of packed(events.map(excerptOf))) sendList(socket, list.join(','));
}

/** @param events as JSON, with commas between them. */
function sendList(socket: WebSocket, events: string): void {
  try {
    socket.send(`{"type":"${FEED_TYPE}","events":[${events}]}`);
  } catch {
    // Closed meanwhile: its page asks again from its cursor.
  }
}
