import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freePort } from '../../dev/ports.ts';
import { startSandboxHost } from '../../dev/sandbox-host/sandbox-host.ts';
import { localSandbox } from '../../worker/sandbox/local.ts';
import type { SandboxRun } from '../../worker/sandbox/port.ts';
import { environmentOf, processes } from '../harness/processes.ts';
import { type SandboxPlace, tokenFor } from './contract.ts';

const KEY = 'the key';

/** The local sandbox host, with a gateway that writes down who calls and leaves them waiting. */
export async function localPlace(): Promise<SandboxPlace> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mainloop-sandboxes-'));
  const host = await startSandboxHost({ dataDir: folder, key: KEY, log: () => {} });
  const calls: string[] = [];
  const server = createServer((request) => calls.push(request.headers.authorization ?? ''));
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const sandbox = localSandbox(host.url, KEY);
  const tokenOf = ({ taskId, generation }: SandboxRun) =>
    tokenFor(Buffer.from(taskId).toString('hex').padEnd(64, '0'), generation);
  const runners = (run: SandboxRun) =>
    processes().filter(({ pid }) =>
      environmentOf(pid).includes(`MAINLOOP_TASK_TOKEN=${tokenOf(run)}`),
    );
  return {
    port: sandbox,
    ensure: (run) =>
      sandbox.ensure(run, {
        MAINLOOP_GATEWAY: `http://127.0.0.1:${port}/gateway`,
        MAINLOOP_TASK_TOKEN: tokenOf(run),
      }),
    callers: async (taskId) =>
      calls.flatMap((authorization) => {
        const [, objectId, generation] = authorization.replace('Bearer ', '').split('.');
        const mine = Buffer.from(taskId).toString('hex').padEnd(64, '0');
        return objectId === mine ? [Number(generation)] : [];
      }),
    crash: async (run) => {
      for (const { pid } of runners(run)) process.kill(pid, 'SIGKILL');
    },
    left: async (taskId) => {
      const runs = path.join(folder, 'runs', taskId);
      const found = [1, 2].flatMap((generation) => runners({ taskId, generation }));
      return [...(existsSync(runs) ? [runs] : []), ...found.map(({ command }) => command)];
    },
    close: async () => {
      await host.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
