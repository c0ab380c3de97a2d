import { lstatSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Git } from './git.ts';

/** A file of the working tree that differs from the last commit. */
export type ChangedFile = { path: string; bytes: number };

const NAMED_MAX = 5;
const NAME_MAX_CHARS = 120;

function sizeOf(file: string): number {
  try {
    const stats = lstatSync(file);
    return stats.isFile() ? stats.size : 0;
  } catch {
    // Deleted, or gone since it was listed: that takes no room.
    return 0;
  }
}

/** All that a commit of everything would take in: untracked, changed and staged files, the largest first. */
export async function changedFiles(git: Git, directory: string): Promise<ChangedFile[]> {
  const lists = await Promise.all([
    git.run(['ls-files', '-z', '--others', '--modified', '--exclude-standard']),
    git.run(['diff', '--cached', '--name-only', '--no-renames', '-z', 'HEAD']),
  ]);
  const paths = new Set(lists.flatMap((list) => list.split('\0').filter(Boolean)));
  return [...paths]
    .map((name) => ({ path: name, bytes: sizeOf(path.join(directory, name)) }))
    .toSorted((one, other) => other.bytes - one.bytes);
}

/**
 * Puts everything into the index but these files, which stay as they are in the last commit.
 *
 * @param scratch path of a file to hold the list: there may be more names than an argument list takes.
 */
export async function addAllBut(
  git: Git,
  leftOut: readonly ChangedFile[],
  scratch: string,
  environment: Record<string, string> = {},
): Promise<void> {
  const from = [`--pathspec-from-file=${scratch}`, '--pathspec-file-nul'];
  if (leftOut.length > 0) {
    writeFileSync(scratch, leftOut.map((file) => `:(top,literal)${file.path}\0`).join(''));
    // One that was staged would be in the index otherwise.
    await git.run(['reset', '--quiet', ...from], environment);
  }
  const but = leftOut.map((file) => `:(top,exclude,literal)${file.path}\0`);
  writeFileSync(scratch, [':/\0', ...but].join(''));
  await git.run(['add', '--all', ...from], environment);
}

function sizeText(bytes: number): string {
  const [amount, unit] = bytes >= 1e9 ? [bytes / 1e9, 'GB'] : [bytes / 1e6, 'MB'];
  return `${amount >= 10 ? Math.round(amount) : amount.toFixed(1)} ${unit}`;
}

/** The files by name and size, as a person reads them: `build.bin (300 MB)`. */
export function listOfFiles(files: readonly ChangedFile[]): string {
  const named = files
    .slice(0, NAMED_MAX)
    .map((file) => `${file.path.slice(0, NAME_MAX_CHARS)} (${sizeText(file.bytes)})`);
  const more = files.length - named.length;
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join(', ');
}
