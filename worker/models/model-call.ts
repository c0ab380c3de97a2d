import { ulid } from 'ulid';
import type { UsageRow } from '../history/rows.ts';
import { type CallBounds, type TokenCounts, costOf, worstCostOf } from './prices.ts';

/** Of English text and of code, roughly. */
export const CHARS_PER_TOKEN = 4;

/** A call that the gateway wants to make, before it is sent. */
export type ModelCall = {
  /** ULID; the id of its usage, too. */
  id: string;
  model: string;
  /** The most that it can cost, in US dollars. */
  worst: number;
  /** What is charged where nobody ever hears of it again. */
  likely: CallUsage;
};

/** One call's use, as far as it is known. */
export type CallUsage = Omit<UsageRow, 'taskId'>;

/** A new call, with what it can and what it will probably cost. */
export function modelCall(model: string, bounds: CallBounds): ModelCall {
  const id = ulid();
  const likely = {
    inputTokens: Math.ceil(bounds.inputTokens / CHARS_PER_TOKEN),
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
  };
  return {
    id,
    model,
    worst: worstCostOf(model, bounds),
    likely: usageOf({ id, model }, likely, true),
  };
}

/** @param isEstimated whether that is not what the API counted at the call's end. */
export function usageOf(
  { id, model }: { id: string; model: string },
  counts: TokenCounts,
  isEstimated: boolean,
): CallUsage {
  const at = Date.now();
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens } = counts;
  return {
    id,
    model,
    day: new Date(at).toISOString().slice(0, 10),
    at,
    inputTokens,
    outputTokens,
    cacheReadTokens,
    cacheWriteTokens,
    cost: costOf(model, counts),
    ...(isEstimated && { isEstimated }),
  };
}
