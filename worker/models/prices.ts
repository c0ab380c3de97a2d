/** Tokens of one request as the Messages API reports them. */
export type TokenCounts = {
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  /** Of those written to the cache, the ones that it keeps for an hour. */
  hourCacheWriteTokens?: number;
};

/** US dollars per million tokens. */
type Price = { input: number; output: number };

const PRICES: readonly { family: RegExp; price: Price; longPrice: Price | null }[] = [
  // Haiku costs five times as much once the prompt is longer than 100,000 tokens.
  { family: /haiku/, price: { input: 0.1, output: 0.5 }, longPrice: { input: 0.5, output: 2.5 } },
  { family: /sonnet/, price: { input: 2, output: 10 }, longPrice: null },
  { family: /opus/, price: { input: 4, output: 20 }, longPrice: null },
];

const LONG_PROMPT_TOKENS = 100_000;
const CACHE_READ_SHARE = 0.1;
const CACHE_WRITE_SHARE = 1.25;
const HOUR_CACHE_WRITE_SHARE = 2;

/** List price of one request in US dollars; 0 for a model whose price is not known. */
export function costOf(model: string, tokens: TokenCounts): number {
  const entry = PRICES.find(({ family }) => family.test(model));
  if (entry === undefined) return 0;
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = tokens;
  const forAnHour = Math.min(tokens.hourCacheWriteTokens ?? 0, cacheWriteTokens);
  const prompt = inputTokens + cacheReadTokens + cacheWriteTokens;
  const price = prompt > LONG_PROMPT_TOKENS ? (entry.longPrice ?? entry.price) : entry.price;
  const input =
    inputTokens +
    cacheReadTokens * CACHE_READ_SHARE +
    (cacheWriteTokens - forAnHour) * CACHE_WRITE_SHARE +
    forAnHour * HOUR_CACHE_WRITE_SHARE;
  return (input * price.input + outputTokens * price.output) / 1_000_000;
}

/** The most that one request can use. */
export type CallBounds = { inputTokens: number; outputTokens: number; hasHourCache: boolean };

/** The most that one request can cost, in US dollars: all of its prompt is written to the cache. */
export function worstCostOf(model: string, bounds: CallBounds): number {
  const { inputTokens: cacheWriteTokens, outputTokens, hasHourCache } = bounds;
  return costOf(model, {
    inputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens,
    hourCacheWriteTokens: hasHourCache ? cacheWriteTokens : 0,
    outputTokens,
  });
}
