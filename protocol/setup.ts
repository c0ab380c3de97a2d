import * as z from 'zod/mini';

/** Where a repository says how its sandboxes are set up. */
export const SETUP_SCRIPT = '.mainloop/setup.sh';

/**
 * `POST /gateway/setup`, for a sandbox whose worker has not begun: with `for: 'setup'` all values, and
 * otherwise those that the worker's commands may read.
 */
export const SetupRequest = z.object({ for: z.enum(['setup', 'work']) });
export type SetupRequest = z.infer<typeof SetupRequest>;

/** A variable or a secret with its value. */
export const GivenValue = z.object({
  name: z.string(),
  value: z.string(),
  isSecret: z.boolean(),
  during: z.enum(['setup', 'work']),
});
export type GivenValue = z.infer<typeof GivenValue>;

export const SetupAnswer = z.object({
  values: z.array(GivenValue),
  /** Names of all variables and secrets that the set-up is given, sorted. */
  names: z.array(z.string()),
  /** A sentence for each secret that could not be opened. */
  missing: z.array(z.string()),
});
export type SetupAnswer = z.infer<typeof SetupAnswer>;

/** Names what a set-up came from: SHA-256 in hex. */
export const SetupKey = z.string().check(z.regex(/^[0-9a-f]{64}$/));
