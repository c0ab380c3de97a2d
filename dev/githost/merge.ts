import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import { branches, git, gitText } from './git.ts';

const Merged = z.object({
  full: z.string(),
  number: z.int(),
  commit: z.string(),
  /** As the API writes times. */
  at: z.string(),
});
type Merged = z.infer<typeof Merged>;

const PullRequest = z.looseObject({
  number: z.int(),
  state: z.string(),
  draft: z.optional(z.boolean()),
  head: z.looseObject({ ref: z.string(), sha: z.string() }),
  base: z.looseObject({ ref: z.string() }),
});

/** The tree of a merge of both commits; null where they conflict. */
async function mergedTree(bare: string, base: string, head: string): Promise<string | null> {
  const tree = await gitText(bare, ['merge-tree', '--write-tree', base, head]).catch(() => null);
  return tree === null ? null : (tree.split('\n')[0] ?? null);
}

/**
 * Merges `head` into the branch, in git itself: a merge commit, or one commit with everything.
 * `moved` when the branch changed meanwhile.
 */
export async function mergeInto(
  bare: string,
  merge: { base: string; head: string; message: string; squash: boolean },
): Promise<{ is: 'merged'; commit: string } | { is: 'conflict' } | { is: 'moved' }> {
  const old = (await branches(bare)).get(merge.base);
  if (old === undefined) return { is: 'conflict' };
  const tree = await mergedTree(bare, old, merge.head);
  if (tree === null) return { is: 'conflict' };
  const parents = merge.squash ? ['-p', old] : ['-p', old, '-p', merge.head];
  const who = ['-c', 'user.name=acme', '-c', 'user.email=acme@example.com'];
  const commit = await gitText(bare, [
    ...who,
    'commit-tree',
    tree,
    ...parents,
    '-m',
    merge.message,
  ]);
  try {
    await git(bare, ['update-ref', `refs/heads/${merge.base}`, commit, old]);
  } catch {
    return { is: 'moved' };
  }
  return { is: 'merged', commit };
}

/**
 * Which pull requests were merged, as which commit. The emulated API would make a commit of its own
 * for a merge; there the pull request is only closed, and what is missing is put in when it is read.
 */
export class Merges {
  readonly #file: string;
  readonly #all = new Map<string, Merged>();

  constructor(dataDir: string) {
    this.#file = path.join(dataDir, 'merges.jsonl');
    if (!existsSync(this.#file)) return;
    for (const line of readFileSync(this.#file, 'utf8').split('\n').filter(Boolean)) {
      const merged = Merged.parse(JSON.parse(line));
      this.#all.set(`${merged.full}#${merged.number}`, merged);
    }
  }

  add(merged: Merged): void {
    appendFileSync(this.#file, `${JSON.stringify(merged)}\n`);
    this.#all.set(`${merged.full}#${merged.number}`, merged);
  }

  /** A pull request, or a list of them, as it stands in git: its head, whether it was or can be merged. */
  async shown(json: unknown, full: string, bare: string): Promise<unknown> {
    if (Array.isArray(json)) {
      return Promise.all(json.map((one: unknown) => this.#shown(one, full, bare, false)));
    }
    return this.#shown(json, full, bare, true);
  }

  async #shown(one: unknown, full: string, bare: string, alone: boolean): Promise<unknown> {
    const parsed = PullRequest.safeParse(one);
    if (!parsed.success) return one;
    const { data } = parsed;
    const merged = this.#all.get(`${full}#${data.number}`);
    if (merged !== undefined) {
      const { commit, at } = merged;
      return { ...data, state: 'closed', merged: true, merged_at: at, merge_commit_sha: commit };
    }
    if (data.state !== 'open') return data;
    // The emulated API keeps the commit that it was opened with.
    const tips = await branches(bare);
    const sha = tips.get(data.head.ref) ?? data.head.sha;
    const base = tips.get(data.base.ref);
    const mergeable =
      alone && base !== undefined
        ? { mergeable: (await mergedTree(bare, base, sha)) !== null }
        : {};
    return { ...data, ...mergeable, head: { ...data.head, sha } };
  }
}
