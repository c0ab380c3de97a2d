import type { RunnerResult } from '../../../protocol/runner.ts';
import type { PullRequest } from '../../../protocol/task.ts';
import { isPause, settleIfPaused } from './pauses.ts';
import { DELIVERING_MS, type TaskRecord } from './state.ts';
import { type TaskEffect, type Transition, fail, stop } from './effect.ts';
import { loseWaiting } from './sandbox-life.ts';
import { check } from './review.ts';

/** A pull request waits already, and nothing was added to it: what it holds is still what was said of that. The worker's answer stands in the activity. */
const unchangedNote = (summary: string): TaskEffect => ({
  do: 'note',
  text: `No changes since. The worker says: ${summary}`,
});

/** The delivered commit is at the host. One that was delivered before is no change, whatever the worker says of it. */
export function onOpened(
  record: TaskRecord,
  result: Extract<RunnerResult, { is: 'delivered' }>,
  { pullRequest, commit }: { pullRequest: PullRequest; commit: string },
  now: number,
): Transition {
  const before = record.delivered;
  const unchanged = before?.commit === result.commit;
  const delivered = unchanged
    ? { ...before, pullRequest, commit, unchanged: commit === before.commit }
    : { pullRequest, commit, summary: result.summary, tested: result.tested };
  return {
    record: check({ ...record, pullRequest, delivered }, now),
    effects: unchanged ? [unchangedNote(result.summary)] : [],
  };
}

export function takeResult(
  record: TaskRecord,
  result: RunnerResult,
  now: number,
): Transition | null {
  const { state } = record;
  switch (result.is) {
    case 'parked':
      // Answered while it was leaving: it was queued again, and this word comes too late.
      return state.is === 'waiting' ? loseWaiting(record, state) : null;
    case 'delivered':
      // It may have finished with its last money.
      return {
        record: {
          ...record,
          fresh: false,
          state: {
            is: 'delivering',
            result,
            tries: 0,
            notBefore: now,
            deadline: now + DELIVERING_MS,
          },
        },
        effects: [stop(record), ...settleIfPaused(state, now)],
      };
    case 'nothing_to_deliver':
      if (record.delivered !== null) {
        const delivered = { ...record.delivered, unchanged: true };
        return {
          record: check({ ...record, delivered }, now),
          effects: [stop(record), ...settleIfPaused(state, now), unchangedNote(result.summary)],
        };
      }
      return {
        record: { ...record, state: { is: 'done', pullRequest: record.pullRequest }, endedAt: now },
        effects: [
          stop(record),
          ...settleIfPaused(state, now),
          { do: 'notice', notice: { is: 'answered', summary: result.summary } },
        ],
      };
    case 'failed':
      // No model call is let through any more: that is no failure of its work.
      if (state.is === 'waiting' && isPause(state.what)) return loseWaiting(record, state);
      return fail(record, result.reason, now);
  }
}
