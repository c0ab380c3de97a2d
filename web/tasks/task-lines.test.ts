import { expect, it } from 'vitest';
import { type TaskLine, linesOf } from './task-lines.ts';

const groups = (working: string[], over: string[]) => [
  { group: 'working' as const, ids: working },
  { group: 'in_review' as const, ids: [] },
  { group: 'over' as const, ids: over },
];
/** `(a` is the first of its group, `b)` the last. */
const words = (lines: readonly TaskLine[]) =>
  lines.map((line) =>
    line.is === 'group'
      ? `${line.group} ${line.count}`
      : `${line.isFirst ? '(' : ''}${line.id}${line.isLast ? ')' : ''}`,
  );

it('each group that has tasks stands below its heading', () => {
  expect(words(linesOf(groups(['a', 'b'], ['c']), []))).toEqual([
    'working 2',
    '(a',
    'b)',
    'over 1',
    '(c)',
  ]);
});

it('a line that says the same stays the same object, wherever it stands', () => {
  const before = linesOf(groups(['a', 'b', 'c'], ['d']), []);
  const after = linesOf(groups(['b', 'c'], ['a', 'd']), before);
  expect(words(after)).toEqual(['working 2', '(b', 'c)', 'over 2', '(a', 'd)']);
  expect(after.filter((line) => before.includes(line)).map((line) => words([line])[0])).toEqual([
    'c)',
    '(a',
  ]);
});
