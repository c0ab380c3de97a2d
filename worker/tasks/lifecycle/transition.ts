import type { RunnerResult } from '../../../protocol/runner.ts';
import type { PullRequest } from '../../../protocol/task.ts';
import type { RetryFrom } from '../../../protocol/task-command.ts';
import type { BudgetScope, InboxOutcome, LeftOpen } from '../../../protocol/inbox.ts';
import { ask, onPromptReceived, park } from './asking.ts';
import {
  check,
  endReview,
  giveBack,
  onLeftOpen,
  onMoved,
  review,
  whoseFailedChecks,
} from './review.ts';
import {
  loseWaiting,
  onSignOfLife,
  replaceSandbox,
  replaceStalled,
  waitForRoom,
} from './sandbox-life.ts';
import { onOpened, takeResult } from './result.ts';
import { goOn, isPause, pause } from './pauses.ts';
import {
  type ChecksSeen,
  onChecks,
  onDeliveryFailed,
  onLateChecks,
  onPollFailed,
} from './host-news.ts';
import { CHECKS_POLL_MS, REVIEW_POLL_MS, afterPoll } from './polling.ts';
import { type Asking, type Transition, type BudgetState, fail, queue, stop } from './effect.ts';
import {
  CHECKS_WITHIN_MS,
  QUEUED_MS,
  ROUNDS_MAX,
  STARTING_MS,
  SLOT_ASK_MS,
  type TaskRecord,
  type Waiting,
  dueAt,
  hasSandbox,
  isFinal,
} from './state.ts';

export type TaskTrigger =
  /** The main thread grants it a slot among the tasks at work. */
  | { on: 'slot_granted'; attempt: number }
  | { on: 'start' }
  | { on: 'ensured'; generation: number }
  /** Its sandbox could not be started: none is to be had for now. */
  | { on: 'no_room'; generation: number }
  | { on: 'sign_of_life'; generation: number; progress: boolean }
  /** The worker asks, or was interrupted. `ask` is what is new to the person; `warmMs` is how long the sandbox is kept. */
  | { on: 'asked'; generation: number; what: Waiting; ask: Asking | null; warmMs: number }
  | { on: 'result'; generation: number; result: RunnerResult }
  /** `commit` is what stands at its head: the task's, or what somebody pushed since. */
  | { on: 'pull_request_opened'; pullRequest: PullRequest; commit: string }
  /** Somebody pushed to the pull request: `commit` is its head now. */
  | { on: 'head_moved'; commit: string }
  | { on: 'delivery_failed'; reason: string; retryAfterMs: number | null }
  | { on: 'sandbox_gone'; generation: number }
  | { on: 'dispatch_failed'; attempt: number; reason: string }
  /** `outcome` is whose doing it was, where that was asked for here. */
  | {
      on: 'pull_request_seen';
      as: 'open' | 'merged' | 'closed';
      outcome: InboxOutcome | null;
    }
  /** The host did not tell how the pull request stands; null when asking again hardly helps. */
  | { on: 'poll_failed'; why: string; retryAfterMs: number | null }
  /** What the checks of the delivered commit say; `text` has the failures for the worker. */
  | {
      on: 'checks_seen';
      seen: ChecksSeen;
    }
  | { on: 'checks_failed'; names: string[]; text: string }
  | { on: 'conflict'; text: string }
  /** What the worker does not see to by itself, as the host shows it now. */
  | { on: 'left_open'; leftOpen: LeftOpen }
  /** The person wants something put right on the pull request; `text` is for the worker. */
  | { on: 'mend'; text: string; outcome: InboxOutcome }
  | { on: 'time' }
  /** The person answered, approved, asked for changes, or said how to go on; the mailbox holds it. */
  | { on: 'prompt_received'; approved: boolean; outcome: InboxOutcome | null }
  /** The money is spent, or the Claude plan's limit is reached. */
  | {
      on: 'pause';
      what: Extract<Waiting, { for: 'budget' | 'plan_limit' }>;
      budget: BudgetState | null;
    }
  /** There is money again, of this kind. */
  | { on: 'go_on'; scope: BudgetScope; outcome: InboxOutcome }
  | { on: 'cancel'; outcome: InboxOutcome }
  | { on: 'retry'; from: RetryFrom; outcome: InboxOutcome };

function onTime(record: TaskRecord, now: number): Transition | null {
  const { state } = record;
  const due = dueAt(state);
  if (due === null || now < due) return null;
  switch (state.is) {
    case 'queued': {
      const granted = state.slot === 'granted';
      const deadline = now + (granted ? QUEUED_MS : SLOT_ASK_MS);
      return {
        record: { ...record, state: { ...state, deadline } },
        effects: [{ do: granted ? 'dispatch' : 'ask_slot' }],
      };
    }
    case 'starting':
      // Without room there is no sandbox that could have been lost.
      return state.noRoomSince === undefined
        ? replaceSandbox(record, now)
        : waitForRoom(record, state, now);
    case 'working':
      return now >= (state.stalledAt ?? Infinity)
        ? replaceStalled(record, now)
        : replaceSandbox(record, now);
    case 'waiting':
      if (state.sandbox.is === 'gone') return goOn(record, null, now);
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
    case 'checking': {
      if (now >= state.since + CHECKS_WITHIN_MS) return review(record, { is: 'unfinished' }, now);
      const poll = afterPoll(state, CHECKS_POLL_MS, now);
      return { record: { ...record, state: { ...state, ...poll } }, effects: [] };
    }
    case 'in_review': {
      const poll = afterPoll(state, REVIEW_POLL_MS, now);
      return { record: { ...record, state: { ...state, ...poll } }, effects: [] };
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
    case 'slot_granted':
      if (state.is !== 'queued' || state.slot === 'granted') return null;
      if (trigger.attempt !== record.attempt) return null;
      return {
        record: { ...record, state: { ...state, slot: 'granted', deadline: now + QUEUED_MS } },
        effects: [{ do: 'dispatch' }],
      };
    case 'start':
      if (state.is !== 'queued' || state.slot !== 'granted') return null;
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
      return {
        record: { ...record, state: { is: 'starting', ensured: true, deadline: state.deadline } },
        effects: [],
      };
    case 'no_room':
      if (state.is !== 'starting' || trigger.generation !== record.generation) return null;
      return waitForRoom(record, state, now);
    case 'sign_of_life':
      if (!alive || trigger.generation !== record.generation) return null;
      return onSignOfLife(record, trigger.progress, now);
    case 'asked':
      if (!alive || trigger.generation !== record.generation) return null;
      // Its turn was broken off for a reason that no word of the person's takes away.
      if (state.is === 'waiting' && isPause(state.what) && trigger.ask === null) return null;
      return ask(record, trigger.what, trigger.ask, trigger.warmMs, now);
    case 'result':
      if (!alive || trigger.generation !== record.generation) return null;
      return takeResult(record, trigger.result, now);
    case 'pull_request_opened':
      return state.is === 'delivering' ? onOpened(record, state.result, trigger, now) : null;
    case 'delivery_failed':
      return state.is === 'delivering' ? onDeliveryFailed(record, state, trigger, now) : null;
    case 'head_moved':
      return onMoved(record, trigger.commit, now);
    case 'sandbox_gone':
      if (!alive || trigger.generation !== record.generation) return null;
      return state.is === 'waiting' ? loseWaiting(record, state) : replaceSandbox(record, now);
    case 'dispatch_failed':
      if (state.is !== 'queued' || trigger.attempt !== record.attempt) return null;
      return fail(record, trigger.reason, now);
    case 'pull_request_seen':
      if (trigger.as === 'open') {
        // Opened again: it is looked at as after a push.
        return state.is === 'cancelled' && state.by === 'host' && record.delivered !== null
          ? { record: { ...check(record, now), endedAt: null }, effects: [] }
          : null;
      }
      if (record.pullRequest === null) return null;
      if (state.is !== 'checking' && state.is !== 'in_review') return null;
      return endReview(
        record,
        record.pullRequest,
        { as: trigger.as, outcome: trigger.outcome },
        now,
      );
    case 'poll_failed':
      return onPollFailed(record, trigger, now);
    case 'checks_seen':
      if (state.is === 'checking') return onChecks(record, state, trigger.seen, now);
      return state.is === 'in_review' ? onLateChecks(record, state, trigger.seen, now) : null;
    case 'checks_failed': {
      const whose = whoseFailedChecks(record);
      if (whose === 'nobody') return null;
      const { names, text } = trigger;
      if (whose === 'person') return review(record, { is: 'failed', names }, now);
      const outcome = `Its checks fail: ${names.join(', ')}. The worker mends them`;
      return giveBack(record, { text, outcome, rounds: record.rounds + 1 }, now);
    }
    case 'conflict': {
      if (state.is !== 'in_review' || record.rounds >= ROUNDS_MAX) return null;
      const outcome = 'Conflicts with its base: the worker resolves them';
      return giveBack(record, { text: trigger.text, outcome, rounds: record.rounds + 1 }, now);
    }
    case 'left_open':
      return onLeftOpen(record, trigger.leftOpen);
    case 'mend':
      // A person's word: the worker's own tries begin anew.
      return state.is === 'in_review'
        ? giveBack(record, { text: trigger.text, outcome: trigger.outcome, rounds: 0 }, now)
        : null;
    case 'time':
      return onTime(record, now);
    case 'prompt_received':
      return onPromptReceived(record, trigger, now);
    case 'pause':
      return pause(record, trigger.what, trigger.budget, now);
    case 'go_on': {
      const waits = state.is === 'waiting' && state.what.for === 'budget' ? state.what : null;
      return waits?.scope === trigger.scope ? goOn(record, trigger.outcome, now) : null;
    }
    case 'cancel':
      if (isFinal(state)) return null;
      return {
        record: { ...record, state: { is: 'cancelled', by: 'person' }, endedAt: now },
        effects: [...(alive ? [stop(record)] : []), { do: 'settle', outcome: trigger.outcome }],
      };
    case 'retry':
      if (state.is !== 'failed' && state.is !== 'cancelled') return null;
      return {
        record:
          trigger.from === 'scratch'
            ? { ...queue(record, now), mode: record.initialMode, fresh: true }
            : queue(record, now),
        effects: [{ do: 'settle', outcome: trigger.outcome }],
      };
  }
}
