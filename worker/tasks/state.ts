import type { RunnerResult } from '../../protocol/runner.ts';
import type { PullRequest } from '../../protocol/task.ts';
import type { InboxOutcome } from '../../protocol/inbox.ts';
import {
  type Asking,
  type Transition,
  ask,
  endReview,
  fail,
  loseWaiting,
  onSignOfLife,
  onTold,
  park,
  queue,
  replaceSandbox,
  settle,
  stop,
  takeResult,
} from './moves.ts';
import {
  DELIVERING_TRIES,
  QUEUED_MS,
  REVIEW_POLL_MS,
  STARTING_MS,
  type TaskRecord,
  type Waiting,
  dueAt,
  hasSandbox,
  isFinal,
} from './record.ts';

export type TaskTrigger =
  | { on: 'start' }
  | { on: 'ensured'; generation: number }
  | { on: 'sign_of_life'; generation: number; progress: boolean }
  /** The worker asks, or was interrupted. `ask` is what is new to the person; `warmMs` is how long the sandbox is kept. */
  | { on: 'asked'; generation: number; what: Waiting; ask: Asking | null; warmMs: number }
  | { on: 'result'; generation: number; result: RunnerResult }
  | { on: 'pull_request_opened'; pullRequest: PullRequest }
  | { on: 'delivery_failed'; reason: string; retryAfterMs: number | null }
  | { on: 'sandbox_gone'; generation: number }
  | { on: 'dispatch_failed'; attempt: number; reason: string }
  | { on: 'pull_request_seen'; as: 'open' | 'merged' | 'closed' }
  | { on: 'time' }
  /** The person answered, approved, asked for changes, or said how to go on; the mailbox holds it. */
  | { on: 'told'; approved: boolean; outcome: InboxOutcome | null }
  | { on: 'cancel'; outcome: InboxOutcome | null }
  | { on: 'retry' };

function onTime(record: TaskRecord, now: number): Transition | null {
  const { state } = record;
  const due = dueAt(state);
  if (due === null || now < due) return null;
  switch (state.is) {
    case 'queued':
      return {
        record: { ...record, state: { ...state, deadline: now + QUEUED_MS } },
        effects: [{ do: 'dispatch' }],
      };
    case 'starting':
    case 'working':
      return replaceSandbox(record, now);
    case 'waiting':
      if (state.sandbox.is !== 'warm' || now >= state.sandbox.silentAt) {
        return loseWaiting(record, state);
      }
      return park(record, state.what, now);
    case 'delivering':
      return fail(
        record,
        'The pushed work could not be checked in time. Retry checks it again.',
        now,
      );
    case 'in_review': {
      const pollAfterMs = Math.min(state.pollAfterMs * 2, REVIEW_POLL_MS.longest);
      return {
        record: { ...record, state: { ...state, pollAfterMs, pollAt: now + state.pollAfterMs } },
        effects: [],
      };
    }
    case 'done':
    case 'failed':
    case 'cancelled':
      return null;
  }
}

/**
 * The task's life, whole. Null means that the trigger is of no consequence in this state (late,
 * repeated, from an older sandbox).
 */
export function transition(
  record: TaskRecord,
  trigger: TaskTrigger,
  now: number,
): Transition | null {
  const { state } = record;
  const alive = hasSandbox(state);
  switch (trigger.on) {
    case 'start':
      if (state.is !== 'queued') return null;
      return {
        record: {
          ...record,
          generation: record.generation + 1,
          startedAt: record.startedAt ?? now,
          state: { is: 'starting', ensured: false, deadline: now + STARTING_MS },
        },
        effects: [],
      };
    case 'ensured':
      if (!alive || trigger.generation !== record.generation) {
        // It came up after its task ended or another took its place: nobody else would stop it.
        return { record, effects: [{ do: 'stop_sandbox', generation: trigger.generation }] };
      }
      if (state.is !== 'starting') return null;
      return { record: { ...record, state: { ...state, ensured: true } }, effects: [] };
    case 'sign_of_life':
      if (!alive || trigger.generation !== record.generation) return null;
      return onSignOfLife(record, trigger.progress, now);
    case 'asked':
      if (!alive || trigger.generation !== record.generation) return null;
      return ask(record, trigger.what, trigger.ask, trigger.warmMs, now);
    case 'result':
      if (!alive || trigger.generation !== record.generation) return null;
      return takeResult(record, trigger.result, now);
    case 'pull_request_opened': {
      if (state.is !== 'delivering') return null;
      const { pullRequest } = trigger;
      const { first } = REVIEW_POLL_MS;
      const { summary } = state.result;
      return {
        record: {
          ...record,
          pullRequest,
          state: { is: 'in_review', pullRequest, pollAt: now + first, pollAfterMs: first },
        },
        effects: [
          { do: 'open_review', pullRequest, summary },
          { do: 'notice', notice: { is: 'review', pullRequest, summary } },
        ],
      };
    }
    case 'delivery_failed': {
      if (state.is !== 'delivering') return null;
      const tries = state.tries + 1;
      if (trigger.retryAfterMs === null || tries >= DELIVERING_TRIES) {
        return fail(record, trigger.reason, now);
      }
      const notBefore = now + trigger.retryAfterMs;
      return { record: { ...record, state: { ...state, tries, notBefore } }, effects: [] };
    }
    case 'sandbox_gone':
      if (!alive || trigger.generation !== record.generation) return null;
      return state.is === 'waiting' ? loseWaiting(record, state) : replaceSandbox(record, now);
    case 'dispatch_failed':
      if (state.is !== 'queued' || trigger.attempt !== record.attempt) return null;
      return fail(record, trigger.reason, now);
    case 'pull_request_seen':
      if (state.is !== 'in_review' || trigger.as === 'open') return null;
      return endReview(record, state.pullRequest, trigger.as, now);
    case 'time':
      return onTime(record, now);
    case 'told':
      return onTold(record, trigger, now);
    case 'cancel':
      if (isFinal(state)) return null;
      return {
        record: { ...record, state: { is: 'cancelled' }, endedAt: now },
        effects: [
          ...(alive ? [stop(record)] : []),
          trigger.outcome === null
            ? settle('The task was cancelled', now)
            : { do: 'settle', outcome: trigger.outcome },
        ],
      };
    case 'retry':
      if (state.is !== 'failed' && state.is !== 'cancelled') return null;
      return {
        record: queue(record, now),
        effects: [{ do: 'dispatch' }, settle('Retried', now)],
      };
  }
}
