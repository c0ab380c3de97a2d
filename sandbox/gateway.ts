import * as z from 'zod/mini';
import {
  Brief,
  type CheckpointPart,
  type EventBatch,
  EventReceipt,
  GatewayRefusal,
  Mailbox,
  NextTurn,
} from '../protocol/runner.ts';
import { type PushShown, PushVerdict } from '../protocol/power.ts';
import { SetupAnswer, type SetupRequest } from '../protocol/setup.ts';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;
const REQUEST_TIMEOUT_MS = 60_000;

/** This sandbox has no business any more: the task ended, or a newer sandbox took over. */
export class DismissedError extends Error {
  override readonly name = 'DismissedError';
}

/** The gateway does not take what was sent, and never will. */
class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** All that the runner may ask of the world outside. Every call goes on until it is answered. */
export type Gateway = {
  brief(): Promise<Brief>;
  send(batch: EventBatch): Promise<EventReceipt>;
  mailbox(signal: AbortSignal): Promise<Mailbox>;
  /** Asks at a turn's end for the next one. */
  nextTurn(): Promise<NextTurn>;
  /** Shows what a push would bring; without its clearance the push is refused. */
  showPush(shown: PushShown): Promise<PushVerdict>;
  keep(part: CheckpointPart, body: Uint8Array, about: Record<string, string>): Promise<void>;
  /** What the repository's sandboxes are given; see `SetupRequest`. Refused once the worker has begun. */
  setup(request: SetupRequest): Promise<SetupAnswer>;
  /** Null when there is no such part. */
  fetchPart(part: CheckpointPart): Promise<Uint8Array | null>;
  /** A file that the person attached to the task; null when it is not there. */
  fetchAttachment(id: string): Promise<Uint8Array | null>;
};

function pauseMs(tried: number): number {
  const full = Math.min(FIRST_PAUSE_MS * 2 ** tried, LONGEST_PAUSE_MS);
  return full / 2 + (Math.random() * full) / 2;
}

async function throwRefusal(answer: Response): Promise<never> {
  const parsed = GatewayRefusal.safeParse(await answer.json().catch(() => null));
  const text = parsed.success ? parsed.data.text : `The gateway answered ${answer.status}.`;
  if (answer.status === 401 || answer.status === 410) throw new DismissedError(text);
  throw new RefusedError(text);
}

/** The gateway at `base`, entered with the task's token. */
export function createGateway(
  base: string,
  token: string,
  fetcher: typeof fetch = (input, init) => fetch(input, init),
): Gateway {
  async function ask(path: string, init: RequestInit, signal?: AbortSignal): Promise<Response> {
    for (let tried = 0; ; tried++) {
      try {
        const limit = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
        const answer = await fetcher(`${base}/${path}`, {
          ...init,
          headers: { authorization: `Bearer ${token}`, ...init.headers },
          signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
        });
        if (answer.status < 500 && answer.status !== 429) return answer;
        await answer.body?.cancel();
      } catch {
        // Not there now: asked again below.
      }
      signal?.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, pauseMs(tried)));
    }
  }

  async function read<T>(answer: Response, schema: z.ZodMiniType<T>): Promise<T> {
    if (!answer.ok) return throwRefusal(answer);
    return schema.parse(await answer.json());
  }

  async function fetchBytes(path: string): Promise<Uint8Array | null> {
    const answer = await ask(path, {});
    if (answer.status === 404) return null;
    if (!answer.ok) return throwRefusal(answer);
    return new Uint8Array(await answer.arrayBuffer());
  }

  return {
    brief: async () => read(await ask('brief', {}), Brief),
    send: async (batch) => {
      const init = { method: 'POST', body: JSON.stringify(batch) };
      return read(await ask('events', init), EventReceipt);
    },
    mailbox: async (signal) => read(await ask('mailbox', {}, signal), Mailbox),
    nextTurn: async () => read(await ask('turn', { method: 'POST' }), NextTurn),
    showPush: async (shown) =>
      read(await ask('push', { method: 'POST', body: JSON.stringify(shown) }), PushVerdict),
    setup: async (request) => {
      const init = { method: 'POST', body: JSON.stringify(request) };
      return read(await ask('setup', init), SetupAnswer);
    },
    keep: async (part, body, about) => {
      const headers = { ...about, 'content-type': 'application/octet-stream' };
      const init = { method: 'PUT', body: Buffer.from(body), headers };
      const answer = await ask(`checkpoints/${part}`, init);
      if (!answer.ok) await throwRefusal(answer);
    },
    fetchPart: (part) => fetchBytes(`checkpoints/${part}`),
    fetchAttachment: (id) => fetchBytes(`attachments/${id}`),
  };
}
