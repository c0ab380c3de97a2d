import * as z from 'zod/mini';
import { CLOSE, type Down } from '../../protocol/down.ts';

/** What survives hibernation with a socket. `ready` after its hello; `expiresAt` (ms) ends its sign-in. */
const Attachment = z.object({
  ready: z.boolean(),
  malformed: z.int(),
  expiresAt: z.nullable(z.number()),
});
type Attachment = z.infer<typeof Attachment>;

const FRESH: Attachment = { ready: false, malformed: 0, expiresAt: null };
/** Garbage that a connection may send before it is closed. */
const MALFORMED_MAX = 20;

/** The person's open pages. */
export class Sockets {
  readonly #ctx: DurableObjectState;

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
  }

  accept(expiresAt: number | null): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.#ctx.acceptWebSocket(server);
    server.serializeAttachment({ ...FRESH, expiresAt });
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Pages that have said hello. */
  count(): number {
    return this.#ctx.getWebSockets().filter((socket) => attachmentOf(socket).ready).length;
  }

  markReady(socket: WebSocket): void {
    socket.serializeAttachment({ ...attachmentOf(socket), ready: true });
  }

  isReady(socket: WebSocket): boolean {
    return attachmentOf(socket).ready;
  }

  /** Counts a frame that nobody understands; closes a connection that sends little else. */
  countMalformed(socket: WebSocket): void {
    const attachment = attachmentOf(socket);
    const malformed = attachment.malformed + 1;
    socket.serializeAttachment({ ...attachment, malformed });
    if (malformed > MALFORMED_MAX) socket.close(CLOSE.malformed, 'malformed');
  }

  broadcast(frame: Down): void {
    this.broadcastTexts([JSON.stringify(frame)]);
  }

  /** Frames that are text already. */
  broadcastTexts(texts: Iterable<string>): void {
    const ready = this.#ctx.getWebSockets().filter((socket) => attachmentOf(socket).ready);
    for (const text of texts) {
      for (const socket of ready) sendText(socket, text);
    }
  }

  /** Closes those whose sign-in has ended, and tells when the next one does. */
  closeExpired(now: number): number | null {
    let next: number | null = null;
    for (const socket of this.#ctx.getWebSockets()) {
      const { expiresAt } = attachmentOf(socket);
      if (expiresAt === null) continue;
      if (expiresAt <= now) socket.close(CLOSE.signedOut, 'signed out');
      else next = Math.min(next ?? expiresAt, expiresAt);
    }
    return next;
  }
}

function attachmentOf(socket: WebSocket): Attachment {
  const parsed = Attachment.safeParse(socket.deserializeAttachment());
  return parsed.success ? parsed.data : FRESH;
}

function sendText(socket: WebSocket, text: string): void {
  try {
    socket.send(text);
  } catch {
    // Closed meanwhile: its page resumes from its cursor.
  }
}

export function sendTexts(socket: WebSocket, texts: Iterable<string>): void {
  for (const text of texts) sendText(socket, text);
}

export function send(socket: WebSocket, frame: Down): void {
  sendText(socket, JSON.stringify(frame));
}
