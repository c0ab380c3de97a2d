import type { InboxOutcome } from '../../../protocol/inbox.ts';
import { LEAVING_MS, type TaskRecord, type TaskState, type Waiting, hasSandbox } from './state.ts';
import {
  type BudgetState,
  type TaskEffect,
  type Transition,
  queue,
  settle,
  stop,
} from './effect.ts';

const GO_ON = 'You were stopped in the middle of your work. Go on where you stopped.';

/** A wait that the task did not ask for: its sandbox goes at once. */
export function isPause(what: Waiting): boolean {
  return what.for === 'budget' || what.for === 'plan_limit';
}

/** What was paused is delivered all the same: nobody need decide any more. */
export function settleIfPaused(state: TaskState, now: number): TaskEffect[] {
  return state.is === 'waiting' && isPause(state.what)
    ? [settle('It was finished before it stopped', now)]
    : [];
}

/** No further model call may be made: the turn is broken off, the work is kept. */
export function pause(
  record: TaskRecord,
  what: Extract<Waiting, { for: 'budget' | 'plan_limit' }>,
  budget: BudgetState | null,
  now: number,
): Transition | null {
  const { state } = record;
  if (state.is !== 'starting' && state.is !== 'working') return null;
  const sandbox = { is: 'leaving', until: now + LEAVING_MS } as const;
  return {
    record: { ...record, losses: 0, state: { is: 'waiting', what, sandbox } },
    effects: [
      { do: 'break_off' },
      ...(budget === null
        ? []
        : [
            { do: 'open_budget' as const, budget },
            { do: 'notice' as const, notice: { is: 'budget_spent' as const, ...budget } },
          ]),
      ...(what.for === 'plan_limit'
        ? [
            {
              do: 'notice' as const,
              notice: { is: 'plan_limit' as const, until: what.until },
            },
          ]
        : []),
    ],
  };
}

/** A pause is over: it goes on where it stopped. */
export function goOn(
  record: TaskRecord,
  outcome: InboxOutcome | null,
  now: number,
): Transition | null {
  const { state } = record;
  if (state.is !== 'waiting' || !isPause(state.what)) return null;
  return {
    record: queue(record, now),
    effects: [
      ...(hasSandbox(state) ? [stop(record)] : []),
      { do: 'tell_worker', text: GO_ON },
      ...(outcome === null ? [] : [{ do: 'settle' as const, outcome }]),
    ],
  };
}
