import type { ReviewChecks, InboxOutcome } from '../../../protocol/inbox.ts';
import type { RunnerResult } from '../../../protocol/runner.ts';
import type { PullRequest } from '../../../protocol/task.ts';
import { isPause, settleIfPaused } from './pauses.ts';
import {
  DELIVERING_MS,
  LEAVING_MS,
  LOSSES_MAX,
  PROGRESS_MS,
  SILENCE_MS,
  STALLS_MAX,
  STARTING_MS,
  type TaskRecord,
  type TaskState,
  type Waiting,
  hasSandbox,
} from './state.ts';
import { CHECKS_POLL_MS, REVIEW_POLL_MS } from './polling.ts';
import {
  type Asking,
  type TaskEffect,
  type Transition,
  fail,
  queue,
  settle,
  stop,
} from './effect.ts';

/** Its runner lives, and Claude Code has said nothing for too long: that is as good as a lost sandbox, but not for ever. */
export function replaceStalled(record: TaskRecord, now: number): Transition {
  const stalls = (record.stalls ?? 0) + 1;
  const minutes = PROGRESS_MS / 60_000;
  if (stalls > STALLS_MAX) {
    const reason = `Claude Code stood still for ${minutes} minutes, ${stalls} times in a row. The last checkpoint is kept: Retry goes on from it.`;
    return fail(record, reason, now);
  }
  const why = `it stood still for ${minutes} minutes`;
  return replaceSandbox({ ...record, losses: 0, stalls }, now, why);
}

/** A sandbox is gone: the next one begins from the checkpoint, unless too many went the same way. */
export function replaceSandbox(
  record: TaskRecord,
  now: number,
  reason = 'its sandbox was lost',
): Transition {
  const losses = record.losses + 1;
  if (losses > LOSSES_MAX) {
    return fail(
      record,
      `Its sandbox stopped ${losses} times in a row. The last checkpoint is kept: Retry goes on from it.`,
      now,
    );
  }
  return {
    record: {
      ...record,
      losses,
      generation: record.generation + 1,
      state: { is: 'starting', ensured: false, deadline: now + STARTING_MS },
    },
    effects: [
      stop(record),
      { do: 'dispatch' },
      ...(losses === 1
        ? [
            {
              do: 'notice' as const,
              notice: { is: 'recovered' as const, reason },
            },
          ]
        : []),
    ],
  };
}

/** A task that waits needs no sandbox: one that is lost meanwhile is not replaced. */
export function loseWaiting(
  record: TaskRecord,
  state: Extract<TaskState, { is: 'waiting' }>,
): Transition {
  return {
    record: { ...record, state: { ...state, sandbox: { is: 'gone' } } },
    effects: [stop(record)],
  };
}

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
    record: check({ ...record, delivered: { ...delivered, commit } }, now),
    effects:
      state.is === 'in_review'
        ? [settle('Somebody pushed to it: its checks are looked at again', now)]
        : [],
  };
}

/** The person's turn: to review, with what the checks say. */
export function review(record: TaskRecord, checks: ReviewChecks, now: number): Transition | null {
  if (record.delivered === null) return null;
  const { pullRequest, summary } = record.delivered;
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

/** Heartbeats put off the silence only: it is due when Claude Code stands still, too. */
function working(silentAt: number, stalledAt: number): TaskState {
  return { is: 'working', deadline: Math.min(silentAt, stalledAt), stalledAt };
}

export function onSignOfLife(record: TaskRecord, progress: boolean, now: number): Transition {
  const { state } = record;
  const silentAt = now + SILENCE_MS;
  const losses = progress ? 0 : record.losses;
  if (state.is !== 'waiting') {
    const goesOn = state.is === 'working' && !progress;
    const stalledAt = (goesOn ? state.stalledAt : undefined) ?? now + PROGRESS_MS;
    return {
      record: { ...record, losses, state: working(silentAt, stalledAt) },
      effects: [],
    };
  }
  const { sandbox } = state;
  return {
    record:
      sandbox.is === 'warm'
        ? { ...record, losses, state: { ...state, sandbox: { ...sandbox, silentAt } } }
        : record,
    effects: [],
  };
}

/** The person has spoken: the sandbox that is there goes on, otherwise another one does. */
export function onPromptReceived(
  record: TaskRecord,
  { approved, outcome }: { approved: boolean; outcome: InboxOutcome | null },
  now: number,
): Transition | null {
  const { state } = record;
  const told: TaskRecord = {
    ...record,
    rounds: 0,
    stalls: 0,
    mode: approved ? 'direct' : record.mode,
  };
  const settled: TaskEffect[] = outcome === null ? [] : [{ do: 'settle', outcome }];
  switch (state.is) {
    case 'waiting':
      if (state.sandbox.is === 'warm') {
        const { silentAt } = state.sandbox;
        return {
          record: { ...told, state: working(silentAt, now + PROGRESS_MS) },
          effects: settled,
        };
      }
      return {
        record: queue(told, now),
        effects: [...(hasSandbox(state) ? [stop(record)] : []), ...settled],
      };
    case 'checking':
    case 'in_review':
    case 'done':
    case 'failed':
    case 'cancelled':
      return {
        record: queue(told, now),
        effects: outcome === null ? [settle('Goes on with your message', now)] : settled,
      };
    case 'queued':
    case 'starting':
    case 'working':
    case 'delivering':
      return null;
  }
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

/** The worker asks: it waits with its sandbox for a while, and without it for as long as it takes. */
export function ask(
  record: TaskRecord,
  what: Waiting,
  asking: Asking | null,
  warmMs: number,
  now: number,
): Transition {
  const sandbox = { is: 'warm', parkAt: now + warmMs, silentAt: now + SILENCE_MS } as const;
  const effects: TaskEffect[] =
    asking === null
      ? []
      : [
          { do: 'open_asking', ask: asking },
          { do: 'notice', notice: asking },
        ];
  return {
    record: { ...record, losses: 0, state: { is: 'waiting', what, sandbox } },
    effects,
  };
}

/** The person did not come in time: the sandbox keeps its work and goes. */
export function park(record: TaskRecord, what: Waiting, now: number): Transition {
  const sandbox = { is: 'leaving', until: now + LEAVING_MS } as const;
  return {
    record: { ...record, state: { is: 'waiting', what, sandbox } },
    effects: [{ do: 'park' }],
  };
}
