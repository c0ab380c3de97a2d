import { randomUUID } from 'node:crypto';
import { type IncomingMessage, createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import * as z from 'zod/mini';
import { freePort } from '../../dev/ports.ts';

const Given = z.object({ MAINLOOP_GATEWAY: z.url(), MAINLOOP_TASK_TOKEN: z.string() });
export type HeldSandbox = { gateway: string; token: string };

/** A sandbox host that starts nothing: whoever holds it speaks to the gateway in a runner's place. */
export async function startHeldSandboxes() {
  const port = await freePort();
  const key = randomUUID();
  /** By their tokens: one may be asked for again. */
  const all = new Map<string, HeldSandbox>();
  let given: (sandbox: HeldSandbox) => void;
  const first = new Promise<HeldSandbox>((resolve) => {
    given = resolve;
  });

  async function handle(request: IncomingMessage): Promise<unknown> {
    if (request.method === 'GET') return { alive: true };
    if (request.method !== 'PUT') return {};
    const { MAINLOOP_GATEWAY, MAINLOOP_TASK_TOKEN } = Given.parse(JSON.parse(await text(request)));
    const sandbox = { gateway: MAINLOOP_GATEWAY, token: MAINLOOP_TASK_TOKEN };
    all.set(sandbox.token, sandbox);
    given(sandbox);
    return {};
  }

  const server = createServer((request, response) => {
    handle(request).then(
      (body) => response.end(JSON.stringify(body)),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    settings: { LOCAL_SANDBOX_URL: `http://127.0.0.1:${port}`, LOCAL_SANDBOX_KEY: key },
    /** What the first sandbox was given. */
    first,
    /** What all of them were given so far, in the order of their start. */
    all: () => [...all.values()],
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
