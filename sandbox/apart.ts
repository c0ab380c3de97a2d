import {
  copyFileSync,
  existsSync,
  mkdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import type { Git } from './git.ts';
import { type ChangedFile, addAllBut } from './large-files.ts';

/** What git writes beside the repository, which goes with its folder. */
export type Apart = {
  /** A bare repository that borrows the real one's objects. */
  bare: string;
  /** Environment of git in it. */
  there: Record<string, string>;
  /** Environment of git in the real repository that writes only here. */
  within: Record<string, string>;
  /** All files of the working tree but these, as a tree; index, branch and files stay as they are. */
  writeTree(leftOut: readonly ChangedFile[]): Promise<string>;
  remove(): void;
};

/**
 * Opens a place of its own for pictures of the working tree: taken every few seconds, they would
 * otherwise fill `.git` with every state that a file ever had.
 *
 * @param refs folder of refs that the bare repository is to have.
 */
export function openApart(git: Git, directory: string, scratch: string, refs = 'refs'): Apart {
  rmSync(scratch, { recursive: true, force: true });
  const bare = path.join(scratch, 'apart.git');
  for (const name of ['objects', refs]) mkdirSync(path.join(bare, name), { recursive: true });
  // The least that git takes for a bare repository.
  writeFileSync(path.join(bare, 'HEAD'), 'ref: refs/heads/none\n');
  const borrows = { GIT_ALTERNATE_OBJECT_DIRECTORIES: path.join(directory, '.git', 'objects') };
  const index = path.join(scratch, 'index');
  const within = {
    ...borrows,
    GIT_INDEX_FILE: index,
    GIT_OBJECT_DIRECTORY: path.join(bare, 'objects'),
  };
  return {
    bare,
    there: { ...borrows, GIT_DIR: bare },
    within,
    writeTree: async (leftOut) => {
      copyIndex(path.join(directory, '.git', 'index'), index);
      await addAllBut(git, leftOut, path.join(scratch, 'paths'), within);
      return git.run(['write-tree'], within);
    },
    remove: () => rmSync(scratch, { recursive: true, force: true }),
  };
}

/** With its times, by which git knows which files it need not read again. */
function copyIndex(from: string, to: string): void {
  rmSync(to, { force: true });
  if (!existsSync(from)) return;
  const { atime, mtime } = statSync(from);
  copyFileSync(from, to);
  utimesSync(to, atime, mtime);
}
