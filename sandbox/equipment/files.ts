import type { Git } from '../git.ts';

/** Bounds of what is read at once: skills are texts with a few scripts. */
const FILES_MAX = 2_000;
const FILE_MAX_BYTES = 2_000_000;
const ALL_MAX_BYTES = 20_000_000;

/** A file of a commit. */
export type CommitFile = { path: string; isExecutable: boolean; bytes: Buffer };

/** What stands below some paths of a commit; `notes` are sentences about what was left out. */
export type CommitFiles = { files: CommitFile[]; notes: string[] };

type Entry = { mode: string; object: string; bytes: number; path: string };

/** As `git ls-tree -r -z --long` says it: `<mode> SP <type> SP <object> SP <size> TAB <path>`. */
function entriesOf(listed: string): Entry[] {
  return listed.split('\0').flatMap((line) => {
    const [, mode, object, bytes, path] =
      /^(\d+) \w+ ([0-9a-f]+) +(\d+|-)\t(.*)$/s.exec(line) ?? [];
    if (mode === undefined || object === undefined || path === undefined) return [];
    return [{ mode, object, bytes: Number(bytes), path }];
  });
}

/** The contents of objects in their order, as `git cat-file --batch` gives them. */
function contentsOf(output: Buffer): Buffer[] {
  const contents: Buffer[] = [];
  for (let at = 0; at < output.length;) {
    const end = output.indexOf(10, at);
    const bytes = Number(output.subarray(at, end).toString().split(' ')[2]);
    if (!Number.isInteger(bytes)) throw new Error('git cat-file answered what it should not.');
    contents.push(output.subarray(end + 1, end + 1 + bytes));
    at = end + 1 + bytes + 1;
  }
  return contents;
}

/**
 * Reads files of a commit from git's objects: neither the working tree, which a worker changes, nor
 * attributes and filters have a part in it. A link is never followed.
 */
export async function readCommit(
  git: Git,
  commit: string,
  below: readonly string[],
): Promise<CommitFiles> {
  if (below.length === 0) return { files: [], notes: [] };
  const listed = await git.bytes(['ls-tree', '-r', '-z', '--long', commit, '--', ...below], '');
  const notes: string[] = [];
  const wanted: Entry[] = [];
  let sum = 0;
  for (const entry of entriesOf(listed.toString())) {
    if (entry.mode === '120000') {
      notes.push(`${entry.path} is a link, and was left out.`);
    } else if (entry.mode.startsWith('100')) {
      const isLarge = entry.bytes > FILE_MAX_BYTES || sum + entry.bytes > ALL_MAX_BYTES;
      if (isLarge || wanted.length >= FILES_MAX)
        notes.push(`${entry.path} was left out: too much.`);
      else {
        sum += entry.bytes;
        wanted.push(entry);
      }
    }
  }
  if (wanted.length === 0) return { files: [], notes };
  const input = wanted.map(({ object }) => `${object}\n`).join('');
  const contents = contentsOf(await git.bytes(['cat-file', '--batch'], input));
  const files = wanted.flatMap(({ path, mode }, index) => {
    const bytes = contents[index];
    return bytes === undefined ? [] : [{ path, isExecutable: mode === '100755', bytes }];
  });
  return { files, notes };
}

/** The paths of all files of a commit. */
export async function pathsOf(git: Git, commit: string): Promise<Set<string>> {
  const listed = await git.bytes(['ls-tree', '-r', '-z', '--name-only', commit], '');
  return new Set(listed.toString().split('\0').filter(Boolean));
}

/** What lies in a folder of these, under their paths in it. */
export function within(files: readonly CommitFile[], folder: string): CommitFile[] {
  const start = `${folder}/`;
  return files
    .filter(({ path }) => path.startsWith(start))
    .map((file) => ({ ...file, path: file.path.slice(start.length) }));
}
