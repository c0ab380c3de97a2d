import type { ReviewChecks, InboxOutcome } from '../../../protocol/inbox.ts';
import type { PullRequest } from '../../../protocol/task.ts';
import { ROUNDS_MAX, type TaskRecord } from './state.ts';
import { CHECKS_POLL_MS, REVIEW_POLL_MS } from './polling.ts';
import { type TaskEffect, type Transition, queue, settle } from './effect.ts';

/** The pushed commit is at the host: its checks come next. */
export function check(record: TaskRecord, now: number): TaskRecord {
  const { first } = CHECKS_POLL_MS;
  return {
    ...record,
    state: { is: 'checking', since: now, told: false, pollAt: now + first, pollAfterMs: first },
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

/** What is shown of what was delivered. */
export function saidOf({ summary, unchanged }: NonNullable<TaskRecord['delivered']>): string {
  return `${unchanged === true ? 'No changes since. ' : ''}${summary}`;
}

/** The person's turn: to review, with what the checks say. */
export function review(record: TaskRecord, checks: ReviewChecks, now: number): Transition | null {
  if (record.delivered === null) return null;
  const { pullRequest } = record.delivered;
  const summary = saidOf(record.delivered);
  const { first } = REVIEW_POLL_MS;
  return {
    record: {
      ...record,
      announced: true,
      state: { is: 'in_review', checks, pollAt: now + first, pollAfterMs: first },
    },
    effects: [
      { do: 'open_review', pullRequest, summary, checks },
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

/** The work goes back to the worker, with words that say why. */
export function giveBack(
  record: TaskRecord,
  why: { text: string; outcome: string; rounds: number },
  now: number,
): Transition {
  return {
    record: { ...queue(record, now), rounds: why.rounds },
    effects: [
      { do: 'tell_worker', text: why.text },
      ...(record.state.is === 'in_review' ? [settle(why.outcome, now)] : []),
    ],
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
