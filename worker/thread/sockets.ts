import * as z from 'zod/mini';
import { CLOSE, type Down } from '../../protocol/down.ts';

/**
 * What survives hibernation with a socket. `ready` after its hello; `expiresAt` (ms) ends its sign-in;
 * `screen` says since when its page can be seen, and on which device.
 */
const Attachment = z.object({
  ready: z.boolean(),
  malformed: z.int(),
  expiresAt: z.nullable(z.number()),
  screen: z._default(
    z.nullable(z.object({ deviceId: z.nullable(z.string()), at: z.number() })),
    null,
  ),
});
type Attachment = z.infer<typeof Attachment>;

const FRESH: Attachment = { ready: false, malformed: 0, expiresAt: null, screen: null };
/** A page in sight pings twice as often: one that has not since is not looked at, whatever it said. */
const SCREEN_HOLDS_MS = 75_000;
/** Pages of one person that are open at once. */
const OPEN_MAX = 50;
/** Try again later (RFC 6455, IANA's registry). */
const TRY_LATER = 1013;
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
    this.#makeRoom();
    const { 0: client, 1: server } = new WebSocketPair();
    this.#ctx.acceptWebSocket(server);
    server.serializeAttachment({ ...FRESH, expiresAt });
    return new Response(null, { status: 101, webSocket: client });
  }

  /** A page that went without a word stays for a while: the one that was silent longest gives way. */
  #makeRoom(): void {
    const open = this.#ctx.getWebSockets();
    if (open.length < OPEN_MAX) return;
    const heardAt = (socket: WebSocket) =>
      this.#ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0;
    const [silent] = open.toSorted((one, other) => heardAt(one) - heardAt(other));
    silent?.close(TRY_LATER, 'too many pages');
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

  /** True when its sign-in has ended, whether or not it was closed for that yet. */
  isSignedOut(socket: WebSocket, now: number): boolean {
    const { expiresAt } = attachmentOf(socket);
    return expiresAt !== null && expiresAt <= now;
  }

  /** What a page says of itself: null once it cannot be seen. */
  markScreen(socket: WebSocket, screen: Attachment['screen']): void {
    socket.serializeAttachment({ ...attachmentOf(socket), screen });
  }

  /** True when this socket's page can be seen. */
  isInSight(socket: WebSocket, now: number): boolean {
    const { screen } = attachmentOf(socket);
    if (screen === null) return false;
    const pinged = this.#ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0;
    return Math.max(screen.at, pinged) > now - SCREEN_HOLDS_MS;
  }

  /** True when a page can be seen on this device. */
  isOnScreen(deviceId: string, now: number): boolean {
    return this.#ctx
      .getWebSockets()
      .some(
        (socket) =>
          attachmentOf(socket).screen?.deviceId === deviceId && this.isInSight(socket, now),
      );
  }

  /** True when a page other than this one can be seen. */
  isAnotherInSight(than: WebSocket, now: number): boolean {
    return this.#ctx
      .getWebSockets()
      .some((socket) => socket !== than && this.isInSight(socket, now));
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
    const now = Date.now();
    const ready = this.#ctx
      .getWebSockets()
      .filter((socket) => this.isReady(socket) && !this.isSignedOut(socket, now));
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
