import * as z from 'zod/mini';
import { Attachment } from './attachment.ts';
import { ChangesSummary } from './changes.ts';
import { BranchName, RepositoryName, TaskId, Timestamp, Ulid } from './ids.ts';
import { Usage, WorkerModel } from './model.ts';

/** A task's status in the words that the screen shows. */
export const TaskStatus = z.enum([
  'Queued',
  'Starting',
  'Planning',
  'Needs answers',
  'Needs approval',
  'Working',
  'Checking',
  'In review',
  'Done',
  'Failed',
  'Cancelled',
]);
export type TaskStatus = z.infer<typeof TaskStatus>;

/** `plan`: Claude Code reads and asks, and changes nothing before its plan is approved; `direct`: it sets to work. */
export const TaskMode = z.enum(['plan', 'direct']);
export type TaskMode = z.infer<typeof TaskMode>;

/** The draft pull request of a task, as the git host numbers it. */
export const PullRequest = z.object({ number: z.int(), url: z.url() });
export type PullRequest = z.infer<typeof PullRequest>;

/** A message of the person that waits for the worker's next turn. */
export const QueuedMessage = z.object({
  id: Ulid,
  text: z.string(),
  attachments: z.optional(z.array(Attachment)),
});
export type QueuedMessage = z.infer<typeof QueuedMessage>;

/** One task as lists, cards and the head of its page show it. */
export const TaskSummary = z.object({
  id: TaskId,
  title: z.string(),
  repository: RepositoryName,
  /** The one branch that this task may push; fixed when the task is made. */
  branch: BranchName,
  baseBranch: BranchName,
  model: WorkerModel,
  /** How the task began. */
  mode: TaskMode,
  status: TaskStatus,
  createdAt: Timestamp,
  updatedAt: Timestamp,
  /** When work began; null while queued. */
  startedAt: z.nullable(Timestamp),
  /** When a final status was reached. */
  endedAt: z.nullable(Timestamp),
  pullRequest: z.nullable(PullRequest),
  /** What it is doing now, or the plain sentence that says why it failed. */
  note: z.nullable(z.string()),
  usage: Usage,
  /** What it has changed so far; null before there is anything. */
  changes: z.nullable(ChangesSummary),
  /** Counts its stretches of work: the first try, retries, going on after a wait. */
  attempt: z.int(),
  /** Most that it may cost, in US dollars; null without a limit. */
  budget: z.nullable(z.number()),
  /** When it goes on by itself, while it waits for the Claude plan's limit. */
  resumesAt: z.nullable(Timestamp),
  /** The issue at the git host where its questions and plans are shown too. */
  issue: z.nullable(PullRequest),
  /** In the order in which they will be given. */
  queued: z.array(QueuedMessage),
});
export type TaskSummary = z.infer<typeof TaskSummary>;

/** Tasks that wait for a place among those at work, the next one first. */
export const TaskQueue = z.array(
  z.object({
    taskId: TaskId,
    /** It starts no earlier than this one has delivered or ended; null when it need not wait for one. */
    after: z.nullable(TaskId),
  }),
);
export type TaskQueue = z.infer<typeof TaskQueue>;
