import { type Transition, fail } from './effect.ts';
import { review } from './review.ts';
import { afterFailedPoll } from './polling.ts';
import {
  CHECKS_APPEAR_MS,
  CHECKS_WITHIN_MS,
  DELIVERING_AGAIN_MS,
  DELIVERING_TRIES,
  type TaskRecord,
  type TaskState,
} from './state.ts';

type In<Is extends TaskState['is']> = Extract<TaskState, { is: Is }>;

/** What checks that did not fail say. */
export type ChecksSeen =
  | { is: 'none' }
  | { is: 'pending' }
  | { is: 'passed'; count: number; names: string[] };

/** A delivery's wait from which the activity says why nothing moves. */
const TELL_WAIT_MS = 30_000;

/** Checks that are there are waited for; none at all only after the host had time to show them. */
export function onChecks(
  record: TaskRecord,
  state: In<'checking'>,
  seen: ChecksSeen,
  now: number,
): Transition | null {
  switch (seen.is) {
    case 'passed':
      return review(record, seen, now);
    case 'none':
      return now < state.since + CHECKS_APPEAR_MS ? null : review(record, seen, now);
    // The task's card shows that, with its pull request; the conversation tells what comes of it.
    case 'pending':
      return null;
  }
}

/** In review, checks that pass now (late ones, or run again) are news, unless they did before. */
export function onLateChecks(
  record: TaskRecord,
  { checks }: In<'in_review'>,
  seen: ChecksSeen,
  now: number,
): Transition | null {
  return seen.is === 'passed' && checks.is !== 'passed' ? review(record, seen, now) : null;
}

/** The host did not tell how the pull request stands. */
export function onPollFailed(
  record: TaskRecord,
  { why, retryAfterMs }: { why: string; retryAfterMs: number | null },
  now: number,
): Transition | null {
  const { state } = record;
  if (state.is !== 'checking' && state.is !== 'in_review') return null;
  if (state.is === 'checking' && now >= state.since + CHECKS_WITHIN_MS) {
    return review(record, { is: 'unfinished' }, now);
  }
  const { tell, ...poll } = afterFailedPoll(state, retryAfterMs, now);
  const text = `Its pull request cannot be read: ${why} It is looked at again from time to time.`;
  return {
    record: { ...record, state: { ...state, ...poll } },
    effects: tell ? [{ do: 'note', text }] : [],
  };
}

/** Tried again so many times; a host that says when to come back is waited for, beyond the usual time. */
export function onDeliveryFailed(
  record: TaskRecord,
  state: In<'delivering'>,
  { reason, retryAfterMs }: { reason: string; retryAfterMs: number | null },
  now: number,
): Transition {
  const tries = state.tries + 1;
  if (retryAfterMs === null || tries >= DELIVERING_TRIES) return fail(record, reason, now);
  const notBefore = now + retryAfterMs;
  const deadline = Math.max(state.deadline, notBefore + DELIVERING_AGAIN_MS);
  const text = `Not delivered yet: ${reason} It is tried again.`;
  return {
    record: { ...record, state: { ...state, tries, notBefore, deadline } },
    effects: retryAfterMs < TELL_WAIT_MS ? [] : [{ do: 'note', text }],
  };
}
