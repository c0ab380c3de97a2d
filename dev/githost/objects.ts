import { git } from './git.ts';

/** An object as git stores it: the content of a blob, the raw entries of a tree, a commit's text. */
export type GitObject = { id: string; type: string; content: Buffer };

/** An entry of a tree, as the git data API takes it. */
export type TreeEntry = { path: string; mode: string; type: string; sha: string };

const LINE_END = 0x0a;

/**
 * Reads these objects in their order by one process: starting one for each is what takes the time.
 * @throws when one is not there.
 */
export async function readObjects(
  repository: string,
  ids: readonly string[],
): Promise<GitObject[]> {
  const answer = await git(repository, ['cat-file', '--batch'], `${ids.join('\n')}\n`);
  let at = 0;
  return ids.map((id) => {
    const end = answer.indexOf(LINE_END, at);
    // `<id> <type> <size>`, or `<id> missing`.
    const [, type = '', size] = answer.toString('utf8', at, end).split(' ');
    if (size === undefined) throw new Error(`git cat-file: ${id} is ${type}`);
    const begin = end + 1;
    const content = answer.subarray(begin, begin + Number(size));
    at = begin + content.length + 1;
    return { id, type, content };
  });
}

function typeOf(mode: string): string {
  if (mode === '040000') return 'tree';
  return mode === '160000' ? 'commit' : 'blob';
}

/** The entries of a tree: `<mode> <name>`, NUL, and the twenty bytes of a hash each. */
export function treeEntries(content: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(' ', at);
    const end = content.indexOf(0, space);
    const mode = content.toString('utf8', at, space).padStart(6, '0');
    entries.push({
      path: content.toString('utf8', space + 1, end),
      mode,
      type: typeOf(mode),
      sha: content.toString('hex', end + 1, end + 21),
    });
    at = end + 21;
  }
  return entries;
}
