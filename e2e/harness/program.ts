import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import type { Settings } from '../../dev/settings.ts';
import { tree } from './processes.ts';

const READY_MS = 180_000;
const LOOK_EVERY_MS = 50;

/** `npm start` without npm: the program itself, in a process that can be killed. */
export type Program = { child: ChildProcess; output(): string; ended: Promise<void> };

export async function startProgram(
  dataDir: string,
  port: number,
  settings: Settings = {},
): Promise<Program> {
  const child = spawn(process.execPath, ['dev/main.ts'], {
    env: { ...process.env, ...settings, PORT: String(port), MAINLOOP_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const deadline = Date.now() + READY_MS;
  while (!output.includes('Mainloop is ready')) {
    if (child.exitCode !== null || Date.now() > deadline) {
      throw new Error(`The program did not become ready:\n${output}`);
    }
    await pause(LOOK_EVERY_MS);
  }
  return { child, output: () => output, ended };
}

/** kill -9 of the program and of everything that it started. */
export async function killWhole(program: Program): Promise<void> {
  for (const { pid } of tree(program.child.pid ?? 0).toReversed()) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Ended with its parent.
    }
  }
  await program.ended;
}
