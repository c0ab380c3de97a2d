import { type PushShown, powerOf } from '../protocol/power.ts';
import type { Git } from './git.ts';

type Line = { mode: string; type: string; id: string; path: string };

const LINE = /^(?<mode>\d+) (?<type>\w+) (?<id>[0-9a-f]+)\t(?<path>[^]*)$/;
/** How `git cat-file --batch` begins each object. https://git-scm.com/docs/git-cat-file#_batch_output */
const HEAD = /^[0-9a-f]+ (?<type>commit|tree|blob) (?<bytes>\d+)$/;

/**
 * What shows the gateway which paths of power a push changes: the commits with their trees, as far
 * down as such paths are, and each file there that is not the same in all of them.
 */
export async function pushShown(
  git: Git,
  { commit, before, base }: Omit<PushShown, 'objects'>,
): Promise<PushShown> {
  const commits = [...new Set([commit, base, ...(before === null ? [] : [before])])];
  const wanted = new Set(commits.flatMap((one) => [one, `${one}^{tree}`]));
  /** Files of power by path, mode and name, and in how many of the commits they are so. */
  const files = new Map<string, { id: string; count: number }>();
  for (const one of commits) {
    for (const { mode, type, id, path } of await powerLines(git, one)) {
      if (type === 'tree') wanted.add(id);
      if (type !== 'blob') continue;
      const key = `${path}\0${mode}\0${id}`;
      files.set(key, { id, count: (files.get(key)?.count ?? 0) + 1 });
    }
  }
  for (const { id, count } of files.values()) if (count < commits.length) wanted.add(id);
  const found = await git.bytes(['cat-file', '--batch'], `${[...wanted].join('\n')}\n`);
  return { commit, before, base, objects: objectsIn(found) };
}

/** All that a commit has among the paths of power, and above them. */
async function powerLines(git: Git, commit: string): Promise<Line[]> {
  const top = (await linesOf(git, [commit])).filter(({ path }) => powerOf(path) !== 'none');
  if (top.every(({ type }) => type !== 'tree')) return top;
  const all = await linesOf(git, ['-r', '-t', commit, '--', ...top.map(({ path }) => path)]);
  return all.filter(({ path }) => powerOf(path) !== 'none');
}

async function linesOf(git: Git, args: string[]): Promise<Line[]> {
  const output = await git.run(['ls-tree', '-z', '--full-tree', ...args]);
  return output.split('\0').flatMap((line) => {
    const groups = LINE.exec(line)?.groups;
    if (groups === undefined) return [];
    const { mode = '', type = '', id = '', path = '' } = groups;
    return [{ mode, type, id, path }];
  });
}

/** What is missing is said in a line of another form, and ends the list: the gateway sees what lacks. */
function objectsIn(found: Buffer): PushShown['objects'] {
  const objects: PushShown['objects'] = [];
  for (let at = 0; at < found.byteLength;) {
    const end = found.indexOf('\n', at);
    const { type, bytes } = HEAD.exec(found.subarray(at, end).toString())?.groups ?? {};
    if (type !== 'commit' && type !== 'tree' && type !== 'blob') break;
    const data = found.subarray(end + 1, end + 1 + Number(bytes));
    objects.push({ type, data: data.toString('base64') });
    at = end + 1 + Number(bytes) + 1;
  }
  return objects;
}
