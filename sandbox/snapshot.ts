import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { CommitId } from '../protocol/ids.ts';
import { openApart } from './apart.ts';
import type { Git } from './git.ts';
import { type ChangedFile, changedFiles } from './large-files.ts';

/** Largest bundle: what the gateway takes. */
const BUNDLE_MAX_BYTES = 100_000_000;
/** A single uncommitted file above this is left out: what large builds make can be built again. */
const FILE_MAX_BYTES = 50_000_000;

const REF = 'refs/mainloop/checkpoint';
const SUBJECT = 'Mainloop checkpoint';
/** In a snapshot's message: where the branch at the host stood when the task last saw it. */
const LAST_SEEN = 'Branch-Last-Seen';

/** What a snapshot is taken of. */
export type Pictured = {
  git: Git;
  directory: string;
  /** A folder of the sandbox outside the repository. */
  root: string;
  /** The commit that the task's work stands on. */
  base: string;
  /** Name of the task's branch. */
  branch: string;
  /** Its tip at the host as this task last saw it; null when it was not there. */
  lastSeen: string | null;
};

/** `leftOut` are files too large to be kept. */
export type Snapshot =
  | { is: 'taken'; commit: string; bundle: Uint8Array; leftOut: ChangedFile[] }
  /** Nothing beyond the base, or nothing new. */
  | { is: 'unchanged'; leftOut: ChangedFile[] }
  /** What was committed is too large by itself. */
  | { is: 'too_large'; leftOut: ChangedFile[] }
  /** HEAD holds less than the task's branch, or moves right now: in the middle of a rebase, or for a look at another commit. */
  | { is: 'elsewhere' };

/** What a bundle holds. */
export type Restored = {
  /** The picture of the working tree. */
  tip: string;
  /** The last real commit, under it. */
  head: string;
  lastSeen: string | null;
};

/** True while git is in the middle of rewriting the branch: HEAD holds only a part of it then. */
export function isRebasing(directory: string): boolean {
  return ['rebase-merge', 'rebase-apply'].some((name) =>
    existsSync(path.join(directory, '.git', name)),
  );
}

/** True when the branch has commits that are not in HEAD: a picture of HEAD would lose them. */
async function isElsewhere(git: Git, branch: string): Promise<boolean> {
  const missing = git.run(['rev-list', '--max-count=1', `HEAD..refs/heads/${branch}`, '--']);
  // Without a branch of that name there is nothing to lose.
  return (await missing.catch(() => '')) !== '';
}

/**
 * A picture of the branch and of all uncommitted files as one bundle on top of the base, taken
 * without touching index, branch or files. Equal content gives an equal commit id.
 *
 * Its objects go into a repository of their own that borrows from this one and is thrown away: a
 * picture every half minute would otherwise fill `.git` with every state that a file ever had.
 *
 * @param last the commit of the snapshot before.
 * @param anywhere true when HEAD is where the work is, also where the branch has other commits.
 */
export async function takeSnapshot(
  { git, directory, root, base, branch, lastSeen }: Pictured,
  last: string | null,
  {
    anywhere = false,
    bundleMaxBytes = BUNDLE_MAX_BYTES,
    fileMaxBytes = FILE_MAX_BYTES,
  }: { anywhere?: boolean; bundleMaxBytes?: number; fileMaxBytes?: number } = {},
): Promise<Snapshot> {
  if (isRebasing(directory) || (!anywhere && (await isElsewhere(git, branch)))) {
    return { is: 'elsewhere' };
  }
  const apart = openApart(git, directory, path.join(root, 'snapshot'), path.dirname(REF));
  const { bare, there, within } = apart;
  try {
    const [head = '', headTree] = (await git.run(['rev-parse', 'HEAD', 'HEAD^{tree}'])).split('\n');
    const message = `${SUBJECT}\n\n${LAST_SEEN}: ${lastSeen ?? 'none'}`;
    const files = await changedFiles(git, directory);
    let leftOut = files.filter((file) => file.bytes > fileMaxBytes);
    for (;;) {
      const tree = await apart.writeTree(leftOut);
      if (head === base && tree === headTree) return { is: 'unchanged', leftOut };
      const commit = await git.run(['commit-tree', tree, '-p', head, '-m', message], {
        ...within,
        GIT_AUTHOR_DATE: '@0 +0000',
        GIT_COMMITTER_DATE: '@0 +0000',
      });
      // The files may be those of another commit by now.
      if (isRebasing(directory) || (await git.run(['rev-parse', 'HEAD'])) !== head) {
        return { is: 'elsewhere' };
      }
      if (commit === last) return { is: 'unchanged', leftOut };
      const bundle = path.join(bare, 'bundle');
      writeFileSync(path.join(bare, REF), commit);
      await git.run(['bundle', 'create', '--quiet', bundle, REF, `^${base}`], there);
      const excess = statSync(bundle).size - bundleMaxBytes;
      if (excess <= 0) return { is: 'taken', commit, bundle: readFileSync(bundle), leftOut };
      const more = largest(files.slice(leftOut.length), excess);
      if (more.length === 0) return { is: 'too_large', leftOut };
      leftOut = [...leftOut, ...more];
    }
  } finally {
    apart.remove();
  }
}

/** The first of these files, as many as it takes to save so many bytes, before compression. */
function largest(files: readonly ChangedFile[], bytes: number): ChangedFile[] {
  let saved = 0;
  const count = files.findIndex((file) => {
    saved += file.bytes;
    return saved >= bytes;
  });
  return count === -1 ? [...files] : files.slice(0, count + 1);
}

/** Takes a bundle's commits into the repository; branch and files stay as they are. */
export async function unpackSnapshot(
  git: Git,
  root: string,
  bundle: Uint8Array,
): Promise<Restored> {
  const file = path.join(root, 'checkpoint.bundle');
  writeFileSync(file, bundle);
  try {
    const fetchLocally = { GIT_ALLOW_PROTOCOL: 'file:http:https' };
    await git.run(['fetch', '--quiet', '--', file, REF], fetchLocally);
    const tip = await git.run(['rev-parse', 'FETCH_HEAD']);
    const head = await git.run(['rev-parse', `${tip}^1`]);
    const message = await git.run(['log', '-1', '--format=%B', tip]);
    const seen = message.split(`${LAST_SEEN}: `)[1]?.trim();
    return { tip, head, lastSeen: CommitId.safeParse(seen).data ?? null };
  } finally {
    rmSync(file, { force: true });
  }
}

/** Puts branch and files as they were in the snapshot; what was uncommitted is so again. */
export async function putBack(git: Git, { tip, head }: Restored): Promise<void> {
  await git.run(['reset', '--quiet', '--hard', head]);
  await git.run(['restore', '--quiet', `--source=${tip}`, '--worktree', '--', ':/']);
}
