import { readFileSync } from 'node:fs';

/** All that a process has started, and what they have. */
export function partsOf(pid: number): number[] {
  let children: string;
  try {
    children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  } catch {
    // It has ended meanwhile.
    return [];
  }
  const pids = children.split(' ').filter(Boolean).map(Number);
  return [...pids, ...pids.flatMap(partsOf)];
}
