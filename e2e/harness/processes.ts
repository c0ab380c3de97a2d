import { readFileSync, readdirSync } from 'node:fs';

export type Process = { pid: number; parent: number; command: string };

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // It ended between the listing and the reading, or is another user's.
    return '';
  }
}

/** All processes of this machine (Linux). */
export function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      const stat = read(`/proc/${name}/stat`);
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] ?? 0);
      const command = read(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim();
      return { pid: Number(name), parent, command };
    });
}

/** The process and everything that it started, by parentage. */
export function tree(root: number): Process[] {
  const all = processes();
  const found = all.filter((one) => one.pid === root);
  for (const one of found) found.push(...all.filter((other) => other.parent === one.pid));
  return found;
}

export function environmentOf(pid: number): string[] {
  return read(`/proc/${pid}/environ`).split('\0').filter(Boolean);
}

/**
 * The runners of this test's own stack, in jails or not: its host of sandboxes is part of this process,
 * and whatever it has started ends with it. A jail shows none of this machine's folders in its command.
 */
export function ownRunners(): Process[] {
  return tree(process.pid).filter(({ command }) => command.includes('sandbox/runner.ts'));
}
