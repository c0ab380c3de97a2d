import type { Usage as ModelUsage } from '@anthropic-ai/sdk/resources/messages';
import { ulid } from 'ulid';
import type { Usage } from '../../protocol/model.ts';
import { costOf } from './prices.ts';
import type { UsageRow } from '../history/rows.ts';

type Counts = Pick<
  ModelUsage,
  'input_tokens' | 'output_tokens' | 'cache_read_input_tokens' | 'cache_creation_input_tokens'
>;

/** One request of the main thread's model, as history keeps it. `at` in ms. */
export function usageRow(model: string, usage: Counts, at: number): UsageRow {
  const counts: Omit<Usage, 'cost'> = {
    inputTokens: usage.input_tokens,
    outputTokens: usage.output_tokens,
    cacheReadTokens: usage.cache_read_input_tokens ?? 0,
    cacheWriteTokens: usage.cache_creation_input_tokens ?? 0,
  };
  const day = new Date(at).toISOString().slice(0, 10);
  return { id: ulid(at), taskId: null, model, day, at, ...counts, cost: costOf(model, counts) };
}
