import * as z from 'zod/mini';
import { TaskId } from './ids.ts';

/** `POST /api/rebuild`: which of the person's own objects lost everything and shall be rebuilt from Postgres. */
export const RebuildRequest = z.discriminatedUnion('what', [
  z.object({ what: z.literal('conversation') }),
  z.object({ what: z.literal('task'), taskId: TaskId }),
]);
export type RebuildRequest = z.infer<typeof RebuildRequest>;

/** What became of it; `text` is for the person. */
export const RebuildAnswer = z.discriminatedUnion('is', [
  /** With what may be missing: what had not reached Postgres by then. */
  z.object({ is: z.literal('rebuilt'), text: z.string() }),
  /** It is not empty, or there is no Postgres: nothing was changed. */
  z.object({ is: z.literal('refused'), text: z.string() }),
  /** Postgres has nothing of it. */
  z.object({ is: z.literal('nothing'), text: z.string() }),
]);
export type RebuildAnswer = z.infer<typeof RebuildAnswer>;

/**
 * `POST /api/refill`: puts everything that the person's objects hold on its way to Postgres again,
 * some tasks at a time: `after` is the `next` of the answer before, null at first.
 */
export const RefillRequest = z.object({ after: z.nullable(TaskId) });

export const RefillAnswer = z.object({
  /** Rows that were put on their way by this call. */
  rows: z.int(),
  tasks: z.int(),
  next: z.nullable(TaskId),
});
export type RefillAnswer = z.infer<typeof RefillAnswer>;
