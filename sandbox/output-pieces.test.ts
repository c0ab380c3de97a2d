import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { OutputPieces } from './output-pieces.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function watched() {
  const pieces: string[] = [];
  return { pieces, output: new OutputPieces((text) => pieces.push(text)) };
}

it('an output is shown soon, in one piece with what comes right after it', () => {
  const { pieces, output } = watched();
  output.add('one\n');
  output.add('two\n');
  expect(pieces).toEqual([]);
  vi.advanceTimersByTime(1_000);
  expect(pieces).toEqual(['one\ntwo\n']);
  expect(output.end()).toBe('one\ntwo\n');
  expect(pieces).toHaveLength(1);
});

it('much of it comes in pieces of whole characters', () => {
  const { pieces, output } = watched();
  const text = `x${'🎉'.repeat(20_000)}`;
  output.add(text);
  output.end();
  expect(pieces.join('')).toBe(text);
  expect(pieces.length).toBeGreaterThan(4);
  expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
});

it('of too much the beginning and the end are shown, and how much is between them', () => {
  const { pieces, output } = watched();
  for (let line = 0; line < 50_000; line++) output.add(`line ${String(line).padStart(5, '0')}\n`);
  const tail = output.end();
  const text = pieces.join('');
  expect(text.length).toBeLessThan(130_000);
  expect(text.startsWith('line 00000\n')).toBe(true);
  expect(text.endsWith('line 49999\n')).toBe(true);
  expect(text).toMatch(/\[… [\d,]+ characters are left out …\]/);
  expect(tail.endsWith('line 49999\n')).toBe(true);
});

it('what is a little too much is shown once, without a gap', () => {
  const { pieces, output } = watched();
  const all = `${'a'.repeat(119_990)}${'b'.repeat(30)}`;
  output.add(all);
  output.end();
  const text = pieces.join('');
  expect(text === all).toBe(true);
});
