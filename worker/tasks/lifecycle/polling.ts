/** First and longest pause between two looks at checks, and by what each is longer than the last. */
export const CHECKS_POLL_MS = { first: 1_500, longest: 30_000, factor: 1.5 };
/** The same for a pull request in review. */
export const REVIEW_POLL_MS = { first: 15_000, longest: 5 * 60_000, factor: 2 };
/** The same for the comments of an issue in which something is asked. */
export const ISSUE_POLL_MS = { first: 15_000, longest: 5 * 60_000, factor: 1.5 };
/** Longest pause while the host does not tell what is asked, and the wait from which the person is told. */
const FAILED_POLL_MS = { longest: 60 * 60_000, tell: 10 * 60_000 };

/** When the host is looked at next, and the pause after that. */
export type Poll = { pollAt: number; pollAfterMs: number };

/** After a look that told something: again after the pause, and then a little later each time. */
export function afterPoll(
  { pollAfterMs }: Poll,
  { factor, longest }: { factor: number; longest: number },
  now: number,
): Poll {
  return {
    pollAt: now + Math.round(Math.min(pollAfterMs, longest)),
    pollAfterMs: Math.min(Math.round(pollAfterMs * factor), longest),
  };
}

/**
 * After a look that failed: when the host says, to the second, and otherwise more and more rarely.
 *
 * @param retryAfterMs the least to wait; null when asking again hardly helps: then a person has to do
 *   something at the host first.
 * @returns `tell` once, when the wait becomes one that a person would ask about.
 */
export function afterFailedPoll(
  before: Poll,
  retryAfterMs: number | null,
  now: number,
): Poll & { tell: boolean } {
  const { longest, tell } = FAILED_POLL_MS;
  const pauseMs = retryAfterMs === null ? longest : Math.max(retryAfterMs, before.pollAfterMs);
  const waitedMs = Math.max(before.pollAt - now, before.pollAfterMs / 2);
  return {
    pollAt: now + Math.round(pauseMs),
    pollAfterMs: Math.min(pauseMs * 2, longest),
    tell: waitedMs < tell && pauseMs >= tell,
  };
}
