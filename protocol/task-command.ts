import * as z from 'zod/mini';
import { ViewedMark } from './changes.ts';
import { type Attachment, Attachments } from './attachment.ts';
import { Answers, PlanHash, PlanVerdict } from './decision.ts';
import { Ulid } from './ids.ts';
import { WorkerModel } from './model.ts';
import { QueuedMessage } from './task.ts';

/** Where another try begins: at the last checkpoint, or as if the task never had begun. */
export const RetryFrom = z.enum(['checkpoint', 'scratch']);
export type RetryFrom = z.infer<typeof RetryFrom>;

/** What the worker is to put right on a pull request: failing checks, conflicts with the base, comments it was not given. */
export const Mending = z.enum(['checks', 'conflicts', 'comments']);
export type Mending = z.infer<typeof Mending>;

/**
 * Everything that can be asked of a task. A page, a tool of the conversation, and a comment at the
 * git host all say it with one of these, and `Task.command` is the one place that takes it. The
 * order among waiting tasks is not here: it belongs to the main thread (`move_task`).
 */
export const TaskCommand = z.discriminatedUnion('do', [
  /** Stops its process at once; what was delivered stays. `close` closes its pull request and its issue, too. */
  z.object({ do: z.literal('cancel'), close: z.boolean() }),
  /** Starts a failed or cancelled task again. */
  z.object({ do: z.literal('retry'), from: RetryFrom }),
  /**
   * Says something: to a task at work `now` (at Claude Code's next step) or `later` (as its next
   * turn), to an ended one as a follow-up on its branch.
   */
  z.object({
    do: z.literal('message'),
    text: z.string(),
    when: z.enum(['now', 'later']),
    attachments: z.optional(Attachments),
  }),
  /** Messages that wait for its next turn: all of them as they shall be, in order; one that is left out is taken back. */
  z.object({
    do: z.literal('arrange_queue'),
    messages: z.array(QueuedMessage).check(z.maxLength(50)),
  }),
  /** Stops Claude Code's turn and keeps the work; the task waits for a word. */
  z.object({ do: z.literal('interrupt') }),
  /** The worker's model from its next turn on. */
  z.object({ do: z.literal('set_model'), model: WorkerModel }),
  /** Allows it to cost this much in all, in US dollars; one that waits for money goes on. */
  z.object({
    do: z.literal('raise_budget'),
    limit: z.number().check(z.positive(), z.maximum(1_000_000)),
  }),
  /** Merges the pull request of a task in review, as it was delivered. */
  z.object({ do: z.literal('merge') }),
  /** Gives the pull request of a task in review back to its worker, to put this right. */
  z.object({ do: z.literal('mend'), what: Mending }),
  /** Answers all questions of one item; the first answer counts. */
  z.object({ do: z.literal('answer'), questionId: Ulid, answers: Answers }),
  /** The person has looked at this change of a file, or takes that back: nothing but a mark. */
  z.object({ do: z.literal('mark_viewed'), mark: ViewedMark, isViewed: z.boolean() }),
  /** Decides about a plan; refused when `hash` is not that of the plan's text as it stands. */
  z.object({ do: z.literal('decide'), planId: Ulid, hash: PlanHash, verdict: PlanVerdict }),
]);
export type TaskCommand = z.infer<typeof TaskCommand>;

/** What is to be known of a kind of command wherever one is offered. */
type CommandFacets = {
  /**
   * It spends, merges, ends or decides something, or changes what was set: only a person's words may
   * lead to it, never those of a worker, a repository or a comment that nobody was asked about.
   */
  needsPersonsWords: boolean;
};

export const TASK_COMMANDS: Record<TaskCommand['do'], CommandFacets> = {
  cancel: { needsPersonsWords: true },
  retry: { needsPersonsWords: true },
  // To an ended task it begins another stretch of work.
  message: { needsPersonsWords: true },
  arrange_queue: { needsPersonsWords: true },
  // The work that a person asked for stands still until they say how to go on.
  interrupt: { needsPersonsWords: true },
  set_model: { needsPersonsWords: true },
  raise_budget: { needsPersonsWords: true },
  merge: { needsPersonsWords: true },
  // It spends, and may give a worker what others wrote.
  mend: { needsPersonsWords: true },
  answer: { needsPersonsWords: true },
  decide: { needsPersonsWords: true },
  // Nobody but the person knows what they have looked at.
  mark_viewed: { needsPersonsWords: true },
};

/** The texts in a command that are given to a worker as a message is: each is bounded like one. */
export function messagesIn(command: TaskCommand): string[] {
  switch (command.do) {
    case 'message':
      return [command.text];
    case 'arrange_queue':
      // One that only has files says nothing.
      return command.messages
        .filter(({ text, attachments = [] }) => text !== '' || attachments.length === 0)
        .map(({ text }) => text);
    case 'cancel':
    case 'retry':
    case 'interrupt':
    case 'set_model':
    case 'raise_budget':
    case 'merge':
    case 'mend':
    case 'answer':
    case 'decide':
    case 'mark_viewed':
      return [];
  }
}

/** The files in a command that are given to a worker. */
export function attachmentsIn(command: TaskCommand): readonly Attachment[] {
  return command.do === 'message' ? (command.attachments ?? []) : [];
}
