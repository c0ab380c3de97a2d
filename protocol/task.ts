import * as z from 'zod/mini';
import { BranchName, RepositoryName, TaskId, Timestamp } from './ids.ts';
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

/** The draft pull request of a task, as the git host numbers it. */
export const PullRequest = z.object({ number: z.int(), url: z.url() });
export type PullRequest = z.infer<typeof PullRequest>;

/** One task as lists, cards and the head of its page show it. */
export const TaskLine = z.object({
  id: TaskId,
  title: z.string(),
  repository: RepositoryName,
  /** The one branch that this task may push; fixed when the task is made. */
  branch: BranchName,
  baseBranch: BranchName,
  model: WorkerModel,
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
  /** 1 for the first try; each Retry adds one. */
  attempt: z.int(),
});
export type TaskLine = z.infer<typeof TaskLine>;
