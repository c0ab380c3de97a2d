import { type IncomingMessage, createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod/mini';
import { freePort } from '../../dev/ports.ts';
import type { EventBatch } from '../../protocol/runner.ts';

/** How long a worker takes, and how long it waits before it tells again what nobody took. */
const WORK_MS = 150;
const AGAIN_MS = 300;
const Given = z.object({ MAINLOOP_GATEWAY: z.url(), MAINLOOP_TASK_TOKEN: z.string() });

export type StandInSandboxes = {
  url: string;
  key: string;
  /** Ends all of them, as the end of their machine does. */
  killAll(): void;
  stop(): Promise<void>;
};

/**
 * A sandbox host whose workers are no Claude Code: each looks at its task, says a step, and ends with
 * an answer. It speaks the gateway's protocol as the real runner does, and costs nothing.
 */
export async function startStandInSandboxes(): Promise<StandInSandboxes> {
  const port = await freePort();
  const key = 'stand-in';
  const runs = new Map<string, AbortController>();

  async function work(run: string, given: z.infer<typeof Given>): Promise<void> {
    const abort = new AbortController();
    runs.get(run)?.abort();
    runs.set(run, abort);
    const { signal } = abort;
    const headers = {
      authorization: `Bearer ${given.MAINLOOP_TASK_TOKEN}`,
      'content-type': 'application/json',
    };
    /** Tells it until somebody took it, or it is refused for good. */
    const call = async (path: string, body?: EventBatch): Promise<boolean> => {
      for (;;) {
        signal.throwIfAborted();
        try {
          const answer = await fetch(`${given.MAINLOOP_GATEWAY}${path}`, {
            method: body === undefined ? 'GET' : 'POST',
            headers,
            signal,
            ...(body !== undefined && { body: JSON.stringify(body) }),
          });
          await answer.arrayBuffer();
          if (answer.status < 500) return answer.ok;
        } catch {
          // The stack is down, or this run has ended, which the next look tells.
        }
        await pause(AGAIN_MS);
      }
    };
    const at = Date.now();
    const step = { number: 1, at, body: { type: 'step', text: 'Looking around' } } as const;
    const result = { is: 'nothing_to_deliver', summary: 'Looked at it: all is well.' } as const;
    const end = { number: 2, at, body: { type: 'result', result } } as const;
    if (!(await call('/brief'))) return;
    if (!(await call('/events', { events: [step], acknowledged: [] }))) return;
    await pause(WORK_MS);
    await call('/events', { events: [end], acknowledged: [] });
  }

  async function handle(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    if (request.headers.authorization !== `Bearer ${key}`) return { status: 401, body: {} };
    const run = request.url ?? '';
    switch (request.method) {
      case 'PUT': {
        const given = Given.parse(JSON.parse(await text(request)));
        if (!runs.has(run)) {
          work(run, given)
            .catch(() => {})
            .finally(() => runs.delete(run));
        }
        return { status: 200, body: {} };
      }
      case 'GET':
        return { status: 200, body: { alive: runs.has(run) } };
      default:
        runs.get(run)?.abort();
        return { status: 200, body: {} };
    }
  }

  const server = createServer((request, response) => {
    handle(request)
      .catch(() => ({ status: 500, body: {} }))
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const killAll = () => {
    for (const abort of runs.values()) abort.abort();
  };
  return {
    url: `http://127.0.0.1:${port}`,
    key,
    killAll,
    stop: () =>
      new Promise((resolve) => {
        killAll();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
