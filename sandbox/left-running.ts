import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Rounds in which what was started meanwhile is found, too. */
const ROUNDS = 20;
const PAUSE_MS = 50;

export type Process = { pid: number; name: string };

/**
 * The processes that have this variable in their environment, as `NAME=value`; none where the system
 * does not show them, as macOS.
 */
export function processesWith(variable: string): Process[] {
  const wanted = Buffer.from(`\0${variable}\0`);
  if (!existsSync('/proc')) return [];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).flatMap((pid) => {
    if (pid === process.pid) return [];
    try {
      const environment = Buffer.concat([Buffer.from('\0'), readFileSync(`/proc/${pid}/environ`)]);
      // A process that has ended and waits to be reaped has none.
      if (!environment.includes(wanted)) return [];
      return [{ pid, name: readFileSync(`/proc/${pid}/comm`, 'utf8').trim() }];
    } catch {
      // It is another user's, or has ended.
      return [];
    }
  });
}

/**
 * Ends every process that has this variable in its environment, wherever it has gone in the tree of
 * processes. One that was started with a cleared environment is not found: see `endStartedSince`.
 *
 * @returns what had to be ended, by name.
 */
export async function endAllWith(variable: string): Promise<string[]> {
  const ended = new Map<number, string>();
  for (let round = 0; round < ROUNDS; round++) {
    const running = processesWith(variable);
    if (running.length === 0) break;
    for (const { pid, name } of running) {
      ended.set(pid, name);
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone already.
      }
    }
    await sleep(PAUSE_MS);
  }
  return [...ended.values()];
}
