import * as z from 'zod/mini';
import type { SandboxPort, SandboxRun } from './port.ts';

const TIMEOUT_MS = 10_000;
const Alive = z.object({ alive: z.boolean() });

/** SandboxSupervisor of the local stack: processes that a host on loopback looks after. */
export function localSandbox(
  url: string,
  key: string,
  fetcher: typeof fetch = (input, init) => fetch(input, init),
): SandboxPort {
  const call = (method: string, run: SandboxRun, body?: unknown) =>
    fetcher(`${url}/runs/${run.taskId}/${run.generation}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  const expectOk = async (answer: Response) => {
    if (!answer.ok)
      throw new Error(`The sandbox host answered ${answer.status}: ${await answer.text()}`);
  };
  return {
    ensure: async (run, environment) => {
      await expectOk(await call('PUT', run, environment));
      return { is: 'up' };
    },
    alive: async (run) => {
      const answer = await call('GET', run);
      if (!answer.ok) throw new Error(`The sandbox host answered ${answer.status}.`);
      return Alive.parse(await answer.json()).alive;
    },
    stop: async (run) => expectOk(await call('DELETE', run)),
  };
}
