import * as z from 'zod/mini';

/** The worker models by the aliases that people and Claude Code use. Full names are configuration. */
export const WorkerModel = z.enum(['opus', 'sonnet', 'haiku']);
export type WorkerModel = z.infer<typeof WorkerModel>;

/** Tokens as the Messages API counts them, and dollars by the list price of the day. */
export const Usage = z.object({
  inputTokens: z.int(),
  outputTokens: z.int(),
  cacheReadTokens: z.int(),
  cacheWriteTokens: z.int(),
  /** US dollars. */
  cost: z.number(),
});
export type Usage = z.infer<typeof Usage>;
