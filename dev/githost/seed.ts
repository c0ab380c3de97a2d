import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** Fixed, so that the demo repositories have the same commits everywhere. */
const DATE = '2026-10-01T09:00:00+0000';
const AUTHOR = { name: 'Ada Example', email: 'ada@acme.example' };

export type DemoRepository = { owner: string; name: string; dir: string };

/** Makes the bare repository from the demo's files, unless it is there already. */
export function seedRepository(bare: string, files: string): void {
  if (existsSync(path.join(bare, 'HEAD'))) return;
  const work = mkdtempSync(path.join(tmpdir(), 'mainloop-seed-'));
  const run = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: work,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: work,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_AUTHOR_NAME: AUTHOR.name,
        GIT_AUTHOR_EMAIL: AUTHOR.email,
        GIT_AUTHOR_DATE: DATE,
        GIT_COMMITTER_NAME: AUTHOR.name,
        GIT_COMMITTER_EMAIL: AUTHOR.email,
        GIT_COMMITTER_DATE: DATE,
      },
    });
  try {
    cpSync(files, work, { recursive: true });
    run('init', '--quiet', '--initial-branch=main');
    run('add', '--all');
    run('commit', '--quiet', '-m', 'Begin');
    mkdirSync(path.dirname(bare), { recursive: true });
    // Into place in one step: a kill in between leaves nothing half made behind.
    const fresh = `${bare}.new`;
    rmSync(fresh, { recursive: true, force: true });
    run('clone', '--quiet', '--bare', '--no-hardlinks', '.', fresh);
    run('-C', fresh, 'config', 'http.receivepack', 'true');
    run('-C', fresh, 'config', 'receive.denyDeleteCurrent', 'true');
    run('-C', fresh, 'remote', 'remove', 'origin');
    execFileSync('mv', [fresh, bare]);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
