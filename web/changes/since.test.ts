import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Changes, FileChange } from '../../protocol/changes.ts';
import { type Hunk, readPatch } from './patch.ts';
import { hunksBetween, sinceSeen } from './since.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'since-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** As a runner tells it: git's own hunks. */
function patchOf(before: readonly string[], after: readonly string[]): string {
  const [one, other] = [path.join(folder, 'one'), path.join(folder, 'other')];
  writeFileSync(one, before.map((line) => `${line}\n`).join(''));
  writeFileSync(other, after.map((line) => `${line}\n`).join(''));
  try {
    execFileSync('git', ['diff', '--no-index', '--no-color', one, other]);
    return '';
  } catch (error) {
    const output: unknown = Reflect.get(Object(error), 'stdout');
    const text = String(output);
    return text.slice(text.search(/^@@ /m));
  }
}

/** Carries the hunks out on a text; throws where they say something else than stands there. */
function carriedOut(text: readonly string[], hunks: readonly Hunk[]): string[] {
  const result: string[] = [];
  let at = 1;
  for (const line of hunks.flatMap(({ lines }) => lines)) {
    for (; line.before !== null && at < line.before; at++) result.push(text[at - 1] ?? '');
    if (line.before !== null) {
      if (text[at - 1] !== line.text) throw new Error(`Line ${at} is another.`);
      at++;
    }
    if (line.is !== 'removed') {
      if (line.is === 'added') {
        // Where it comes to stand follows from its number.
        for (; result.length + 1 < (line.after ?? 0); at++) result.push(text[at - 1] ?? '');
      }
      result.push(line.text);
      if (result.length !== line.after) throw new Error(`It stands at ${result.length}.`);
    }
  }
  return [...result, ...text.slice(at - 1)];
}

/** The same numbers for the same seed. https://en.wikipedia.org/wiki/Linear_congruential_generator */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function edited(text: readonly string[], next: (below: number) => number): string[] {
  const lines = [...text];
  for (let edit = next(5); edit >= 0; edit--) {
    const at = next(lines.length + 1);
    lines.splice(at, next(4), ...Array.from({ length: next(4) }, () => `new ${next(6)}`));
  }
  return lines;
}

describe('between two versions of a work on the same base', () => {
  it.each(Array.from({ length: 40 }, (_, seed) => seed))(
    'the hunks lead from the one to the other: seed %i',
    (seed) => {
      const next = numbers(seed);
      const base = Array.from({ length: next(3) === 0 ? 0 : 60 }, () => `line ${next(20)}`);
      const before = edited(base, next);
      const now = next(2) === 0 ? edited(before, next) : edited(base, next);
      const hunks = hunksBetween(readPatch(patchOf(base, before)), readPatch(patchOf(base, now)));
      expect(carriedOut(before, hunks)).toEqual(now);
    },
  );

  it('nothing is shown where nothing changed since', () => {
    const base = Array.from({ length: 40 }, (_, at) => `line ${at}`);
    const patch = readPatch(patchOf(base, base.with(20, 'changed')));
    expect(hunksBetween(patch, patch)).toEqual([]);
  });

  it('only what changed since is shown, near its lines', () => {
    const base = Array.from({ length: 80 }, (_, at) => `line ${at}`);
    const before = base.with(10, 'first');
    const [hunk, ...others] = hunksBetween(
      readPatch(patchOf(base, before)),
      readPatch(patchOf(base, before.with(60, 'second'))),
    );
    expect(others).toEqual([]);
    expect(hunk?.lines.map(({ is }) => is)).toEqual([
      'same',
      'same',
      'same',
      'removed',
      'added',
      'same',
      'same',
      'same',
    ]);
    expect(hunk?.lines[3]).toMatchObject({ before: 61, text: 'line 60' });
  });
});

const file = (name: string, hash: string, patch: string): FileChange => ({
  path: name,
  from: null,
  is: 'changed',
  added: 1,
  removed: 1,
  hash,
  lines: { is: 'shown', patch },
});
const changes = (files: FileChange[], base = 'a'.repeat(40)): Changes => ({
  at: 1,
  base,
  commit: 'b'.repeat(40),
  files,
  more: 0,
});
const PATCH = '@@ -1 +1 @@\n-old\n+new';

describe('what is another than when it was seen', () => {
  it('are the files that changed, came, or were put back', () => {
    const seen = changes([
      file('stays', '1', PATCH),
      file('changes', '1', PATCH),
      file('goes', '1', PATCH),
    ]);
    const now = changes([
      file('stays', '1', PATCH),
      file('changes', '2', PATCH.replace('new', 'newer')),
      file('comes', '1', PATCH),
    ]);
    const found = sinceSeen(seen, now);
    expect(found.map(({ file: { path: name }, isPutBack }) => [name, isPutBack])).toEqual([
      ['changes', false],
      ['comes', false],
      ['goes', true],
    ]);
    const texts = found.map(({ hunks }) =>
      hunks?.flatMap(({ lines }) => lines.map(({ is, text }) => `${is} ${text}`)),
    );
    expect(texts).toEqual([
      ['removed new', 'added newer'],
      ['removed old', 'added new'],
      ['removed new', 'added old'],
    ]);
  });

  it('is told by file only where the base is another, or lines are not there', () => {
    const seen = changes([file('a', '1', PATCH)]);
    expect(sinceSeen(seen, changes([file('a', '2', PATCH)], 'c'.repeat(40)))).toMatchObject([
      { hunks: null },
    ]);
    const large: FileChange = { ...file('a', '2', ''), lines: { is: 'too_large' } };
    expect(sinceSeen(seen, changes([large]))).toMatchObject([{ hunks: null }]);
  });
});
