import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

/** Fixed, so that the demo repositories have the same commits everywhere. */
const DATE = '2026-10-01T09:00:00+0000';
const AUTHOR = { name: 'Ada Example', email: 'ada@acme.example' };

const SETTINGS = `[http]
\treceivepack = true
[receive]
\tdenyDeleteCurrent = true
`;

export type DemoRepository = { owner: string; name: string; dir: string };

/** Makes the bare repository from the demo's files, unless it is there already. */
export function seedRepository(bare: string, files: string): void {
  if (existsSync(path.join(bare, 'HEAD'))) return;
  // Into place in one step: a kill in between leaves nothing half made behind.
  const fresh = `${bare}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(path.dirname(bare), { recursive: true });
  const run = (...args: string[]) =>
    execFileSync('git', args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: fresh,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_AUTHOR_NAME: AUTHOR.name,
        GIT_AUTHOR_EMAIL: AUTHOR.email,
        GIT_AUTHOR_DATE: DATE,
        GIT_COMMITTER_NAME: AUTHOR.name,
        GIT_COMMITTER_EMAIL: AUTHOR.email,
        GIT_COMMITTER_DATE: DATE,
      },
    });
  run('init', '--quiet', '--bare', '--initial-branch=main', fresh);
  appendFileSync(path.join(fresh, 'config'), SETTINGS);
  // From the files where they are: a repository without a work tree takes one for these two.
  const there = ['-c', 'core.bare=false', '--git-dir', fresh, '--work-tree', files];
  run(...there, 'add', '--all');
  run(...there, 'commit', '--quiet', '-m', 'Begin');
  rmSync(path.join(fresh, 'index'));
  renameSync(fresh, bare);
}
