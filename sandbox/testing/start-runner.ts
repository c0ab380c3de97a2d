import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { FakeGateway } from './fake-gateway.ts';
import type { Repositories } from './repositories.ts';

const RUNNER = fileURLToPath(new URL('../runner.ts', import.meta.url));

export type StartedRunner = {
  child: ChildProcess;
  output: Promise<string>;
  exit: Promise<unknown>;
};

/** The runner as a program of its own, in the repositories' folder. */
export function startRunner({ folder }: Repositories, { url }: FakeGateway): StartedRunner {
  const home = path.join(folder, 'home');
  const child = spawn(process.execPath, [RUNNER], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: home,
      CLAUDE_CONFIG_DIR: path.join(home, '.claude'),
      MAINLOOP_GATEWAY: url,
      MAINLOOP_TASK_TOKEN: 'mlt.token',
      MAINLOOP_WORKSPACE: path.join(folder, 'workspace'),
    },
  });
  const output = Promise.all([text(child.stdout), text(child.stderr)]).then((both) =>
    both.join('\n'),
  );
  return { child, output, exit: once(child, 'exit').then(([code]) => code) };
}

/** To the runner with all that it has started. */
export function signalAll(child: ChildProcess, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(-(child.pid ?? 0), name);
  } catch {
    // Gone already.
  }
}
