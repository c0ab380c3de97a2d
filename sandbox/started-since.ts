import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Most that ending them may take: what is started meanwhile is found in the next round. */
const END_WITHIN_MS = 5_000;
const PAUSE_MS = 20;

type Process = { pid: number; name: string; parent: number; startedAt: number; isOver: boolean };

/** See proc_pid_stat(5). Null for one that has ended. */
function processOf(pid: number): Process | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // A name may hold anything, brackets and spaces too.
    const named = stat.lastIndexOf(')');
    const [state = '', parent = '', ...more] = stat.slice(named + 2).split(' ');
    return {
      pid,
      name: stat.slice(stat.indexOf('(') + 1, named),
      parent: Number(parent),
      startedAt: Number(more[17]),
      // Its first thread may be over while others go on.
      isOver: /[ZXx]/.test(state) && readdirSync(`/proc/${pid}/task`).length < 2,
    };
  } catch {
    return null;
  }
}

/** When a process began, in the kernel's ticks since this machine did. */
export function startOf(pid: number): number {
  const found = processOf(pid);
  if (found === null) throw new Error(`There is no process ${pid}.`);
  return found.startedAt;
}

/** This process and all that it comes from. */
function ownLine(): Set<number> {
  const line = new Set<number>();
  for (let pid = process.pid; pid > 0 && !line.has(pid); pid = processOf(pid)?.parent ?? 0) {
    line.add(pid);
  }
  return line;
}

/** What runs that began then or later, beside this process and what it comes from. */
function startedSince(ticks: number): Process[] {
  const own = ownLine();
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => !own.has(pid))
    .flatMap((pid) => processOf(pid) ?? [])
    .filter(({ startedAt, isOver }) => startedAt >= ticks && !isOver);
}

/**
 * Ends every process that began then or later, whatever it has made of its environment, its group and
 * its parent. Only for where nobody else's processes are: in a jail, or in a container.
 *
 * @returns what had to be ended, by name.
 * @throws where something cannot be ended.
 */
export async function endStartedSince(ticks: number): Promise<string[]> {
  const ended = new Map<number, string>();
  const deadline = Date.now() + END_WITHIN_MS;
  for (;;) {
    const running = startedSince(ticks);
    if (running.length === 0) return [...ended.values()];
    if (Date.now() > deadline) {
      const names = running.map(({ name }) => name).join(', ');
      throw new Error(`What the set-up has started cannot be ended: ${names}.`);
    }
    for (const { pid, name } of running) {
      ended.set(pid, name);
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone already, or another user's: the next round tells.
      }
    }
    await sleep(PAUSE_MS);
  }
}
