import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WORKER_IDENTITY } from '../../protocol/push-evidence.ts';
import { type Git, createGit } from '../git.ts';

export const BRANCH = 'mainloop/work';
export const BRIEF = {
  branch: BRANCH,
  baseBranch: 'main',
  fresh: false,
  author: null,
  asker: null,
} as const;

/** A clone with git's plain commands, as a person has it. */
export type Clone = {
  directory: string;
  git(...args: string[]): string;
  write(file: string, text: string): void;
  read(file: string): string;
  /** Commits these files with this subject. @returns the commit. */
  commit(subject: string, files: Record<string, string>): string;
};

/** A bare repository as the host has it, with one commit on main, and what is cloned from it. */
export type Repositories = {
  folder: string;
  origin: string;
  /** A person's clone, on the branch main. */
  person: Clone;
  /** A fresh clone as a sandbox makes it, and git as the runner runs it there. */
  sandbox(name: string): Clone & { root: string; runner: Git };
  /** The branch's commits at the host by their subjects, the newest first; null when it is not there. */
  subjects(branch?: string): string[] | null;
  /** Writes a file anywhere in the folder. */
  write(file: string, text: string): void;
  /** A file on a branch at the host. */
  fileAt(file: string, branch?: string): string;
  remove(): void;
};

type Identity = { name: string; email: string };
const ANA: Identity = { name: 'Ana', email: 'ana@example.com' };

function cloneAt(directory: string, { name, email }: Identity): Clone {
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: directory,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: '/nonexistent',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_EDITOR: 'true',
        GIT_AUTHOR_NAME: name,
        GIT_AUTHOR_EMAIL: email,
        GIT_COMMITTER_NAME: name,
        GIT_COMMITTER_EMAIL: email,
      },
    }).trimEnd();
  const write = (file: string, text: string) => {
    mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
    writeFileSync(path.join(directory, file), text);
  };
  return {
    directory,
    git,
    write,
    read: (file) => readFileSync(path.join(directory, file), 'utf8'),
    commit: (subject, files) => {
      for (const [file, text] of Object.entries(files)) write(file, text);
      git('add', '--all');
      git('commit', '--quiet', '-m', subject);
      return git('rev-parse', 'HEAD');
    },
  };
}

/** git as the runner runs it, with the one difference that the host is a folder. */
function runnerGit(directory: string): Git {
  const git = createGit(directory, null);
  return {
    ...git,
    run: (args, environment) => git.run(args, { GIT_ALLOW_PROTOCOL: 'file', ...environment }),
  };
}

export function makeRepositories(): Repositories {
  const folder = mkdtempSync(path.join(tmpdir(), 'mainloop-repositories-'));
  const origin = path.join(folder, 'origin.git');
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', origin]);
  cloneAt(folder, ANA).git('clone', '--quiet', origin, 'person');
  const ana = cloneAt(path.join(folder, 'person'), ANA);
  ana.git('checkout', '--quiet', '-B', 'main');
  ana.commit('Begin', { 'a.txt': 'one\ntwo\nthree\n', 'b.txt': 'b\n' });
  ana.git('push', '--quiet', 'origin', 'main');
  const atHost = (...args: string[]) => cloneAt(origin, ANA).git(...args);
  return {
    folder,
    origin,
    person: ana,
    sandbox: (name) => {
      const root = path.join(folder, name);
      const directory = path.join(root, 'repo');
      mkdirSync(root);
      cloneAt(root, WORKER_IDENTITY).git('clone', '--quiet', '--branch', 'main', origin, directory);
      return { ...cloneAt(directory, WORKER_IDENTITY), root, runner: runnerGit(directory) };
    },
    subjects: (branch = BRANCH) => {
      try {
        return atHost('log', '--format=%s', `refs/heads/${branch}`, '--').split('\n');
      } catch {
        return null;
      }
    },
    write: (file, text) => cloneAt(folder, ANA).write(file, text),
    fileAt: (file, branch = BRANCH) => atHost('show', `refs/heads/${branch}:${file}`),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
