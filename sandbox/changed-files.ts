import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const LIST_MAX_BYTES = 200_000_000;
/** A kernel stamps files by its tick, of up to 10 ms. */
const TICK_MS = 20;

/** Makes a file whose time divides what was before it from what comes after. */
export async function setMark(file: string): Promise<void> {
  await sleep(TICK_MS);
  writeFileSync(file, '');
  await sleep(TICK_MS);
}

/**
 * Everything below the roots that was made or changed since the mark: files, links and folders, by
 * their whole path. Other file systems that are mounted there are left out.
 *
 * @param without folders that are not looked into.
 * @param sudo true to see what only root sees.
 */
export function changedSince(
  mark: string,
  roots: readonly string[],
  without: readonly string[],
  sudo = false,
): Promise<string[]> {
  // Without a root find takes the folder that it is in.
  if (roots.length === 0) return Promise.resolve([]);
  const pruned = without.flatMap((folder) => ['-path', folder, '-prune', '-o']);
  const find = ['find', ...roots, '-xdev', ...pruned, '-cnewer', mark, '-print0'];
  const [command = 'find', ...args] = sudo ? ['sudo', '-n', ...find] : find;
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: LIST_MAX_BYTES, env: { PATH: process.env.PATH, LANG: 'C.UTF-8' } };
    execFile(command, args, options, (error, stdout) => {
      // What may not be read, or went meanwhile, makes find fail after it has listed all else.
      if (error !== null && typeof error.code !== 'number') reject(error);
      // A place inside another may lie on the same file system.
      else resolve([...new Set(stdout.split('\0').filter(Boolean))]);
    });
  });
}
