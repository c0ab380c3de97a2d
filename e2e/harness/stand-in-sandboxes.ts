import { randomUUID } from 'node:crypto';
import { type IncomingMessage, createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod/mini';
import { freePort } from '../../dev/ports.ts';
import { CHANGES_HEADER, type Changes } from '../../protocol/changes.ts';
import {
  Brief,
  type EventBatch,
  Mailbox,
  type RunnerEvent,
  type RunnerResult,
} from '../../protocol/runner.ts';

/** How long a worker takes, and how long it waits before it tells again what nobody took. */
const WORK_MS = 150;
const AGAIN_MS = 300;

/** How a runner counts what it reports. */
const countsOf = ({ files }: Changes) => ({
  [CHANGES_HEADER]: [
    files.length,
    files.reduce((sum, { added }) => sum + added, 0),
    files.reduce((sum, { removed }) => sum + removed, 0),
  ].join(' '),
});
const Given = z.object({ MAINLOOP_GATEWAY: z.url(), MAINLOOP_TASK_TOKEN: z.string() });

export type StandInSandboxes = {
  url: string;
  key: string;
  /** Ends all of them, as the end of their machine does. */
  killAll(): void;
  stop(): Promise<void>;
};

/** What a worker tells before its end: lines of its activity, and what it has changed. */
export type Told = { lines: readonly RunnerEvent['body'][]; changes: Changes | null };

const LOOKS: Told = { lines: [{ type: 'step', text: 'Looking around' }], changes: null };
/** As many lines as one batch may have. */
const BATCH = 500;

/** What a worker ends with that was given this task, and these words since. */
export type Ends = (brief: Brief, mail: Mailbox['items']) => Promise<RunnerResult>;

const finds: Ends = async () => ({
  is: 'nothing_to_deliver',
  summary: 'Looked at it: all is well.',
});

/**
 * A sandbox host whose workers are no Claude Code: each looks at its task, says a step or what it is
 * given to tell, and ends with an answer or as `ends` has it. It speaks the gateway's protocol as the
 * real runner does, and costs nothing.
 */
export async function startStandInSandboxes(
  told: Told = LOOKS,
  ends: Ends = finds,
): Promise<StandInSandboxes> {
  const port = await freePort();
  const key = randomUUID();
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
    /** Tells it until somebody took it; null where it is refused for good. */
    const call = async (path: string, body?: EventBatch, put?: Changes): Promise<string | null> => {
      for (;;) {
        signal.throwIfAborted();
        try {
          const answer = await fetch(`${given.MAINLOOP_GATEWAY}${path}`, {
            method: put !== undefined ? 'PUT' : body === undefined ? 'GET' : 'POST',
            headers: put === undefined ? headers : { ...headers, ...countsOf(put) },
            signal,
            ...((put ?? body) !== undefined && { body: JSON.stringify(put ?? body) }),
          });
          const read = await answer.text();
          if (answer.status < 500) return answer.ok ? read : null;
        } catch {
          // The stack is down, or this run has ended, which the next look tells.
        }
        await pause(AGAIN_MS);
      }
    };
    const at = Date.now();
    const lines = told.lines.map((body, place) => ({ number: place + 1, at: at + place, body }));
    const briefed = await call('/brief');
    if (briefed === null) return;
    const brief = Brief.parse(JSON.parse(briefed));
    const mail = brief.hasMail ? await call('/mailbox') : null;
    const { items } = mail === null ? { items: [] } : Mailbox.parse(JSON.parse(mail));
    for (let from = 0; from < lines.length; from += BATCH) {
      const events = lines.slice(from, from + BATCH);
      if ((await call('/events', { events, acknowledged: [] })) === null) return;
    }
    if (told.changes !== null) await call('/checkpoints/changes', undefined, told.changes);
    await pause(WORK_MS);
    const result = await ends(brief, items);
    const end = { number: lines.length + 1, at, body: { type: 'result', result } } as const;
    await call('/events', { events: [end], acknowledged: items.map(({ id }) => id) });
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
