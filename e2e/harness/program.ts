import { type ChildProcess, spawn } from 'node:child_process';
import { expect } from 'vitest';
import { tree } from './processes.ts';

const READY_MS = 60_000;

/** `npm start` without npm: the program itself, in a process that can be killed. */
export type Program = { child: ChildProcess; output(): string; ended: Promise<void> };

export async function startProgram(dataDir: string, port: number): Promise<Program> {
  const child = spawn(process.execPath, ['dev/main.ts'], {
    env: { ...process.env, PORT: String(port), MAINLOOP_DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await expect.poll(() => output, { timeout: READY_MS }).toContain('Mainloop is ready');
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
