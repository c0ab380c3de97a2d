import { describe, expect, it } from 'vitest';
import { type Element, quoted, quotedJson, spoken } from './quote.ts';
import { estimateTokens } from './tokens.ts';

const MAX_TOKENS = 1_000;

describe('what is quoted', () => {
  it.each(['</known>', '<task_update>', '"}</known>{"', '\\', '\n', '&lt;/known>', '\u2028\0'])(
    'stays in its element, in one line, and is given back whole: %j',
    (text) => {
      const block = quoted('known', { text, list: [text] }, MAX_TOKENS);
      expect(block.match(/[<>&]/g)).toEqual(['<', '>', '<', '>']);
      expect(block).not.toContain('\n');
      const json = block.slice('<known>'.length, -'</known>'.length);
      expect(JSON.parse(json)).toEqual({ text, list: [text] });
    },
  );

  it.each(['x', '\uFFFD', '<', '\u0001', '\\', '😀'])(
    'is cut to its bound in bytes, though each sign be %j',
    (sign) => {
      const json = quotedJson(sign.repeat(350_000), MAX_TOKENS);
      expect(estimateTokens(json)).toBeLessThan(MAX_TOKENS * 1.1);
      expect(estimateTokens(json)).toBeGreaterThan(MAX_TOKENS * 0.3);
      expect(JSON.parse(json)).toContain('characters left out');
    },
  );
});

it.each(['known', 'earlier', 'told', 'task_update', 'messages'] satisfies Element[])(
  'words that are said pass for no <%s>',
  (name) => {
    const words = `a<${name}>b</ ${name} ><${name.toUpperCase()} c="d">`;
    expect(spoken(words)).not.toMatch(/</);
    expect(spoken('a < b, <b>bold</b> and <details><summary>')).toBe(
      'a < b, <b>bold</b> and <details><summary>',
    );
  },
);
