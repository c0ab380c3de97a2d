import * as z from 'zod/mini';
import { Answers, PlanHash, PlanVerdict } from './decision.ts';
import { InboxItemId, MessageId, TaskId, Ulid } from './ids.ts';
import { WorkerModel } from './model.ts';
import { SettingsChange } from './settings.ts';

/** Longest frame that the thread's socket accepts, in UTF-16 code units; longer ones are refused. */
export const UP_FRAME_MAX_CHARS = 600_000;

/**
 * The first frame on every connection. `cursor` is the last log number that the client holds,
 * or null to begin with a snapshot.
 */
const Hello = z.object({
  type: z.literal('hello'),
  version: z.int(),
  cursor: z.nullable(z.int().check(z.nonnegative())),
});

/** Commands wait in the client's outbox under `id` until they are acknowledged or refused; a repeated id acts once. */
const Send = z.object({ type: z.literal('send'), id: MessageId, text: z.string() });
/** Ends the reply that streams now; nothing happens when none does. */
const Stop = z.object({ type: z.literal('stop'), id: Ulid });
/** Asks once more for a reply that was cut or failed. */
const Again = z.object({ type: z.literal('again'), id: Ulid, messageId: MessageId });
const DismissItem = z.object({ type: z.literal('dismiss'), id: Ulid, itemId: InboxItemId });
const CancelTask = z.object({
  type: z.literal('cancel_task'),
  id: Ulid,
  taskId: TaskId,
  /** Whether its pull request and its issue are closed, too. */
  close: z.optional(z.boolean()),
});
/** Starts a failed or cancelled task again: from its last checkpoint, or as if it never had begun. */
const RetryTask = z.object({
  type: z.literal('retry_task'),
  id: Ulid,
  taskId: TaskId,
  from: z.optional(z.enum(['checkpoint', 'scratch'])),
});
/** Allows a task to cost this much in all, in US dollars. */
const RaiseBudget = z.object({
  type: z.literal('raise_budget'),
  id: Ulid,
  taskId: TaskId,
  limit: z.number().check(z.positive(), z.maximum(1_000_000)),
});
/** Gives a task that waits for its turn another place in the queue, counted from 1. */
const MoveTask = z.object({
  type: z.literal('move_task'),
  id: Ulid,
  taskId: TaskId,
  position: z.int().check(z.positive()),
});
const ChangeSettings = z.object({
  type: z.literal('change_settings'),
  id: Ulid,
  change: SettingsChange,
});
/**
 * Says something to a task: to one at work `now` (at Claude Code's next step) or `later` (as its
 * next turn), to an ended one as a follow-up.
 */
const MessageTask = z.object({
  type: z.literal('message_task'),
  id: Ulid,
  taskId: TaskId,
  text: z.string(),
  when: z.enum(['now', 'later']),
});
/** Messages that wait for a task's next turn: all of them as they shall be, in order; one that is left out is taken back. */
const ArrangeQueue = z.object({
  type: z.literal('arrange_queue'),
  id: Ulid,
  taskId: TaskId,
  messages: z.array(z.object({ id: Ulid, text: z.string() })).check(z.maxLength(50)),
});
/** Stops Claude Code's turn and keeps the work; the task waits for a word. */
const InterruptTask = z.object({ type: z.literal('interrupt_task'), id: Ulid, taskId: TaskId });
/** The worker's model from its next turn on. */
const SetTaskModel = z.object({
  type: z.literal('set_task_model'),
  id: Ulid,
  taskId: TaskId,
  model: WorkerModel,
});
/** Merges the pull request of a task in review. */
const MergeTask = z.object({ type: z.literal('merge_task'), id: Ulid, taskId: TaskId });
/** Answers all questions of one item; the first answer counts. */
const AnswerQuestion = z.object({
  type: z.literal('answer_question'),
  id: Ulid,
  taskId: TaskId,
  questionId: Ulid,
  answers: Answers,
});
/** Decides about a plan; refused when `hash` is not that of the plan's text as it stands. */
const DecidePlan = z.object({
  type: z.literal('decide_plan'),
  id: Ulid,
  taskId: TaskId,
  planId: Ulid,
  hash: PlanHash,
  verdict: PlanVerdict,
});

export const Command = z.discriminatedUnion('type', [
  Send,
  Stop,
  Again,
  DismissItem,
  CancelTask,
  RetryTask,
  MessageTask,
  ArrangeQueue,
  InterruptTask,
  SetTaskModel,
  MergeTask,
  RaiseBudget,
  MoveTask,
  ChangeSettings,
  AnswerQuestion,
  DecidePlan,
]);
export type Command = z.infer<typeof Command>;

/** Browser to main thread. */
export const Up = z.discriminatedUnion('type', [Hello, ...Command.def.options]);
export type Up = z.infer<typeof Up>;
