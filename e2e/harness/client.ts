import { ulid } from 'ulid';
import * as z from 'zod/mini';
import { Down, type Snapshot } from '../../protocol/down.ts';
import type { LogEntry } from '../../protocol/log.ts';
import type { TaskCommand } from '../../protocol/task-command.ts';
import type { Command } from '../../protocol/up.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';

type WithoutId<T> = T extends { id: string } ? Omit<T, 'id'> : never;

/** A person's client without a browser: speaks the thread's protocol over a real WebSocket. */
export type Client = {
  frames: Down[];
  /** All entries received so far, in order. */
  entries(): LogEntry[];
  snapshot(): Promise<z.infer<typeof Snapshot>>;
  send(command: WithoutId<Command>, id?: string): string;
  /** Asks something of a task. */
  ask(taskId: string, command: TaskCommand): string;
  raw(text: string): void;
  /** Resolves with the first frame, old or new, for which `wanted` holds. */
  until(wanted: (frame: Down) => boolean, withinMs?: number): Promise<Down>;
  /** Resolves once `holds` does; asked now and after each frame. */
  when(holds: () => boolean, withinMs?: number): Promise<void>;
  /** Close code, once the socket is closed. */
  closed: Promise<number>;
  close(): void;
};

const PATIENCE_MS = 30_000;

/** Connects and says hello; `headers` carry the identity where there is one. */
export async function connect(
  url: string,
  options: { cursor?: number | null; headers?: Record<string, string> } = {},
): Promise<Client> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/api/socket`, {
    headers: { origin: url, ...options.headers },
  });
  const frames: Down[] = [];
  const entries: LogEntry[] = [];
  const waiting = new Set<() => void>();
  socket.addEventListener('message', (event) => {
    if (event.data === 'pong') return;
    const frame = Down.parse(JSON.parse(String(event.data)));
    frames.push(frame);
    if (frame.type === 'entries') entries.push(...frame.entries);
    for (const wake of waiting) wake();
  });
  const closed = new Promise<number>((resolve) => {
    socket.addEventListener('close', (event) => resolve(event.code));
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener('open', () => resolve());
    socket.addEventListener('error', () => reject(new Error('The socket was refused.')));
  });
  socket.send(
    JSON.stringify({ type: 'hello', version: PROTOCOL_VERSION, cursor: options.cursor ?? null }),
  );

  const when = (holds: () => boolean, withinMs = PATIENCE_MS) =>
    new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        waiting.delete(look);
        reject(
          new Error(`Nothing of the kind came; last frames: ${JSON.stringify(frames.slice(-5))}`),
        );
      }, withinMs);
      function look(): void {
        if (!holds()) return;
        clearTimeout(timer);
        waiting.delete(look);
        resolve();
      }
      waiting.add(look);
      look();
    });
  const until = async (wanted: (frame: Down) => boolean, withinMs = PATIENCE_MS) => {
    let seen = 0;
    let found: Down | undefined;
    await when(() => {
      for (; found === undefined && seen < frames.length; seen++) {
        const frame = frames[seen];
        if (frame !== undefined && wanted(frame)) found = frame;
      }
      return found !== undefined;
    }, withinMs);
    if (found === undefined) throw new Error('unreachable');
    return found;
  };

  const send = (command: WithoutId<Command>, id = ulid()) => {
    socket.send(JSON.stringify({ ...command, id }));
    return id;
  };

  return {
    frames,
    entries: () => entries,
    snapshot: async () => {
      const frame = await until((one) => one.type === 'snapshot');
      if (frame.type !== 'snapshot') throw new Error('unreachable');
      return frame.snapshot;
    },
    send,
    ask: (taskId, command) => send({ type: 'task', taskId, command }),
    raw: (text) => socket.send(text),
    until,
    when,
    closed,
    close: () => socket.close(),
  };
}

export type EndedReply = { text: string; state: string; error: string | null };

/** The reply that ended, in whichever way, after the message with this id was acknowledged. */
export async function replyTo(
  client: Client,
  messageId: string,
  withinMs = PATIENCE_MS,
): Promise<EndedReply> {
  const ack = await client.until(
    (frame) => frame.type === 'ack' && frame.id === messageId,
    withinMs,
  );
  const asked = ack.type === 'ack' ? (ack.seq ?? 0) : 0;
  let found: EndedReply | null = null;
  let seen = 0;
  const entries = client.entries();
  await client.when(() => {
    for (; found === null && seen < entries.length; seen++) {
      const change = entries[seen]?.change;
      if (change?.type !== 'message' || change.message.from !== 'mainloop') continue;
      const { seq, state, text } = change.message;
      if (seq <= asked || state.is === 'streaming') continue;
      found = { text, state: state.is, error: state.is === 'failed' ? state.error : null };
    }
    return found !== null;
  }, withinMs);
  if (found === null) throw new Error('unreachable');
  return found;
}
