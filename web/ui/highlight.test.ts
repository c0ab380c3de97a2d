import { expect, it } from 'vitest';
import { highlightLines, languageOf } from './highlight.ts';

const textOf = (lines: ReturnType<typeof highlightLines>) =>
  lines.map((line) => line.map(({ text }) => text).join('')).join('\n');

it('a language is known by a file’s name', () => {
  expect(languageOf('src/list.mjs')).toBe('javascript');
  expect(languageOf('a/b.test.TS')).toBe('ts');
  expect(languageOf('Makefile')).toBe('makefile');
  expect(languageOf('photo.heic')).toBeNull();
});

it('words get their kinds, and a comment over several lines has them in each', () => {
  const lines = highlightLines('const a = 1;\n/* one\ntwo */', 'javascript');
  expect(lines[0]?.[0]).toEqual({ text: 'const', kind: 'keyword' });
  expect(lines[1]).toEqual([{ text: '/* one', kind: 'comment' }]);
  expect(lines[2]).toEqual([{ text: 'two */', kind: 'comment' }]);
});

it.each(['<b>&amp;\n\n"\u0000</b>\n', '', 'a\r\nb', '\ud800'])('nothing of %j is lost', (text) => {
  for (const language of ['xml', 'javascript', null]) {
    expect(textOf(highlightLines(text, language))).toBe(text);
  }
});
