import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import type { Brief } from '../protocol/runner.ts';
import type { Gateway } from './gateway.ts';
import { type Git, createGit } from './git.ts';
import { type PersonsWork, lacksPersonsWork, workOnTop } from './persons-work.ts';
import { type Restored, putBack, unpackSnapshot } from './snapshot.ts';
import { TaskBranch } from './task-branch.ts';

/** What somebody else did on the branch before this sandbox began, and whether it is in the files here. */
export type BranchNews = { work: PersonsWork; isHere: boolean };

export type Workspace = {
  /** The sandbox's folder, which holds the repository's. */
  root: string;
  /** The repository's folder: the same in every sandbox, since Claude Code's transcript is kept by it. */
  directory: string;
  git: Git;
  branch: TaskBranch;
  /** The commit that the task's work stands on. */
  base: string;
  /** The commit that this sandbox began with. */
  head: string;
  restored: boolean;
  news: BranchNews | null;
};

/**
 * Clones through the gateway onto the task's branch, with the work of an earlier sandbox where there is some.
 *
 * @param setUp is called on the base branch, before anything that a worker did is there.
 */
export async function openWorkspace(
  root: string,
  brief: Brief,
  gateway: Pick<Gateway, 'fetchPart'>,
  access: { gateway: string; token: string },
  setUp: (git: Git, directory: string) => Promise<void> = async () => {},
): Promise<Workspace> {
  const directory = path.join(root, 'repo');
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  const url = `${access.gateway}/git/${brief.repository}.git`;
  const [bundle] = await Promise.all([
    brief.checkpoint?.commit == null ? null : gateway.fetchPart('bundle'),
    createGit(root, access).run([
      'clone',
      '--quiet',
      '--no-tags',
      '--branch',
      brief.baseBranch,
      '--',
      url,
      directory,
    ]),
  ]);
  const git = createGit(directory, access);
  await setUp(git, directory);
  return beginWork(git, root, directory, brief, bundle);
}

/** Puts a fresh clone onto the task's branch: where it stands at the host, and where a checkpoint left off. */
export async function beginWork(
  git: Git,
  root: string,
  directory: string,
  brief: Pick<Brief, 'branch' | 'baseBranch' | 'fresh'>,
  bundle: Uint8Array | null,
): Promise<Workspace> {
  const baseTip = `refs/remotes/origin/${brief.baseBranch}`;
  const tip = await git
    .run(['rev-parse', '--verify', '--quiet', `refs/remotes/origin/${brief.branch}`])
    .catch(() => null);
  // Work from scratch drops what the task itself pushed, and nothing that somebody else did.
  const anew = tip === null || (brief.fresh && !(await lacksPersonsWork(git, baseTip, tip)));
  await git.run(['checkout', '--quiet', '--no-track', '-B', brief.branch, anew ? 'HEAD' : tip]);
  const kept = bundle === null ? null : await unpackSnapshot(git, root, bundle);
  const branchSeen = (lastSeen: string | null) =>
    new TaskBranch(git, directory, brief.branch, lastSeen);
  const { branch, isHere } =
    kept === null
      ? { branch: branchSeen(tip), isHere: true }
      : await bringTogether(git, branchSeen, kept, tip);
  const base = await git.run(['merge-base', 'HEAD', baseTip]);
  const work = tip === null ? null : await workOnTop(git, base, tip);
  return {
    root,
    directory,
    git,
    branch,
    base,
    head: await git.run(['rev-parse', 'HEAD']),
    restored: kept !== null,
    news: work === null ? null : { work, isHere },
  };
}

/**
 * Puts back what a checkpoint holds, on top of what was pushed since. Where both do not go together
 * the checkpoint is put back as it was: the delivery brings them together, with the worker's help.
 */
async function bringTogether(
  git: Git,
  branchSeen: (lastSeen: string | null) => TaskBranch,
  kept: Restored,
  tip: string | null,
): Promise<{ branch: TaskBranch; isHere: boolean }> {
  const branch = branchSeen(kept.lastSeen);
  await git.run(['reset', '--quiet', '--hard', kept.head]);
  const { is } = await branch.pullIn(tip);
  if (is === 'nothing') {
    await putBack(git, kept);
    return { branch, isHere: true };
  }
  if (is === 'pulled_in') {
    try {
      // What was uncommitted, as a change to the newer tree; and uncommitted again.
      await git.run(['cherry-pick', '--no-commit', kept.tip]);
      await git.run(['reset', '--quiet']);
      return { branch, isHere: true };
    } catch {
      // Both changed the same lines.
    }
  }
  await branch.giveUp();
  await putBack(git, kept);
  return { branch: branchSeen(kept.lastSeen), isHere: false };
}
