import { WORKER_IDENTITY } from '../protocol/push-evidence.ts';
import type { Git } from './git.ts';

const COMMITS_MAX = 20;
const FILES_MAX = 40;
const TEXT_MAX_CHARS = 200;

/** What somebody else did on the task's branch, bounded for a prompt. It is data: a stranger may have written it. */
export type PersonsWork = {
  commits: { commit: string; author: string; subject: string }[];
  files: string[];
  /** True when there is more than is listed. */
  more: boolean;
};

type Commit = { commit: string; author: string; committer: string; subject: string };

const cut = (text: string) => text.slice(0, TEXT_MAX_CHARS);

async function log(git: Git, args: readonly string[]): Promise<Commit[]> {
  const lines = await git.run(['log', '--format=%H%x00%an%x00%ce%x00%s', ...args]);
  return lines
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [commit = '', author = '', committer = '', subject = ''] = line.split('\0');
      return { commit, author, committer, subject };
    });
}

const isPersons = ({ committer }: Commit) => committer !== WORKER_IDENTITY.email;

async function describe(git: Git, commits: readonly Commit[]): Promise<PersonsWork | null> {
  if (commits.length === 0) return null;
  const shown = commits.slice(0, COMMITS_MAX);
  const files = new Set<string>();
  for (const { commit } of shown) {
    const list = await git.run([
      'diff-tree',
      '--root',
      '--no-commit-id',
      '--name-only',
      '-r',
      '-z',
      commit,
    ]);
    for (const file of list.split('\0').filter(Boolean)) files.add(file);
  }
  return {
    commits: shown.map(({ commit, author, subject }) => ({
      commit: commit.slice(0, 12),
      author: cut(author),
      subject: cut(subject),
    })),
    files: [...files].slice(0, FILES_MAX).map(cut),
    more: commits.length > shown.length || files.size > FILES_MAX,
  };
}

/** What other people have committed in `to` beyond `from`; null when that is nothing. */
export async function personsWork(git: Git, from: string, to: string): Promise<PersonsWork | null> {
  return describe(git, (await log(git, [`${from}..${to}`])).filter(isPersons));
}

/** What other people have put on top of the worker's newest commit in `to`; null when that is nothing. */
export async function workOnTop(git: Git, base: string, to: string): Promise<PersonsWork | null> {
  const commits = await log(git, [`${base}..${to}`]);
  const own = commits.findIndex((commit) => !isPersons(commit));
  return describe(git, own === -1 ? commits : commits.slice(0, own));
}

/**
 * True when `ours` lacks what somebody else committed in `theirs`. A change that `ours` has as a commit
 * of another id is not lacking: the worker may have put its branch on a newer base.
 */
export async function lacksPersonsWork(git: Git, ours: string, theirs: string): Promise<boolean> {
  const missing = await log(git, [
    '--cherry-pick',
    '--right-only',
    '--no-merges',
    `${ours}...${theirs}`,
  ]);
  return missing.some(isPersons);
}
