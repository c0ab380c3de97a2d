import { expect, it } from 'vitest';
import { inPairs, readPatch, remarkOn } from './patch.ts';

const PATCH = [
  '@@ -3,4 +3,5 @@ function list() {',
  ' same',
  '-old',
  '+new',
  '+more',
  ' --- a dashed line',
  '@@ -20 +22 @@',
  '-last',
  '\\ No newline at end of file',
  '+last',
].join('\n');

it('lines are numbered as they were and as they are', () => {
  const hunks = readPatch(PATCH);
  expect(hunks.map(({ within }) => within)).toEqual(['function list() {', '']);
  expect(hunks[0]?.lines.map(({ is, before, after, text }) => [is, before, after, text])).toEqual([
    ['same', 3, 3, 'same'],
    ['removed', 4, null, 'old'],
    ['added', null, 4, 'new'],
    ['added', null, 5, 'more'],
    ['same', 5, 6, '--- a dashed line'],
  ]);
  expect(hunks[1]?.lines.map(({ before, after, ends }) => [before, after, ends])).toEqual([
    [20, null, false],
    [null, 22, true],
  ]);
});

it('side by side, what came stands beside what went', () => {
  const [first] = readPatch(PATCH);
  const pairs = inPairs(first?.lines ?? []);
  expect(pairs.map(({ before, after }) => [before?.text ?? null, after?.text ?? null])).toEqual([
    ['same', 'same'],
    ['old', 'new'],
    [null, 'more'],
    ['--- a dashed line', '--- a dashed line'],
  ]);
});

it('what is no patch has no lines', () => {
  expect(readPatch('')).toEqual([]);
  expect(readPatch('<script>\n+alert(1)')).toEqual([]);
});

it('a remark says where, what stands there, and what the person wants', () => {
  const [first] = readPatch(PATCH);
  const [, removed, added] = first?.lines ?? [];
  if (removed === undefined || added === undefined) throw new Error('unreachable');
  expect(remarkOn('src/list.js', added, ' Why? ')).toBe(
    'About src/list.js, line 4 as it is now:\n\n    new\n\nWhy?',
  );
  expect(remarkOn('src/list.js', removed, 'Keep it')).toContain('line 4 before the change');
});
