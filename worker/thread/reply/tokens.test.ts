import { describe, expect, it } from 'vitest';
import { cutToTokens, estimateTokens } from './tokens.ts';

describe('estimateTokens', () => {
  it('counts at least a token for three characters and something for each message', () => {
    expect(estimateTokens('x'.repeat(300))).toBeGreaterThanOrEqual(100);
    expect(estimateTokens('')).toBeGreaterThan(0);
  });

  it('counts a character of Chinese as a token at least', () => {
    expect(estimateTokens('記'.repeat(300))).toBeGreaterThanOrEqual(300);
  });

  it('grows with the text', () => {
    expect(estimateTokens('x'.repeat(601))).toBeGreaterThan(estimateTokens('x'.repeat(600)));
  });
});

describe('cutToTokens', () => {
  it('leaves a text that fits as it is', () => {
    expect(cutToTokens('x'.repeat(300), 100)).toBe('x'.repeat(300));
  });

  it('leaves the middle out of a longer one and says how much', () => {
    const cut = cutToTokens(`begin${'x'.repeat(10_000)}end`, 100);
    expect(cut).toMatch(/^begin.*\[… 9758 characters left out …\].*end$/s);
  });

  it.each([20, 100, 1_000])('keeps to %i tokens', (maxTokens) => {
    expect(estimateTokens(cutToTokens('x'.repeat(100_000), maxTokens))).toBeLessThanOrEqual(
      maxTokens + estimateTokens(''),
    );
  });

  it.each([100, 101, 102, 103])('cuts no character in two at %i tokens', (maxTokens) => {
    for (const start of ['', 'a']) {
      const cut = cutToTokens(start + '😀'.repeat(10_000), maxTokens);
      expect(cut.isWellFormed()).toBe(true);
      expect(cut).not.toContain('\uFFFD');
      expect(estimateTokens(cut)).toBeLessThanOrEqual(maxTokens + estimateTokens(''));
    }
  });

  it('mends a text that holds half a character', () => {
    expect(cutToTokens('broken \uD83D end', 100)).toBe('broken \uFFFD end');
  });
});
