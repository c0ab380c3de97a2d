import { PUSH_EVIDENCE_MAX_CHARS, WORKER_IDENTITY } from '../protocol/push-evidence.ts';
import type { Git } from './git.ts';

/** More do not fit into the bound, however short they are. */
const COMMITS_MAX = 60;

/**
 * What shows the gateway that a push from one tip to another drops no commit of a person's: the
 * commits that it drops, and those that lead from the new tip down to what both have. Null when it
 * would drop one, or when there is too much to show.
 */
export async function pushEvidence(
  git: Git,
  before: string,
  after: string,
): Promise<string | null> {
  const limit = `--max-count=${COMMITS_MAX + 1}`;
  const list = async (...args: string[]) =>
    (await git.run(['rev-list', '--parents', limit, ...args])).split('\n').filter(Boolean);
  const dropped = (await list(before, `^${after}`)).map((line) => line.split(' '));
  if (dropped.length > COMMITS_MAX) return null;
  const ids = new Set(dropped.map(([id = '']) => id));
  const parents = dropped.flatMap(([, ...rest]) => rest);
  const common = ids.size === 0 ? [before] : parents.filter((id) => !ids.has(id));
  const [tip = '', ...below] = (
    await git.run(['rev-list', '--parents', '--max-count=1', after])
  ).split(' ');
  for (const id of new Set(common)) {
    if (id === tip) continue;
    // One step is enough, whatever other ways there are.
    if (below.includes(id)) {
      ids.add(tip);
      continue;
    }
    for (const line of await list('--ancestry-path', `${id}..${after}`)) {
      ids.add(line.split(' ')[0] ?? '');
    }
    if (ids.size > COMMITS_MAX) return null;
  }
  const texts: string[] = [];
  for (const id of ids) {
    // What ends the commit's message is a part of it, and is cut off the output.
    texts.push(`${await git.run(['cat-file', 'commit', id])}\n`);
  }
  for (const [id = ''] of dropped) {
    const committer = await git.run(['show', '--no-patch', '--format=%ce', id]);
    if (committer !== WORKER_IDENTITY.email) return null;
  }
  const evidence = Buffer.from(JSON.stringify(texts)).toString('base64');
  return evidence.length > PUSH_EVIDENCE_MAX_CHARS ? null : evidence;
}
