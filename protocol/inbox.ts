import * as z from 'zod/mini';
import { Plan, Question } from './decision.ts';
import { HealthName } from './health.ts';
import { InboxItemId, RepositoryName, TaskId, Timestamp, Ulid } from './ids.ts';
import { PullRequest } from './task.ts';
import type { TaskCommand } from './task-command.ts';

/** Who settled an item, and how, for the line that stays when it folds away. */
export const InboxOutcome = z.object({
  /**
   * `person`: on this screen or another; `conversation`: said in the chat; `github`: by a comment
   * there; `task`: the task moved on by itself; `mainloop`: what failed works again.
   */
  by: z.enum(['person', 'conversation', 'github', 'task', 'mainloop']),
  /** One plain sentence: `Dismissed`, `Approved`, `Answered: CSV`, `Approved by @ana on GitHub`. */
  text: z.string(),
  at: Timestamp,
});
export type InboxOutcome = z.infer<typeof InboxOutcome>;

/** What the checks of a pull request say; `unfinished` when some did not end in time. */
export const ReviewChecks = z.discriminatedUnion('is', [
  z.object({ is: z.literal('none') }),
  /** `names` are some or all of them. */
  z.object({ is: z.literal('passed'), count: z.int(), names: z.array(z.string()) }),
  z.object({ is: z.literal('failed'), names: z.array(z.string()) }),
  z.object({ is: z.literal('unfinished') }),
]);
export type ReviewChecks = z.infer<typeof ReviewChecks>;

/**
 * What of a pull request the worker has not seen to by itself: `conflicts` with its base that it could
 * not resolve, and what was said of it by those whose words no worker is given unasked: programs, and
 * people who may not write to the repository.
 */
export const LeftOpen = z.object({
  conflicts: z.boolean(),
  /** `by` are names at the git host, a few of them. */
  comments: z.object({ count: z.int(), by: z.array(z.string()) }),
});
export type LeftOpen = z.infer<typeof LeftOpen>;

export const NOTHING_LEFT: LeftOpen = { conflicts: false, comments: { count: 0, by: [] } };

/** Whose money: one task's, or all that a person spends in a day (UTC). */
export const BudgetScope = z.enum(['task', 'day']);
export type BudgetScope = z.infer<typeof BudgetScope>;

const base = {
  id: InboxItemId,
  taskId: TaskId,
  title: z.string(),
  repository: RepositoryName,
  at: Timestamp,
  /** Null while it needs the person. */
  outcome: z.nullable(InboxOutcome),
};

/** What needs the person. */
export const InboxItem = z.discriminatedUnion('kind', [
  /** A pull request that waits for review; `summary` is the worker's, as Markdown. */
  z.object({
    ...base,
    kind: z.literal('review'),
    pullRequest: PullRequest,
    summary: z.string(),
    /** How it was tested, in the worker's words; null where it did not say. */
    tested: z.nullable(z.string()),
    checks: ReviewChecks,
    leftOpen: LeftOpen,
  }),
  /** One to four questions of a worker, answered all at once. */
  z.object({
    ...base,
    kind: z.literal('question'),
    questionId: Ulid,
    questions: z.array(Question),
  }),
  z.object({ ...base, kind: z.literal('plan'), plan: Plan }),
  /** The money is spent (US dollars): the task waits, its work kept. */
  z.object({
    ...base,
    kind: z.literal('budget'),
    scope: BudgetScope,
    limit: z.number(),
    used: z.number(),
  }),
  /** A task that was interrupted: the next word says how to go on. */
  z.object({ ...base, kind: z.literal('word') }),
  /** A task that failed; `reason` is one plain sentence with what can be done. */
  z.object({ ...base, kind: z.literal('failure'), reason: z.string() }),
  /** Something of the installation has failed for a while. Of no task; it goes when that works again. */
  z.object({
    id: InboxItemId,
    taskId: z.null(),
    title: z.string(),
    repository: z.null(),
    at: Timestamp,
    outcome: z.nullable(InboxOutcome),
    kind: z.literal('alert'),
    about: HealthName,
    /** How it is and what mends it, in a few sentences. */
    text: z.string(),
  }),
]);
export type InboxItem = z.infer<typeof InboxItem>;

/** What is to be known of a kind of item wherever one is shown or settled. */
type InboxKindFacets = {
  /** It may be put aside; otherwise its task stands still until the person decides. */
  canDismiss: boolean;
  /** What can be asked of its task to settle it. */
  settledBy: TaskCommand['do'][];
  /** The most urgent is 0: a task stands still, has failed, is ready. */
  urgency: 0 | 1 | 2;
};

export const INBOX_KINDS: Record<InboxItem['kind'], InboxKindFacets> = {
  question: { canDismiss: false, settledBy: ['answer', 'cancel'], urgency: 0 },
  plan: { canDismiss: false, settledBy: ['decide', 'cancel'], urgency: 0 },
  budget: { canDismiss: false, settledBy: ['raise_budget', 'cancel'], urgency: 0 },
  word: { canDismiss: false, settledBy: ['message', 'cancel'], urgency: 0 },
  alert: { canDismiss: true, settledBy: [], urgency: 1 },
  failure: { canDismiss: true, settledBy: ['retry'], urgency: 1 },
  review: { canDismiss: true, settledBy: ['merge', 'mend', 'cancel'], urgency: 2 },
};
