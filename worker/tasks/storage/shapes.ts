import * as z from 'zod/mini';
import type { Attachment } from '../../../protocol/attachment.ts';
import type { ChangesSummary } from '../../../protocol/changes.ts';
import type { Plan, Question } from '../../../protocol/decision.ts';
import {
  type InboxItem,
  type InboxOutcome,
  type LeftOpen,
  NOTHING_LEFT,
  type ReviewChecks,
} from '../../../protocol/inbox.ts';
import type { Usage } from '../../../protocol/model.ts';
import type { PullRequest, QueuedMessage, TaskSummary } from '../../../protocol/task.ts';
import {
  StoredBranchName,
  StoredId,
  StoredRepositoryName,
  StoredTime,
  orNull,
} from '../../platform/stored-values.ts';

/**
 * What a task's rows and the conversation's rows about tasks have in common. A default stands for
 * what rows did not have before: the version of an object's storage does not tell, since the log
 * and the inbox keep every row as it was written.
 */

export const StoredModel = z.enum(['opus', 'sonnet', 'haiku']);
export const StoredMode = z.enum(['plan', 'direct']);

export const StoredPullRequest: z.ZodMiniType<PullRequest> = z.object({
  number: z.int(),
  url: z.url(),
});

const StoredUsage: z.ZodMiniType<Usage> = z.object({
  inputTokens: z.int(),
  outputTokens: z.int(),
  cacheReadTokens: z.int(),
  cacheWriteTokens: z.int(),
  cost: z.number(),
});

const StoredChanges: z.ZodMiniType<ChangesSummary> = z.object({
  version: z.string(),
  files: z.int(),
  added: z.int(),
  removed: z.int(),
});

export const StoredAttachmentType = z.enum([
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'text/plain',
]);

export const StoredAttachment: z.ZodMiniType<Attachment> = z.object({
  id: StoredId,
  name: z.string().check(z.minLength(1)),
  type: StoredAttachmentType,
  bytes: z.int(),
});

/** Absent where nothing is attached, as before anything could be. */
export const StoredAttachments = z.optional(z.array(StoredAttachment));

export const StoredQueuedMessage: z.ZodMiniType<QueuedMessage> = z.object({
  id: StoredId,
  text: z.string(),
  attachments: StoredAttachments,
});

export const StoredOutcome: z.ZodMiniType<InboxOutcome> = z.object({
  by: z.enum(['person', 'conversation', 'github', 'task', 'mainloop']),
  text: z.string(),
  at: StoredTime,
});

export const StoredChecks: z.ZodMiniType<ReviewChecks> = z.discriminatedUnion('is', [
  z.object({ is: z.literal('none') }),
  z.object({
    is: z.literal('passed'),
    count: z.int(),
    names: z._default(z.array(z.string()), []),
  }),
  z.object({ is: z.literal('failed'), names: z.array(z.string()) }),
  z.object({ is: z.literal('unfinished') }),
]);

export const StoredLeftOpen: z.ZodMiniType<LeftOpen> = z.object({
  conflicts: z.boolean(),
  comments: z.object({ count: z.int(), by: z.array(z.string()) }),
});

export const StoredQuestion: z.ZodMiniType<Question> = z.object({
  question: z.string(),
  header: z.string(),
  options: z.array(z.object({ label: z.string(), description: z.string() })),
  multiSelect: z.boolean(),
});

export const StoredPlan: z.ZodMiniType<Plan> = z.object({
  id: StoredId,
  text: z.string(),
  hash: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
  round: z.int(),
  previous: z.nullable(z.string()),
  alternatives: z.array(z.string()),
});

export const StoredTaskSummary: z.ZodMiniType<TaskSummary> = z.object({
  id: StoredId,
  title: z.string(),
  repository: StoredRepositoryName,
  branch: StoredBranchName,
  baseBranch: StoredBranchName,
  model: StoredModel,
  mode: z._default(StoredMode, 'direct'),
  status: z.enum([
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
  ]),
  createdAt: StoredTime,
  updatedAt: StoredTime,
  startedAt: z.nullable(StoredTime),
  endedAt: z.nullable(StoredTime),
  pullRequest: z.nullable(StoredPullRequest),
  note: z.nullable(z.string()),
  usage: StoredUsage,
  changes: orNull(StoredChanges),
  attempt: z.int(),
  budget: orNull(z.number()),
  resumesAt: orNull(StoredTime),
  issue: orNull(StoredPullRequest),
  queued: z._default(z.array(StoredQueuedMessage), []),
});

const item = {
  id: StoredId,
  taskId: StoredId,
  title: z.string(),
  repository: StoredRepositoryName,
  at: StoredTime,
  outcome: z.nullable(StoredOutcome),
};

export const StoredScope = z.enum(['task', 'day']);

/** What is looked at may be more in a later version: of what this one does not know, it tells nothing. */
const StoredHealthName = z.enum([
  'history',
  'effects',
  'sandboxes',
  'model',
  'webhooks',
  'pushes',
  'set_aside',
  'connections',
]);

export const StoredInboxItem: z.ZodMiniType<InboxItem> = z.discriminatedUnion('kind', [
  z.object({
    ...item,
    kind: z.literal('review'),
    pullRequest: StoredPullRequest,
    summary: z.string(),
    tested: orNull(z.string()),
    checks: z._default(StoredChecks, { is: 'none' }),
    leftOpen: z._default(StoredLeftOpen, NOTHING_LEFT),
  }),
  z.object({
    ...item,
    kind: z.literal('question'),
    questionId: StoredId,
    questions: z.array(StoredQuestion),
  }),
  z.object({ ...item, kind: z.literal('plan'), plan: StoredPlan }),
  z.object({
    ...item,
    kind: z.literal('budget'),
    scope: StoredScope,
    limit: z.number(),
    used: z.number(),
  }),
  z.object({ ...item, kind: z.literal('word') }),
  z.object({ ...item, kind: z.literal('failure'), reason: z.string() }),
  z.object({
    ...item,
    taskId: z.null(),
    repository: z.null(),
    kind: z.literal('alert'),
    about: StoredHealthName,
    text: z.string(),
  }),
]);
