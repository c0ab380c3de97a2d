import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CHANGES_HEADER, CHANGES_MAX_BYTES, Changes, readCounts } from '../protocol/changes.ts';
import { ChangesReport, changesOf } from './changes.ts';
import { type Workspace, beginWork } from './workspace.ts';
import { BRIEF, type Repositories, makeRepositories } from './testing/repositories.ts';

let repositories: Repositories;
let sandbox: ReturnType<Repositories['sandbox']>;
let workspace: Workspace;
beforeEach(async () => {
  repositories = makeRepositories();
  repositories.person.commit('More', {
    'list.txt': Array.from({ length: 40 }, (_, at) => `line ${at + 1}\n`).join(''),
    'old name.txt': 'one\ntwo\nthree\nfour\nfive\n',
    'gone.txt': 'gone\n',
  });
  repositories.person.git('push', '--quiet', 'origin', 'main');
  sandbox = repositories.sandbox('work');
  workspace = await beginWork(sandbox.runner, sandbox.root, sandbox.directory, BRIEF, null);
});
afterEach(() => repositories.remove());

const look = async () => Changes.parse(await changesOf(workspace, 'main', 7));
const fileOf = (changes: Changes, name: string) => changes.files.find((file) => file.path === name);

describe('what has changed', () => {
  it('is nothing at first', async () => {
    expect(await look()).toMatchObject({ files: [], more: 0, at: 7 });
  });

  it('is told by file with its lines, whether it is committed or not, and git is as it was', async () => {
    sandbox.commit('First', {
      'list.txt': sandbox.read('list.txt').replace('line 20\n', 'twenty\n'),
    });
    sandbox.write('fresh/new.txt', 'a\nb\n');
    sandbox.git('rm', '--quiet', 'gone.txt');
    sandbox.git('mv', 'old name.txt', 'new name.txt');
    const before = sandbox.git('status', '--porcelain');
    const changes = await look();
    expect(sandbox.git('status', '--porcelain')).toBe(before);
    expect(changes.commit).toBe(sandbox.git('rev-parse', 'HEAD'));
    expect(changes.files.map(({ path: name, is }) => [name, is])).toEqual([
      ['fresh/new.txt', 'added'],
      ['gone.txt', 'deleted'],
      ['list.txt', 'changed'],
      ['new name.txt', 'renamed'],
    ]);
    expect(fileOf(changes, 'list.txt')).toMatchObject({
      added: 1,
      removed: 1,
      lines: {
        is: 'shown',
        patch: [
          '@@ -17,7 +17,7 @@ line 16',
          ' line 17\n line 18\n line 19\n-line 20\n+twenty\n line 21\n line 22\n line 23',
        ].join('\n'),
      },
    });
    expect(fileOf(changes, 'new name.txt')).toMatchObject({
      from: 'old name.txt',
      lines: { is: 'shown', patch: '' },
    });
  });

  it('keeps each file’s lines apart, whatever stands in them', async () => {
    const hostile = 'diff --git a/x b/x\n@@ -1 +1 @@\n--- a/x\n+++ b/x\n\\ No newline\n';
    sandbox.write('a.html', hostile);
    sandbox.write('z "quoted"\tname.txt', 'last');
    const changes = await look();
    const patch = (name: string) => {
      const lines = fileOf(changes, name)?.lines;
      return lines?.is === 'shown' ? lines.patch.split('\n').slice(1) : null;
    };
    expect(patch('a.html')).toEqual(
      hostile
        .trimEnd()
        .split('\n')
        .map((line) => `+${line}`),
    );
    expect(patch('z "quoted"\tname.txt')).toEqual(['+last', '\\ No newline at end of file']);
  });

  it('leaves out what came from the base branch', async () => {
    sandbox.commit('Mine', { 'mine.txt': 'mine\n' });
    repositories.person.commit('Theirs', { 'theirs.txt': 'theirs\n' });
    repositories.person.git('push', '--quiet', 'origin', 'main');
    sandbox.git('-c', 'protocol.file.allow=always', 'fetch', '--quiet', 'origin');
    sandbox.git('merge', '--quiet', '--no-edit', 'origin/main');
    expect((await look()).files.map(({ path: name }) => name)).toEqual(['mine.txt']);
  });

  it('names what nobody would read without its lines', async () => {
    writeFileSync(path.join(sandbox.directory, 'picture.png'), randomBytes(2_000));
    sandbox.write('generated.txt', 'x\n'.repeat(30_000));
    sandbox.write('one line.txt', 'x'.repeat(1_500_000));
    sandbox.write('list.txt', 'short\n');
    const changes = await look();
    expect(changes.files.map(({ path: name, lines }) => [name, lines.is])).toEqual([
      ['generated.txt', 'too_large'],
      ['list.txt', 'shown'],
      ['one line.txt', 'too_large'],
      ['picture.png', 'binary'],
    ]);
    expect(fileOf(changes, 'generated.txt')).toMatchObject({ added: 30_000, removed: 0 });
  });

  it('stays under its bound, whatever a worker makes', async () => {
    for (let at = 0; at < 2_100; at++) sandbox.write(`many/${at}-${'n'.repeat(150)}.txt`, '"\\\n');
    for (let at = 0; at < 8; at++) sandbox.write(`wide/${at}.txt`, '"'.repeat(900_000));
    const changes = await look();
    expect(changes).toMatchObject({ more: 108 });
    expect(changes.files).toHaveLength(2_000);
    expect(Buffer.byteLength(JSON.stringify(changes))).toBeLessThan(CHANGES_MAX_BYTES);
  }, 60_000);
});

describe('a report', () => {
  type Kept = { body: Uint8Array; about: Record<string, string> };
  const kept: Kept[] = [];
  let report: ChangesReport;
  beforeEach(() => {
    kept.length = 0;
    const keep = async (_part: string, body: Uint8Array, about: Record<string, string>) => {
      kept.push({ body, about });
    };
    report = new ChangesReport(workspace, 'main', { keep });
  });

  it('is made of what is new, once, with its counts', async () => {
    await report.now();
    expect(kept).toEqual([]);
    sandbox.write('new.txt', 'a\nb\n');
    await report.now();
    await report.now();
    expect(kept).toHaveLength(1);
    expect(readCounts(kept[0]?.about[CHANGES_HEADER] ?? null)).toEqual({
      files: 1,
      added: 2,
      removed: 0,
    });
    // What was taken back is news, too.
    sandbox.git('clean', '--quiet', '--force');
    await report.now();
    expect(kept).toHaveLength(2);
    expect(Changes.parse(JSON.parse(Buffer.from(kept[1]?.body ?? []).toString())).files).toEqual(
      [],
    );
  });

  it('at the end is not kept waiting by the pause between two looks', async () => {
    // With a clock that stands still no pause ends by itself.
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    try {
      sandbox.write('new.txt', 'one\n');
      report.soon();
      report.soon();
      await vi.waitUntil(() => kept.length === 1 && vi.getTimerCount() === 1, { timeout: 20_000 });
      sandbox.write('new.txt', 'one\ntwo\n');
      await report.now();
      expect(readCounts(kept.at(-1)?.about[CHANGES_HEADER] ?? null)?.added).toBe(2);
    } finally {
      vi.useRealTimers();
    }
  });

  it('of many calls at once is few looks, and the last of them is made', async () => {
    for (let at = 0; at < 50; at++) {
      sandbox.write('new.txt', 'x\n'.repeat(at + 1));
      report.soon();
    }
    await expect
      .poll(() => readCounts(kept.at(-1)?.about[CHANGES_HEADER] ?? null)?.added, {
        timeout: 20_000,
      })
      .toBe(50);
    expect(kept.length).toBeLessThanOrEqual(3);
  });
});
