import { randomBytes } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Pictured,
  type Snapshot,
  isRebasing,
  putBack,
  takeSnapshot,
  unpackSnapshot,
} from './snapshot.ts';
import { BRANCH, type Repositories, makeRepositories } from './testing/repositories.ts';

let repositories: Repositories;
beforeEach(() => {
  repositories = makeRepositories();
});
afterEach(() => repositories.remove());

type Sandbox = ReturnType<Repositories['sandbox']>;

function begin(name = 'first'): { sandbox: Sandbox; pictured: Pictured } {
  const sandbox = repositories.sandbox(name);
  sandbox.git('checkout', '--quiet', '-b', BRANCH);
  const { runner: git, directory, root } = sandbox;
  const base = sandbox.git('rev-parse', 'HEAD');
  return { sandbox, pictured: { git, directory, root, base, branch: BRANCH, lastSeen: null } };
}

function taken(snapshot: Snapshot) {
  if (snapshot.is !== 'taken') throw new Error(`It is ${snapshot.is}.`);
  return snapshot;
}

async function restore(bundle: Uint8Array, name = 'second'): Promise<Sandbox> {
  const { sandbox } = begin(name);
  await putBack(sandbox.runner, await unpackSnapshot(sandbox.runner, sandbox.root, bundle));
  return sandbox;
}

/** Size of a repository's `.git`, in bytes of its files. */
function sizeOf({ directory }: Sandbox): number {
  const output = execFileSync('du', ['--summarize', '--bytes', path.join(directory, '.git')]);
  return Number.parseInt(output.toString(), 10);
}

it('a snapshot holds commits and uncommitted files, and a new sandbox has both again', async () => {
  const { sandbox, pictured } = begin();
  sandbox.commit('Two', { 'a.txt': 'two\n' });
  sandbox.write('new.txt', 'unfinished\n');
  sandbox.git('rm', '--quiet', 'b.txt');
  const before = sandbox.git('status', '--porcelain');
  const { bundle } = taken(await takeSnapshot(pictured, null));
  expect(sandbox.git('status', '--porcelain')).toBe(before);

  const second = await restore(bundle);
  expect(second.read('a.txt')).toBe('two\n');
  expect(second.read('new.txt')).toBe('unfinished\n');
  expect(second.git('log', '-1', '--format=%s')).toBe('Two');
  expect(second.git('status', '--porcelain').split('\n')).toEqual([' D b.txt', '?? new.txt']);
});

it('nothing is taken while nothing has changed', async () => {
  const { sandbox, pictured } = begin();
  expect(await takeSnapshot(pictured, null)).toMatchObject({ is: 'unchanged' });
  sandbox.write('c.txt', 'x');
  const { commit } = taken(await takeSnapshot(pictured, null));
  expect(await takeSnapshot(pictured, commit)).toMatchObject({ is: 'unchanged' });
});

it('a snapshot tells where the branch at the host was last seen', async () => {
  const { sandbox, pictured } = begin();
  sandbox.write('c.txt', 'x');
  for (const lastSeen of [null, pictured.base]) {
    const { bundle } = taken(await takeSnapshot({ ...pictured, lastSeen }, null));
    const kept = await unpackSnapshot(pictured.git, sandbox.root, bundle);
    expect(kept.lastSeen).toBe(lastSeen);
  }
});

it('after a hundred snapshots of files that change, the repository is not larger than before', async () => {
  const { sandbox, pictured } = begin();
  const before = sizeOf(sandbox);
  let last: string | null = null;
  for (let number = 0; number < 100; number++) {
    writeFileSync(path.join(sandbox.directory, 'data.bin'), randomBytes(100_000));
    last = taken(await takeSnapshot(pictured, last)).commit;
  }
  // A snapshot of this file is 100 kB: not one of them may stay.
  expect(sizeOf(sandbox) - before).toBeLessThan(50_000);
  expect(sandbox.git('fsck', '--full')).toBe('');
}, 120_000);

describe('a file that is too large', () => {
  const limits = { fileMaxBytes: 50_000 };
  const put = (sandbox: Sandbox, file: string, bytes: number) =>
    writeFileSync(path.join(sandbox.directory, file), randomBytes(bytes));

  it('is left out by name, and all else is kept', async () => {
    const { sandbox, pictured } = begin();
    put(sandbox, 'build [1].bin', 60_000);
    sandbox.write('notes.txt', 'keep me\n');
    const { bundle, leftOut } = taken(await takeSnapshot(pictured, null, limits));
    expect(leftOut).toEqual([{ path: 'build [1].bin', bytes: 60_000 }]);
    const second = await restore(bundle);
    expect(second.git('status', '--porcelain')).toBe('?? notes.txt');
  });

  it('is named where there is nothing else to keep', async () => {
    const { sandbox, pictured } = begin();
    put(sandbox, 'build.bin', 60_000);
    const leftOut = [{ path: 'build.bin', bytes: 60_000 }];
    expect(await takeSnapshot(pictured, null, limits)).toEqual({ is: 'unchanged', leftOut });
  });

  it('is left out though it was staged, and one that grew stays as it was committed', async () => {
    const { sandbox, pictured } = begin();
    put(sandbox, 'build.bin', 60_000);
    sandbox.git('add', '--all');
    put(sandbox, 'a.txt', 70_000);
    sandbox.write('notes.txt', 'keep me\n');
    const { bundle, leftOut } = taken(await takeSnapshot(pictured, null, limits));
    expect(leftOut.map((file) => file.path)).toEqual(['a.txt', 'build.bin']);
    const second = await restore(bundle);
    expect(second.read('a.txt')).toBe('one\ntwo\nthree\n');
    expect(second.git('status', '--porcelain')).toBe('?? notes.txt');
    expect(sandbox.git('status', '--porcelain').split('\n')).toContain('A  build.bin');
  });

  it('together with others leaves the largest out until the rest fits', async () => {
    const { sandbox, pictured } = begin();
    for (const [file, bytes] of Object.entries({ small: 20_000, middle: 30_000, large: 40_000 })) {
      put(sandbox, file, bytes);
    }
    const bundleMaxBytes = 60_000;
    const { bundle, leftOut } = taken(await takeSnapshot(pictured, null, { bundleMaxBytes }));
    expect(leftOut.map((file) => file.path)).toEqual(['large']);
    expect(bundle.byteLength).toBeLessThanOrEqual(bundleMaxBytes);
    const second = await restore(bundle);
    expect(second.git('status', '--porcelain').split('\n')).toEqual(['?? middle', '?? small']);
  });

  it('and committed is too large for any checkpoint', async () => {
    const { sandbox, pictured } = begin();
    put(sandbox, 'build.bin', 60_000);
    sandbox.git('add', '--all');
    sandbox.git('commit', '--quiet', '-m', 'A build');
    sandbox.write('notes.txt', 'keep me\n');
    expect(await takeSnapshot(pictured, null, { bundleMaxBytes: 50_000 })).toMatchObject({
      is: 'too_large',
    });
  });
});

describe('a snapshot would lose commits', () => {
  it('in the middle of a rebase, so that none is taken', async () => {
    const { sandbox, pictured } = begin();
    sandbox.commit('Ours', { 'a.txt': 'ours\n' });
    sandbox.git('checkout', '--quiet', '-b', 'other', 'HEAD~1');
    sandbox.commit('Theirs', { 'a.txt': 'theirs\n' });
    sandbox.git('checkout', '--quiet', BRANCH);
    expect(() => sandbox.git('rebase', 'other')).toThrow(/could not apply/);
    expect(isRebasing(sandbox.directory)).toBe(true);
    for (const anywhere of [true, false]) {
      expect(await takeSnapshot(pictured, null, { anywhere })).toEqual({ is: 'elsewhere' });
    }
    sandbox.git('rebase', '--abort');
    expect(await takeSnapshot(pictured, null)).toMatchObject({ is: 'taken' });
  });

  it('while the worker looks at another commit; at a turn’s end that is where its work is', async () => {
    const { sandbox, pictured } = begin();
    sandbox.commit('Ours', { 'a.txt': 'ours\n' });
    sandbox.git('checkout', '--quiet', 'main');
    sandbox.write('c.txt', 'x');
    expect(await takeSnapshot(pictured, null)).toEqual({ is: 'elsewhere' });
    expect(await takeSnapshot(pictured, null, { anywhere: true })).toMatchObject({ is: 'taken' });
  });
});

it('the repository’s own hooks do not run', async () => {
  const { sandbox } = begin();
  const hook = path.join(sandbox.directory, '.git/hooks/pre-commit');
  writeFileSync(hook, '#!/bin/sh\ntouch "$GIT_DIR/hook-ran"\nexit 1\n', { mode: 0o755 });
  sandbox.write('a.txt', 'three\n');
  await sandbox.runner.run(['commit', '--quiet', '--all', '-m', 'Three']);
  expect(sandbox.git('log', '-1', '--format=%s')).toBe('Three');
});
