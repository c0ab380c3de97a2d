import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redactor } from '../protocol/redaction/redactor.ts';
import { OutputFilter } from './output-filter.ts';

/** Time for a script to end itself once it is told to. */
const GRACE_MS = 2_000;
/** How long the output of an ended script is waited for: what it left running may hold it open. */
const DRAIN_MS = 500;

export type ScriptEnd = {
  outcome: 'done' | 'failed' | 'too_long' | 'stopped';
  exitCode: number | null;
  /** Names of processes that it had left running; they are ended. */
  leftRunning: string[];
};

export type Script = {
  file: string;
  directory: string;
  environment: Record<string, string>;
  /** Ends all that it has started and that still runs. @returns what that was, by name. */
  endAll(): Promise<string[]>;
  timeLimitMs: number;
  /** Takes out what must not be shown. */
  redactor: Redactor;
  onOutput(text: string): void;
  /** Aborted when nobody wants it any more. */
  signal: AbortSignal;
};

/**
 * Runs a script with bash to its end, or to its limit, and ends whatever it has left running: that
 * would keep the script's environment, in which secrets may be.
 */
export async function runScript(script: Script): Promise<ScriptEnd> {
  const filter = new OutputFilter(script.redactor);
  // One stream: of two, one could cut a secret of the other in two.
  const child = spawn('bash', ['-c', 'exec bash "$1" 2>&1', 'bash', script.file], {
    cwd: script.directory,
    env: script.environment,
    stdio: ['ignore', 'pipe', 'ignore'],
    // A group of its own, to be told to end as a whole.
    detached: true,
  });
  child.stdout.on('data', (bytes: Buffer) => script.onOutput(filter.push(bytes)));
  const exited = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : null));
  const closed = once(child, 'close');
  closed.catch(() => {});
  const late = new AbortController();
  const first = await Promise.race([
    exited.then((exitCode) => ({ is: 'exited' as const, exitCode })),
    sleep(script.timeLimitMs, { is: 'too_long' as const }, { signal: late.signal }),
    aborted(script.signal).then(() => ({ is: 'stopped' as const })),
  ]).finally(() => late.abort());
  if (first.is !== 'exited') {
    endGroup(child.pid, 'SIGTERM');
    await Promise.race([exited, sleep(GRACE_MS)]);
  }
  const leftRunning = await script.endAll();
  endGroup(child.pid, 'SIGKILL');
  await Promise.race([closed, sleep(DRAIN_MS)]);
  child.stdout.destroy();
  script.onOutput(filter.end());
  if (first.is !== 'exited') return { outcome: first.is, exitCode: null, leftRunning: [] };
  const { exitCode } = first;
  return { outcome: exitCode === 0 ? 'done' : 'failed', exitCode, leftRunning };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function endGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // Gone already.
  }
}
