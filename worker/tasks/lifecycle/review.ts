import {
  type InboxOutcome,
  type LeftOpen,
  NOTHING_LEFT,
  type ReviewChecks,
} from '../../../protocol/inbox.ts';
import type { PullRequest } from '../../../protocol/task.ts';
import { ROUNDS_MAX, type TaskRecord, type TaskState } from './state.ts';
import { CHECKS_POLL_MS, REVIEW_POLL_MS } from './polling.ts';
import { type ReviewShown, type TaskEffect, type Transition, queue, settle } from './effect.ts';

/** The pushed commit is at the host: its checks come next. */
export function check(record: TaskRecord, now: number): TaskRecord {
  const { first } = CHECKS_POLL_MS;
  return {
    ...record,
    state: { is: 'checking', since: now, pollAt: now + first, pollAfterMs: first },
  };
}

/** The pull request holds another commit than was delivered: its checks come anew, and what is merged is that. */
export function onMoved(record: TaskRecord, commit: string, now: number): Transition | null {
  const { state, delivered } = record;
  if (state.is !== 'checking' && state.is !== 'in_review') return null;
  if (delivered === null || delivered.commit === commit) return null;
  return {
    record: check({ ...record, delivered: { ...delivered, commit, unchanged: false } }, now),
    effects:
      state.is === 'in_review'
        ? [settle('Somebody pushed to it: its checks are looked at again', now)]
        : [],
  };
}

/** What is said of what was delivered. */
function saidOf({ summary, unchanged }: NonNullable<TaskRecord['delivered']>): string {
  return `${unchanged === true ? 'No changes since. ' : ''}${summary}`;
}

/** What the item of a delivered pull request shows as it stands. */
export function reviewShown(
  delivered: NonNullable<TaskRecord['delivered']>,
  { checks, leftOpen }: Pick<Extract<TaskState, { is: 'in_review' }>, 'checks' | 'leftOpen'>,
): ReviewShown {
  return {
    pullRequest: delivered.pullRequest,
    summary: saidOf(delivered),
    tested: delivered.tested ?? null,
    checks,
    leftOpen: leftOpen ?? NOTHING_LEFT,
  };
}

/** The person's turn: to review, with what the checks say. */
export function review(record: TaskRecord, checks: ReviewChecks, now: number): Transition | null {
  if (record.delivered === null) return null;
  // What was left open before is looked at anew with the pull request, and shown until then.
  const leftOpen = record.state.is === 'in_review' ? record.state.leftOpen : undefined;
  const shown = reviewShown(record.delivered, { checks, leftOpen });
  const { pullRequest, summary } = shown;
  const { first } = REVIEW_POLL_MS;
  return {
    record: {
      ...record,
      state: { is: 'in_review', checks, leftOpen, pollAt: now + first, pollAfterMs: first },
    },
    effects: [
      { do: 'open_review', ...shown },
      { do: 'notice', notice: { is: 'review', pullRequest, summary, checks } },
    ],
  };
}

/**
 * Who is to see to checks that fail now: nobody where they failed before. Those that passed and were
 * run again are news. The worker's tries have an end.
 */
export function whoseFailedChecks({ state, rounds }: TaskRecord): 'worker' | 'person' | 'nobody' {
  const isNews =
    state.is === 'checking' || (state.is === 'in_review' && state.checks.is !== 'failed');
  if (!isNews) return 'nobody';
  return rounds < ROUNDS_MAX ? 'worker' : 'person';
}

const settledBy = (outcome: string | InboxOutcome, now: number): TaskEffect =>
  typeof outcome === 'string' ? settle(outcome, now) : { do: 'settle', outcome };

/** The work goes back to the worker, with words that say why. */
export function giveBack(
  record: TaskRecord,
  why: { text: string; outcome: string | InboxOutcome; rounds: number },
  now: number,
): Transition {
  return {
    record: { ...queue(record, now), rounds: why.rounds },
    effects: [
      { do: 'tell_worker', text: why.text },
      ...(record.state.is === 'in_review' ? [settledBy(why.outcome, now)] : []),
    ],
  };
}

/** What the worker left open has changed: the person is shown that where they look, and not called. */
export function onLeftOpen(record: TaskRecord, leftOpen: LeftOpen): Transition | null {
  const { state, delivered } = record;
  if (state.is !== 'in_review' || delivered === null) return null;
  const { conflicts, comments } = state.leftOpen ?? NOTHING_LEFT;
  const isSame =
    conflicts === leftOpen.conflicts &&
    comments.count === leftOpen.comments.count &&
    comments.by.join() === leftOpen.comments.by.join();
  if (isSame) return null;
  return {
    record: { ...record, state: { ...state, leftOpen } },
    effects: [{ do: 'revise_review', ...reviewShown(delivered, { ...state, leftOpen }) }],
  };
}

export function endReview(
  record: TaskRecord,
  pullRequest: PullRequest,
  { as, outcome }: { as: 'merged' | 'closed'; outcome: InboxOutcome | null },
  now: number,
): Transition {
  const merged = as === 'merged';
  const settled: TaskEffect =
    outcome === null
      ? settle(merged ? 'Merged' : 'The pull request was closed', now)
      : { do: 'settle', outcome };
  return {
    record: {
      ...record,
      state: merged ? { is: 'done', pullRequest } : { is: 'cancelled', by: 'host' },
      endedAt: now,
    },
    effects: [settled, { do: 'notice', notice: { is: as, pullRequest } }],
  };
}
