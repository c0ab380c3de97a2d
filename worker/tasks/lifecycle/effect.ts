import type { Plan, Question } from '../../../protocol/decision.ts';
import type { BudgetScope, InboxOutcome, LeftOpen, ReviewChecks } from '../../../protocol/inbox.ts';
import type { PullRequest } from '../../../protocol/task.ts';
import type { TaskNotice } from '../api.ts';
import { SLOT_ASK_MS, type TaskRecord, hasSandbox } from './state.ts';

/** What a worker asks of the person. */
export type Asking =
  /** `onlyHere`: what it shows must be seen as it is, which Markdown at the git host could hide. */
  | { is: 'question'; questionId: string; questions: Question[]; onlyHere?: boolean }
  | { is: 'plan'; plan: Plan };

/** What has to be done once the new state is stored. */
export type TaskEffect =
  | { do: 'dispatch' }
  /** Says again that it waits for a slot. */
  | { do: 'ask_slot' }
  | { do: 'stop_sandbox'; generation: number }
  /** Tells the sandbox to keep its work and go. */
  | { do: 'park' }
  /** The same in the middle of a turn. */
  | { do: 'break_off' }
  | { do: 'open_budget'; budget: BudgetState }
  | ({ do: 'open_review' } & ReviewShown)
  /** Says of the item that is open what has changed about it; one that was dismissed stays so. */
  | ({ do: 'revise_review' } & ReviewShown)
  | { do: 'open_word' }
  /** Puts words for the worker's next stretch into its mailbox. */
  | { do: 'tell_worker'; text: string }
  | { do: 'open_failure'; reason: string }
  | { do: 'open_asking'; ask: Asking }
  | { do: 'settle'; outcome: InboxOutcome }
  | { do: 'notice'; notice: TaskNotice }
  /** A plain line of the activity. */
  | { do: 'note'; text: string };

/** What the item of a pull request shows. */
export type ReviewShown = {
  pullRequest: PullRequest;
  summary: string;
  tested: string | null;
  checks: ReviewChecks;
  leftOpen: LeftOpen;
};

/** What was allowed and what was spent, in US dollars. */
export type BudgetState = { scope: BudgetScope; limit: number; used: number };

export type Transition = { record: TaskRecord; effects: TaskEffect[] };

/** The task moved on by itself: its open item folds away. */
export const settle = (text: string, at: number): TaskEffect => ({
  do: 'settle',
  outcome: { by: 'task', text, at },
});

/** Ends the newest sandbox. */
export const stop = (record: TaskRecord): TaskEffect => ({
  do: 'stop_sandbox',
  generation: record.generation,
});

export function fail(record: TaskRecord, reason: string, now: number): Transition {
  return {
    record: { ...record, state: { is: 'failed', reason }, endedAt: now },
    effects: [
      ...(hasSandbox(record.state) ? [stop(record)] : []),
      { do: 'open_failure', reason },
      { do: 'notice', notice: { is: 'failed', reason } },
    ],
  };
}

/** Another stretch of work begins: it waits for a slot, and goes on with a new sandbox. */
export function queue(record: TaskRecord, now: number): TaskRecord {
  return {
    ...record,
    attempt: record.attempt + 1,
    losses: 0,
    stalls: 0,
    endedAt: null,
    state: { is: 'queued', slot: 'waiting', deadline: now + SLOT_ASK_MS },
  };
}
