import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const DEMO = fileURLToPath(new URL('../../demo', import.meta.url));

/** Runs all tests of a demo repository in one process. */
export const QUICK_TESTS = ['--test', '--test-reporter=spec', '--test-isolation=none'];

export type DemoClone = {
  cwd: string;
  /** Runs git in it and returns what it printed. */
  git(...args: string[]): string;
  /** Throws with the output when a test fails. */
  runTests(): string;
  remove(): void;
};

/** A demo repository in a folder of its own, with one commit on `main`. */
export function cloneDemo(name: string): DemoClone {
  const folder = mkdtempSync(path.join(tmpdir(), `demo-${name}-`));
  const cwd = path.join(folder, name);
  cpSync(path.join(DEMO, name), cwd, { recursive: true });
  const options = { cwd, encoding: 'utf8', stdio: 'pipe' } as const;
  const git = (...args: string[]) => execFileSync('git', args, options).trim();
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.name', 'Test');
  git('config', 'user.email', 'test@localhost');
  git('add', '--all');
  git('commit', '--quiet', '--message=Begin');
  return {
    cwd,
    git,
    runTests: () => {
      const { stdout, status } = spawnSync('node', QUICK_TESTS, { cwd, encoding: 'utf8' });
      if (status !== 0) throw new Error(stdout);
      return stdout;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
