import * as z from 'zod/mini';
import { InboxItemId, RepositoryName, TaskId, Timestamp } from './ids.ts';
import { PullRequest } from './task.ts';

/** Who settled an item, and how, for the line that stays when it folds away. */
export const InboxOutcome = z.object({
  /** `person`: on this screen or another; `task`: the task moved on by itself. */
  by: z.enum(['person', 'task']),
  /** One plain sentence: `Dismissed`, `Retried`, `The task was cancelled`. */
  text: z.string(),
  at: Timestamp,
});

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
  }),
  /** A task that failed; `reason` is one plain sentence with what can be done. */
  z.object({ ...base, kind: z.literal('failure'), reason: z.string() }),
]);
export type InboxItem = z.infer<typeof InboxItem>;
