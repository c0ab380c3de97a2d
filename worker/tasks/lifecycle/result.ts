import type { RunnerResult } from '../../../protocol/runner.ts';
import { isPause, settleIfPaused } from './pauses.ts';
import { DELIVERING_MS, type TaskRecord } from './state.ts';
import { type Transition, fail, stop } from './effect.ts';
import { loseWaiting } from './sandbox-life.ts';
import { check } from './review.ts';

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
        // A pull request waits already: the answer goes with it, and nothing else has changed.
        const delivered = { ...record.delivered, summary: result.summary };
        return {
          record: check({ ...record, delivered }, now),
          effects: [stop(record), ...settleIfPaused(state, now)],
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
