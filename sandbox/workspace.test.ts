import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createGit } from './git.ts';
import { type Workspace, restoreBundle, takeSnapshot } from './workspace.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'mainloop-workspace-'));
  const origin = path.join(folder, 'origin');
  mkdirSync(origin);
  writeFileSync(path.join(origin, 'a.txt'), 'one\n');
  const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.com'];
  const run = (...args: string[]) => execFileSync('git', [...identity, ...args], { cwd: origin });
  run('init', '--quiet', '--initial-branch=main');
  run('add', '--all');
  run('commit', '--quiet', '-m', 'Begin');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function clone(name: string): Promise<Workspace> {
  const directory = path.join(folder, name);
  execFileSync('git', ['clone', '--quiet', path.join(folder, 'origin'), directory]);
  const git = createGit(directory, null);
  await git.run(['checkout', '--quiet', '-b', 'mainloop/work']);
  const head = await git.run(['rev-parse', 'HEAD']);
  return { directory, git, base: head, head, restored: false };
}

it('a snapshot holds commits and uncommitted files, and a new sandbox has both again', async () => {
  const first = await clone('first');
  writeFileSync(path.join(first.directory, 'a.txt'), 'two\n');
  await first.git.run(['commit', '--quiet', '--all', '-m', 'Two']);
  writeFileSync(path.join(first.directory, 'new.txt'), 'unfinished\n');
  const before = await first.git.run(['status', '--porcelain']);
  const snapshot = await takeSnapshot(first, null);
  if (typeof snapshot === 'string') throw new Error(snapshot);
  expect(await first.git.run(['status', '--porcelain'])).toBe(before);

  const second = await clone('second');
  await restoreBundle(second.git, folder, snapshot.bundle);
  expect(readFileSync(path.join(second.directory, 'a.txt'), 'utf8')).toBe('two\n');
  expect(readFileSync(path.join(second.directory, 'new.txt'), 'utf8')).toBe('unfinished\n');
  expect(await second.git.run(['log', '-1', '--format=%s'])).toBe('Two');
  expect(await second.git.run(['status', '--porcelain'])).toBe('?? new.txt');
});

it('nothing is taken while nothing has changed', async () => {
  const workspace = await clone('first');
  expect(await takeSnapshot(workspace, null)).toBe('unchanged');
  writeFileSync(path.join(workspace.directory, 'b.txt'), 'x');
  const snapshot = await takeSnapshot(workspace, null);
  if (typeof snapshot === 'string') throw new Error(snapshot);
  expect(await takeSnapshot(workspace, snapshot.commit)).toBe('unchanged');
});

it('the repository’s own hooks do not run', async () => {
  const workspace = await clone('first');
  const hook = path.join(workspace.directory, '.git/hooks/pre-commit');
  writeFileSync(hook, '#!/bin/sh\ntouch "$GIT_DIR/hook-ran"\nexit 1\n', { mode: 0o755 });
  writeFileSync(path.join(workspace.directory, 'a.txt'), 'three\n');
  await workspace.git.run(['commit', '--quiet', '--all', '-m', 'Three']);
  expect(await workspace.git.run(['log', '-1', '--format=%s'])).toBe('Three');
});
