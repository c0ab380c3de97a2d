import { expect, it } from 'vitest';
import { beginningOf } from './fold.ts';

it('a short text is shown whole', () => {
  expect(beginningOf('Add a --json flag')).toBeNull();
  expect(beginningOf('a line\n'.repeat(15).trimEnd())).toBeNull();
  expect(beginningOf('x'.repeat(1_200))).toBeNull();
});

it('of a long one its first words are, none of them cut', () => {
  const beginning = beginningOf('several words '.repeat(1_000)) ?? '';
  expect(beginning.length).toBeLessThan(810);
  expect(beginning).toMatch(/(?:several|words) …$/);
});

it('of one with many lines its first lines are', () => {
  const lines = Array.from({ length: 30 }, (_, at) => `line ${at}`).join('\n');
  expect(beginningOf(lines)).toBe(`${lines.split('\n').slice(0, 10).join('\n')} …`);
});

it('a word without an end is cut, between characters', () => {
  const beginning = beginningOf('😀'.repeat(2_000).slice(1)) ?? '';
  expect(beginning.isWellFormed()).toBe(true);
  expect(beginning.length).toBeGreaterThan(700);
});

it('a code block that is cut is closed', () => {
  expect(beginningOf(`\`\`\`\n${'code\n'.repeat(100)}\`\`\``)).toMatch(/ …\n```$/);
});
