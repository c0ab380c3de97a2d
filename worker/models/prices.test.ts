import { describe, expect, it } from 'vitest';
import { costOf, worstCostOf } from './prices.ts';

const none = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
const MILLION = 1_000_000;

describe('what a request costs', () => {
  it.each([
    ['claude-haiku-5-5', 0.01, 0.05],
    ['claude-sonnet-5-5', 0.2, 1],
    ['claude-opus-5-5', 0.4, 2],
  ])('%s: $%f for 100,000 tokens in, $%f for 100,000 out', (model, input, output) => {
    expect(costOf(model, { ...none, inputTokens: 100_000 })).toBeCloseTo(input, 10);
    expect(costOf(model, { ...none, outputTokens: 100_000 })).toBeCloseTo(output, 10);
  });

  it('reading from the cache costs a tenth, writing to it a quarter more', () => {
    expect(costOf('claude-opus-5-5', { ...none, cacheReadTokens: MILLION })).toBeCloseTo(0.4, 10);
    expect(costOf('claude-opus-5-5', { ...none, cacheWriteTokens: MILLION })).toBeCloseTo(5, 10);
  });

  it('writing to the cache for an hour costs twice as much as reading without one', () => {
    const tokens = { ...none, cacheWriteTokens: MILLION, hourCacheWriteTokens: MILLION / 2 };
    expect(costOf('claude-opus-5-5', tokens)).toBeCloseTo(2.5 + 4, 10);
  });

  it.each([false, true])(
    'at most is with all of it written to the cache: for an hour %s',
    (hasHourCache) => {
      const bounds = { inputTokens: MILLION, outputTokens: 100_000, hasHourCache };
      expect(worstCostOf('claude-opus-5-5', bounds)).toBeCloseTo((hasHourCache ? 8 : 5) + 2, 10);
    },
  );

  it('Haiku costs five times as much once the whole prompt is longer than 100,000 tokens', () => {
    const prompt = { inputTokens: 50_000, cacheReadTokens: 25_000, cacheWriteTokens: 25_000 };
    const short = costOf('claude-haiku-5-5', { ...prompt, outputTokens: 1_000 });
    const long = costOf('claude-haiku-5-5', {
      ...prompt,
      inputTokens: 50_001,
      outputTokens: 1_000,
    });
    expect(long / short).toBeCloseTo(5, 3);
  });

  it('a prompt of any length has one price on the others', () => {
    const one = costOf('claude-opus-5-5', { ...none, inputTokens: 100_000 });
    expect(costOf('claude-opus-5-5', { ...none, inputTokens: 200_000 })).toBeCloseTo(2 * one, 10);
  });

  it('nothing used costs nothing, and neither does a model whose price is not known', () => {
    expect(costOf('claude-opus-5-5', none)).toBe(0);
    expect(costOf('some-other-model', { ...none, inputTokens: MILLION })).toBe(0);
  });
});
