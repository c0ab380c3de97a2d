import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Brief } from '../protocol/runner.ts';
import type { Gateway } from './gateway.ts';
import { type Git, createGit } from './git.ts';

const BUNDLE_MAX_BYTES = 100_000_000;
const INSTRUCTIONS_MAX_CHARS = 40_000;
const INSTRUCTION_FILES = ['CLAUDE.md', 'AGENTS.md'];

export type Workspace = {
  /** The repository's folder: the same in every sandbox, since Claude Code's transcript is kept by it. */
  directory: string;
  git: Git;
  /** The commit that the task's work stands on. */
  base: string;
  /** The commit that this sandbox began with. */
  head: string;
  restored: boolean;
};

/** Clones through the gateway onto the task's branch, with the work of an earlier sandbox where there is some. */
export async function openWorkspace(
  root: string,
  brief: Brief,
  gateway: Gateway,
  access: { gateway: string; token: string },
): Promise<Workspace> {
  const directory = path.join(root, 'repo');
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  const outside = createGit(root, access);
  const url = `${access.gateway}/git/${brief.repository}.git`;
  const [bundle] = await Promise.all([
    brief.checkpoint?.commit == null ? null : gateway.fetchPart('bundle'),
    outside.run([
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
  // A retry goes on from what an earlier attempt delivered.
  const remote = `refs/remotes/origin/${brief.branch}`;
  const pushed = brief.fresh
    ? null
    : await git.run(['rev-parse', '--verify', '--quiet', remote]).catch(() => null);
  await git.run(['checkout', '--quiet', '--no-track', '-B', brief.branch, pushed ?? 'HEAD']);
  const restored = bundle !== null;
  if (bundle !== null) await restoreBundle(git, root, bundle);
  const base = await git.run(['merge-base', 'HEAD', `refs/remotes/origin/${brief.baseBranch}`]);
  const head = await git.run(['rev-parse', 'HEAD']);
  return { directory, git, base, head, restored };
}

/**
 * Puts a snapshot's commits on the branch and its files into the working tree, uncommitted as they
 * were: the bundle's tip is the picture of the tree, its parent the last real commit.
 */
export async function restoreBundle(git: Git, root: string, bundle: Uint8Array): Promise<void> {
  const file = path.join(root, 'checkpoint.bundle');
  writeFileSync(file, bundle);
  try {
    const fetchLocally = { GIT_ALLOW_PROTOCOL: 'file:http:https' };
    await git.run(['fetch', '--quiet', '--', file, 'refs/mainloop/checkpoint'], fetchLocally);
    const tip = await git.run(['rev-parse', 'FETCH_HEAD']);
    await git.run(['reset', '--quiet', '--hard', `${tip}^1`]);
    await git.run(['restore', '--quiet', `--source=${tip}`, '--worktree', '--', ':/']);
  } finally {
    rmSync(file, { force: true });
  }
}

export type Snapshot = { commit: string; bundle: Uint8Array };

/**
 * A picture of the branch and of all uncommitted files as one bundle on top of the base, taken
 * without touching index, branch or files. `unchanged` when there is nothing beyond the base or
 * nothing new since the snapshot `last`: equal content gives an equal commit id.
 */
export async function takeSnapshot(
  { git, directory, base }: Workspace,
  last: string | null,
): Promise<Snapshot | 'unchanged' | 'too_large'> {
  const index = path.join(directory, '.git', 'mainloop-index');
  const file = path.join(directory, '.git', 'mainloop.bundle');
  const environment = { GIT_INDEX_FILE: index };
  try {
    const head = await git.run(['rev-parse', 'HEAD']);
    await git.run(['read-tree', 'HEAD'], environment);
    await git.run(['add', '--all'], environment);
    const tree = await git.run(['write-tree'], environment);
    if (head === base && tree === (await git.run(['rev-parse', 'HEAD^{tree}']))) return 'unchanged';
    const dated = { GIT_AUTHOR_DATE: '@0 +0000', GIT_COMMITTER_DATE: '@0 +0000' };
    const commit = await git.run(
      ['commit-tree', tree, '-p', head, '-m', 'Mainloop checkpoint'],
      dated,
    );
    if (commit === last) return 'unchanged';
    await git.run(['update-ref', 'refs/mainloop/checkpoint', commit]);
    await git.run(['bundle', 'create', '--quiet', file, 'refs/mainloop/checkpoint', `^${base}`]);
    const bundle = readFileSync(file);
    return bundle.byteLength > BUNDLE_MAX_BYTES ? 'too_large' : { commit, bundle };
  } finally {
    rmSync(index, { force: true });
    rmSync(file, { force: true });
  }
}

/** The project's own instructions, as text; nothing else of its configuration is read. */
export function projectInstructions(directory: string): string {
  return INSTRUCTION_FILES.map((name) => {
    try {
      return `# ${name}\n\n${readFileSync(path.join(directory, name), 'utf8')}`;
    } catch {
      return '';
    }
  })
    .filter(Boolean)
    .join('\n\n')
    .slice(0, INSTRUCTIONS_MAX_CHARS);
}
