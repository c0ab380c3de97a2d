import { createHash } from 'node:crypto';
import path from 'node:path';
import {
  CHANGES_HEADER,
  CHANGES_MAX_BYTES,
  type Changes,
  type FileChange,
} from '../protocol/changes.ts';
import { openApart } from './apart.ts';
import type { Gateway } from './gateway.ts';
import { changedFiles } from './large-files.ts';
import { complain } from './redactor.ts';
import type { Workspace } from './workspace.ts';

/** A new file above this is not looked into: it costs more than anybody learns from it. */
const FILE_MAX_BYTES = 20_000_000;
/** A file with more changed lines, or a longer patch, is named without them. */
const LINES_MAX = 20_000;
const PATCH_MAX_CHARS = 1_000_000;
const FILES_MAX = 2_000;
/** Room for all that is not patches. */
const PATCHES_MAX_BYTES = CHANGES_MAX_BYTES - FILES_MAX * 600;
/** Between two looks, and four times what a look takes: the worker needs the machine. */
const PAUSE_MS = 1_000;
const PAUSE_FACTOR = 4;

type Listed = Omit<FileChange, 'lines'> & { isBinary: boolean };

const KINDS: Record<string, FileChange['is']> = { A: 'added', D: 'deleted', R: 'renamed' };

/** Reads `git diff-tree --raw --numstat -z`: first what happened to each file, then its lines. */
function readList(output: string): Listed[] {
  const fields = output.split('\0');
  const raw: Pick<Listed, 'path' | 'from' | 'is' | 'hash'>[] = [];
  let at = 0;
  while (fields[at]?.startsWith(':') === true) {
    const [, , before = '', after = '', status = ''] = (fields[at] ?? '').split(' ');
    const isMoved = status.startsWith('R');
    const [first = '', second = ''] = [fields[at + 1], fields[at + 2]];
    raw.push({
      path: isMoved ? second : first,
      from: isMoved ? first : null,
      is: KINDS[status.charAt(0)] ?? 'changed',
      hash: createHash('sha256').update(`${before} ${after}`).digest('hex').slice(0, 16),
    });
    at += isMoved ? 3 : 2;
  }
  return raw.map((file) => {
    const [added = '', removed = '', name] = (fields[at] ?? '').split('\t');
    at += name === '' ? 3 : 1;
    return {
      ...file,
      added: Number.parseInt(added, 10) || 0,
      removed: Number.parseInt(removed, 10) || 0,
      isBinary: added === '-',
    };
  });
}

/** The patches of `git diff-tree --patch`, in its order, each from its first hunk on. */
function readPatches(output: string): string[] {
  // Within a hunk no line begins like this: each has its mark before it.
  return output
    .split(/^diff --git .*$/m)
    .slice(1)
    .map((section) => section.slice(section.search(/^@@ /m)))
    .map((patch) => (patch.startsWith('@@') ? patch.replace(/\n$/, '') : ''));
}

/** All that the working tree has and the base branch has not, committed or not. Touches nothing. */
export async function changesOf(
  { git, directory, root, base: begun }: Pick<Workspace, 'git' | 'directory' | 'root' | 'base'>,
  baseBranch: string,
  now: number,
): Promise<Changes> {
  const apart = openApart(git, directory, path.join(root, 'changes'));
  try {
    const tooLarge = (await changedFiles(git, directory)).filter(
      ({ bytes }) => bytes > FILE_MAX_BYTES,
    );
    const tree = await apart.writeTree(tooLarge);
    const commit = await git.run(['rev-parse', 'HEAD']);
    // What came from the base branch meanwhile is not the task's.
    const base = await git
      .run(['merge-base', 'HEAD', `refs/remotes/origin/${baseBranch}`])
      .catch(() => begun);
    const compare = (...args: string[]) =>
      git.run(['diff-tree', '-r', '-M', '--no-ext-diff', '--no-textconv', ...args], apart.within);
    const all = readList(await compare('--raw', '--numstat', '-z', '--no-abbrev', base, tree));
    const listed = all.slice(0, FILES_MAX);
    const isLong = ({ added, removed }: Listed) => added + removed > LINES_MAX;
    const left = [...listed.filter(isLong), ...all.slice(FILES_MAX)].flatMap((file) =>
      [file.path, file.from ?? file.path].map((name) => `:(top,exclude,literal)${name}`),
    );
    const patches = readPatches(await compare('--patch', base, tree, '--', ':/', ...left));
    let room = PATCHES_MAX_BYTES;
    const files = listed.map(({ isBinary, ...file }): FileChange => {
      if (isLong({ ...file, isBinary })) return { ...file, lines: { is: 'too_large' } };
      const patch = patches.shift() ?? '';
      if (isBinary) return { ...file, lines: { is: 'binary' } };
      if (patch.length > PATCH_MAX_CHARS) return { ...file, lines: { is: 'too_large' } };
      const bytes = Buffer.byteLength(JSON.stringify(patch));
      if (bytes > room) return { ...file, lines: { is: 'too_many' } };
      room -= bytes;
      return { ...file, lines: { is: 'shown', patch } };
    });
    return { at: now, base, commit, files, more: all.length - listed.length };
  } finally {
    apart.remove();
  }
}

/** Tells what the task has changed, while it works: soon after something may have, and never twice the same. */
export class ChangesReport {
  readonly #look: () => Promise<Changes>;
  readonly #gateway: Pick<Gateway, 'keep'>;
  #wanted = false;
  #told: string | null = null;
  #looking: Promise<void> | null = null;
  /** Ends the pause between two looks. */
  #wake: () => void = () => {};

  constructor(workspace: Workspace, baseBranch: string, gateway: Pick<Gateway, 'keep'>) {
    this.#look = () => changesOf(workspace, baseBranch, Date.now());
    this.#gateway = gateway;
  }

  /** Something may have changed. Looks that are asked for meanwhile are one. */
  soon(): void {
    this.#wanted = true;
    this.#looking ??= this.#goOn().finally(() => {
      this.#looking = null;
    });
  }

  /** Resolves when what stands there now has been told; a failure is logged and made good by the next. */
  async now(): Promise<void> {
    this.#wanted = false;
    this.#wake();
    await this.#looking;
    await this.#tell();
  }

  async #goOn(): Promise<void> {
    while (this.#wanted) {
      this.#wanted = false;
      const begun = Date.now();
      await this.#tell();
      if (this.#wanted) await this.#pause(Math.max(PAUSE_MS, (Date.now() - begun) * PAUSE_FACTOR));
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #tell(): Promise<void> {
    try {
      const changes = await this.#look();
      const what = JSON.stringify({ ...changes, at: 0 });
      if (what === this.#told || (this.#told === null && changes.files.length === 0)) return;
      const sum = (of: 'added' | 'removed') =>
        changes.files.reduce((lines, file) => lines + file[of], 0);
      const counts = [changes.files.length + changes.more, sum('added'), sum('removed')].join(' ');
      await this.#gateway.keep('changes', Buffer.from(JSON.stringify(changes)), {
        [CHANGES_HEADER]: counts,
      });
      this.#told = what;
    } catch (error) {
      complain(error, 'changes not told');
    }
  }
}
