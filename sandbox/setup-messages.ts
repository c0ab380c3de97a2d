import * as z from 'zod/mini';
import { SetupKey } from '../protocol/setup.ts';
import { RunnerEventBody } from '../protocol/task-event.ts';

/*
 * What the runner and the program of the set-up step say to each other. The step is a process of its
 * own, so that the values of secrets are in no memory any more once it has ended.
 */

/** Runner to step. */
export const StepOrder = z.discriminatedUnion('is', [
  z.object({
    is: z.literal('begin'),
    gateway: z.string(),
    token: z.string(),
    /** The repository's folder. */
    directory: z.string(),
    /** Names what the set-up comes from. */
    key: SetupKey,
    /** True when what an earlier one wrote is kept. */
    isKept: z.boolean(),
    /** Environment of the script, beside variables and secrets. */
    environment: z.record(z.string(), z.string()),
    /** Folders beside the repository's whose files are kept; then those of the system. */
    home: z.string(),
    /** Not kept: Claude Code's own. */
    without: z.array(z.string()),
    system: z.array(z.string()),
    /** True where nobody else's processes and files are. */
    isAlone: z.boolean(),
    timeLimitMs: z.number(),
  }),
  /** The person does not want it any more. */
  z.object({ is: z.literal('stop') }),
]);
export type StepOrder = z.infer<typeof StepOrder>;
export type StepBegin = Extract<StepOrder, { is: 'begin' }>;

/** Step to runner. */
export const StepReport = z.discriminatedUnion('is', [
  z.object({ is: z.literal('event'), body: RunnerEventBody }),
  /** The last one: how it went, and the end of its output. */
  z.object({ is: z.literal('ended'), tail: z.string() }),
]);
export type StepReport = z.infer<typeof StepReport>;
