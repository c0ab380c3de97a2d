import type { RunnerResult } from '../../protocol/runner.ts';
import type { PullRequest, TaskStatus } from '../../protocol/task.ts';
import type { TaskNotice } from './contract.ts';

/** How long a task may wait for its Workflow before the doorbell is rung again. */
export const QUEUED_MS = 20_000;
/** How long a sandbox may take from its start to the runner's first word: a cold container and an image pull. */
export const STARTING_MS = 120_000;
/** Silence after which a runner counts as lost: four heartbeats. */
export const SILENCE_MS = 20_000;
/** How long evidence and pull request may take, over all tries. */
export const CHECKING_MS = 10 * 60_000;
/** Tries at evidence and pull request. */
export const CHECKING_TRIES = 5;
/** Sandboxes that may be lost one after another before the task fails. */
export const LOSSES_MAX = 5;
/** First and longest pause between two looks at a pull request in review. */
export const REVIEW_POLL_MS = { first: 15_000, longest: 5 * 60_000 };

type Delivered = Extract<RunnerResult, { is: 'delivered' }>;

/** Where a task is. Each state that is not final has a time at which something happens by itself. */
export type TaskState =
  | { is: 'queued'; deadline: number }
  | { is: 'starting'; ensured: boolean; deadline: number }
  | { is: 'working'; deadline: number }
  | { is: 'checking'; result: Delivered; tries: number; notBefore: number; deadline: number }
  | { is: 'in_review'; pullRequest: PullRequest; pollAt: number; pollAfterMs: number }
  | { is: 'done'; pullRequest: PullRequest | null }
  | { is: 'failed'; reason: string }
  | { is: 'cancelled' };

/** The state with the counters that outlive it. */
export type TaskRecord = {
  state: TaskState;
  /** 1 for the first try; each Retry adds one. Names the Workflow instance. */
  attempt: number;
  /** Sandboxes started so far. Only the newest may write. */
  generation: number;
  /** Sandboxes lost since the last sign of progress. */
  losses: number;
  startedAt: number | null;
  endedAt: number | null;
  /** What was opened for this task once, also after a retry. */
  pullRequest: PullRequest | null;
};

export type TaskTrigger =
  | { on: 'start' }
  | { on: 'ensured'; generation: number }
  | { on: 'sign_of_life'; generation: number; progress: boolean }
  | { on: 'result'; generation: number; result: RunnerResult }
  | { on: 'pull_request_opened'; pullRequest: PullRequest }
  | { on: 'delivery_failed'; reason: string; retryAfterMs: number | null }
  | { on: 'sandbox_gone'; generation: number }
  | { on: 'dispatch_failed'; attempt: number; reason: string }
  | { on: 'pull_request_seen'; as: 'open' | 'merged' | 'closed' }
  | { on: 'time' }
  | { on: 'cancel' }
  | { on: 'retry' };

/** What has to be done once the new state is stored. */
export type TaskEffect =
  | { do: 'dispatch' }
  | { do: 'stop_sandbox'; generation: number }
  | { do: 'open_review'; pullRequest: PullRequest; summary: string }
  | { do: 'open_failure'; reason: string }
  | { do: 'settle'; text: string }
  | { do: 'notice'; notice: TaskNotice };

export type Transition = { record: TaskRecord; effects: TaskEffect[] };

export function newTask(now: number): TaskRecord {
  return {
    state: { is: 'queued', deadline: now + QUEUED_MS },
    attempt: 1,
    generation: 0,
    losses: 0,
    startedAt: null,
    endedAt: null,
    pullRequest: null,
  };
}

export function statusOf(state: TaskState): TaskStatus {
  switch (state.is) {
    case 'queued':
      return 'Queued';
    case 'starting':
      return 'Starting';
    case 'working':
      return 'Working';
    case 'checking':
      return 'Checking';
    case 'in_review':
      return 'In review';
    case 'done':
      return 'Done';
    case 'failed':
      return 'Failed';
    case 'cancelled':
      return 'Cancelled';
  }
}

/** When the state moves by itself; null for a final one. */
export function dueAt(state: TaskState): number | null {
  switch (state.is) {
    case 'queued':
    case 'starting':
    case 'working':
    case 'checking':
      return state.deadline;
    case 'in_review':
      return state.pollAt;
    case 'done':
    case 'failed':
    case 'cancelled':
      return null;
  }
}

function fail(record: TaskRecord, reason: string, now: number): Transition {
  const state = record.state.is;
  return {
    record: { ...record, state: { is: 'failed', reason }, endedAt: now },
    effects: [
      ...(state === 'starting' || state === 'working'
        ? [{ do: 'stop_sandbox' as const, generation: record.generation }]
        : []),
      { do: 'open_failure', reason },
      { do: 'notice', notice: { is: 'failed', reason } },
    ],
  };
}

/** A sandbox is gone: the next one begins from the checkpoint, unless too many went the same way. */
function replaceSandbox(record: TaskRecord, now: number): Transition {
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
      { do: 'stop_sandbox', generation: record.generation },
      { do: 'dispatch' },
      ...(losses === 1
        ? [
            {
              do: 'notice' as const,
              notice: { is: 'recovered' as const, reason: 'its sandbox was lost' },
            },
          ]
        : []),
    ],
  };
}

function takeResult(record: TaskRecord, result: RunnerResult, now: number): Transition {
  const stop = { do: 'stop_sandbox' as const, generation: record.generation };
  switch (result.is) {
    case 'delivered': {
      const state: TaskState = {
        is: 'checking',
        result,
        tries: 0,
        notBefore: now,
        deadline: now + CHECKING_MS,
      };
      return { record: { ...record, state }, effects: [stop] };
    }
    case 'nothing_to_deliver':
      return {
        record: { ...record, state: { is: 'done', pullRequest: record.pullRequest }, endedAt: now },
        effects: [stop, { do: 'notice', notice: { is: 'answered', summary: result.summary } }],
      };
    case 'failed':
      return fail(record, result.reason, now);
  }
}

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
    case 'checking':
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
  const alive = state.is === 'starting' || state.is === 'working';
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
      return {
        record: {
          ...record,
          losses: trigger.progress ? 0 : record.losses,
          state: { is: 'working', deadline: now + SILENCE_MS },
        },
        effects: [],
      };
    case 'result':
      if (!alive || trigger.generation !== record.generation) return null;
      return takeResult(record, trigger.result, now);
    case 'pull_request_opened': {
      if (state.is !== 'checking') return null;
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
      if (state.is !== 'checking') return null;
      const tries = state.tries + 1;
      if (trigger.retryAfterMs === null || tries >= CHECKING_TRIES) {
        return fail(record, trigger.reason, now);
      }
      const notBefore = now + trigger.retryAfterMs;
      return { record: { ...record, state: { ...state, tries, notBefore } }, effects: [] };
    }
    case 'sandbox_gone':
      if (!alive || trigger.generation !== record.generation) return null;
      return replaceSandbox(record, now);
    case 'dispatch_failed':
      if (state.is !== 'queued' || trigger.attempt !== record.attempt) return null;
      return fail(record, trigger.reason, now);
    case 'pull_request_seen': {
      if (state.is !== 'in_review' || trigger.as === 'open') return null;
      const { pullRequest } = state;
      if (trigger.as === 'merged') {
        return {
          record: { ...record, state: { is: 'done', pullRequest }, endedAt: now },
          effects: [
            { do: 'settle', text: 'Merged' },
            { do: 'notice', notice: { is: 'merged', pullRequest } },
          ],
        };
      }
      return {
        record: { ...record, state: { is: 'cancelled' }, endedAt: now },
        effects: [
          { do: 'settle', text: 'The pull request was closed' },
          { do: 'notice', notice: { is: 'closed', pullRequest } },
        ],
      };
    }
    case 'time':
      return onTime(record, now);
    case 'cancel':
      if (dueAt(state) === null) return null;
      return {
        record: { ...record, state: { is: 'cancelled' }, endedAt: now },
        effects: [
          ...(alive ? [{ do: 'stop_sandbox' as const, generation: record.generation }] : []),
          { do: 'settle', text: 'The task was cancelled' },
        ],
      };
    case 'retry':
      if (state.is !== 'failed' && state.is !== 'cancelled') return null;
      return {
        record: {
          ...record,
          attempt: record.attempt + 1,
          losses: 0,
          endedAt: null,
          state: { is: 'queued', deadline: now + QUEUED_MS },
        },
        effects: [{ do: 'dispatch' }, { do: 'settle', text: 'Retried' }],
      };
  }
}
