import { expect, it } from 'vitest';
import { changedLines, lineDiff } from './line-diff.ts';

const drawn = (before: string, after: string) =>
  lineDiff(before, after).map(
    ({ is, text }) => `${{ same: ' ', added: '+', removed: '-' }[is]}${text}`,
  );

it.each([
  ['a\nb\nc', 'a\nb\nc', [' a', ' b', ' c']],
  ['a\nb\nc', 'a\nx\nc', [' a', '-b', '+x', ' c']],
  ['a', 'a\nb', [' a', '+b']],
  ['a\nb', 'b', ['-a', ' b']],
  ['', 'a', ['-', '+a']],
  ['a\nb\na', 'b\na\nb', ['-a', ' b', ' a', '+b']],
])('%j to %j', (before, after, lines) => {
  expect(drawn(before, after)).toEqual(lines);
});

it('shows what changed with a line around it, and a gap for the rest', () => {
  const before = ['1', '2', '3', '4', '5', '6', '7', '8'].join('\n');
  const shown = changedLines(lineDiff(before, before.replace('4', 'four')));
  expect(shown.map((line) => line?.text ?? null)).toEqual([null, '3', '4', 'four', '5', null]);
});
