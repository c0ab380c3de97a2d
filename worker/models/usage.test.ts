import { expect, it } from 'vitest';
import { usageRow } from './usage.ts';

const AT = Date.UTC(2026, 10, 23, 23, 59, 59);

it('a request counts on the day on which it was made, with its tokens and its price', () => {
  const usage = {
    input_tokens: 1_000_000,
    output_tokens: 0,
    cache_read_input_tokens: null,
    cache_creation_input_tokens: null,
  };
  expect(usageRow('claude-opus-5-5', usage, AT)).toEqual({
    id: expect.stringMatching(/^[0-9A-Z]{26}$/),
    taskId: null,
    model: 'claude-opus-5-5',
    day: '2026-11-23',
    at: AT,
    inputTokens: 1_000_000,
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    cost: 4,
  });
});

it('two requests of the same moment are two rows', () => {
  const usage = {
    input_tokens: 1,
    output_tokens: 1,
    cache_read_input_tokens: 1,
    cache_creation_input_tokens: 1,
  };
  expect(usageRow('m', usage, AT).id).not.toBe(usageRow('m', usage, AT).id);
});
