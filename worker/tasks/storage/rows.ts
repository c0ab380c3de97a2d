import * as z from 'zod/mini';
import type { MailboxItem } from '../../../protocol/runner.ts';
import type { TaskEventBody } from '../../../protocol/task-event.ts';
import type { TaskCommandResult, TaskSpec } from '../api.ts';
import {
  StoredBranchName,
  StoredCommit,
  StoredDueTime,
  StoredId,
  StoredRepositoryName,
  StoredTime,
  orNull,
} from '../../platform/stored-values.ts';
import type { FeedbackRef, OutboxEffect } from '../lifecycle/outbox-effect.ts';
import { StoredEquipment } from './equipment.ts';
import type { ChangeCounts } from '../../../protocol/changes.ts';
import type { Poll } from '../lifecycle/polling.ts';
import {
  StoredAttachments,
  StoredMode,
  StoredModel,
  StoredPullRequest,
  StoredQuestion,
} from './shapes.ts';

/** When an issue's comments are looked at, for the decision that waits for one. */
export type IssuePoll = Poll & { decisionId: string };

export type TaskHead = { spec: TaskSpec; createdAt: number };

/**
 * The newest parts of the checkpoint, each with the generation that wrote it. Rows from before uploads
 * had keys of their own have no `key`.
 */
export type CheckpointRecord = {
  bundle: { generation: number; key?: string | undefined; commit: string } | null;
  transcript: { generation: number; key?: string | undefined; sessionId: string } | null;
  /** What a set-up wrote, and what it came from. */
  setup?: { generation: number; key: string; from: string } | null | undefined;
  /** What the work has changed so far, and its counts. */
  changes?: ({ generation: number; key: string } & ChangeCounts) | null | undefined;
};

export const StoredSpec: z.ZodMiniType<TaskSpec> = z.object({
  personId: z.string().check(z.minLength(1)),
  taskId: StoredId,
  title: z.string(),
  prompt: z.string(),
  repository: StoredRepositoryName,
  baseBranch: StoredBranchName,
  branch: StoredBranchName,
  model: StoredModel,
  mode: z._default(StoredMode, 'direct'),
  budget: orNull(z.number()),
  waitsForPlan: z._default(z.boolean(), true),
  context: z._default(z.string(), ''),
  withIssue: z._default(z.boolean(), false),
  attachments: StoredAttachments,
});

export const StoredHead: z.ZodMiniType<TaskHead> = z.object({
  spec: StoredSpec,
  createdAt: StoredTime,
});

const text = z.string();
const toolUseId = z.string();
const parent = orNull(z.string());

export const StoredEventBody: z.ZodMiniType<TaskEventBody> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('step'), text }),
  z.object({ type: z.literal('setup_began') }),
  z.object({ type: z.literal('setup_output'), text }),
  z.object({
    type: z.literal('setup_ended'),
    outcome: z.enum(['done', 'restored', 'failed', 'too_long', 'stopped']),
    exitCode: z.nullable(z.int()),
    durationMs: z.number(),
    secretsIn: z.array(text),
  }),
  z.extend(StoredEquipment, { type: z.literal('equipment') }),
  z.object({ type: z.literal('text'), text, parent }),
  z.object({
    type: z.literal('tool_call'),
    toolUseId,
    parent,
    tool: z.string(),
    title: z.string(),
    input: z.string(),
    truncated: z.boolean(),
  }),
  z.object({
    type: z.literal('tool_result'),
    toolUseId,
    parent,
    isError: z.boolean(),
    output: z.string(),
    truncated: z.boolean(),
  }),
  z.object({ type: z.literal('commit'), commit: StoredCommit, title: z.string() }),
  z.object({
    type: z.literal('question'),
    toolUseId,
    questions: z.array(StoredQuestion).check(z.minLength(1), z.maxLength(4)),
  }),
  z.object({ type: z.literal('plan'), toolUseId, text }),
  z.object({ type: z.literal('interrupted') }),
  z.object({ type: z.literal('steered'), text }),
  z.object({ type: z.literal('status'), status: z.string(), note: z.nullable(z.string()) }),
  z.object({ type: z.literal('pull_request'), pullRequest: StoredPullRequest }),
  z.object({ type: z.literal('message'), text, attachments: StoredAttachments }),
  z.object({ type: z.literal('decision'), text }),
]);

export const StoredMail: z.ZodMiniType<MailboxItem> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('message'), id: StoredId, text, attachments: StoredAttachments }),
  z.object({
    type: z.literal('answer'),
    id: StoredId,
    toolUseId,
    answers: z.record(z.string(), z.string()),
  }),
  z.object({ type: z.literal('approval'), id: StoredId, toolUseId, plan: z.string() }),
  z.object({ type: z.literal('changes'), id: StoredId, toolUseId, text }),
  z.object({ type: z.literal('interrupt'), id: StoredId }),
  z.object({ type: z.literal('park'), id: StoredId }),
]);

const StoredFeedbackRef: z.ZodMiniType<FeedbackRef> = z.object({
  id: z.string(),
  kind: z.enum(['review', 'inline', 'comment']),
  commentId: z.nullable(z.int()),
});

export const StoredFeedback = z.object({
  seen: z.array(z.string()),
  open: z.array(StoredFeedbackRef),
});

export const StoredEffect: z.ZodMiniType<OutboxEffect> = z.discriminatedUnion('do', [
  z.object({ do: z.literal('dispatch'), attempt: z.int() }),
  z.object({ do: z.literal('stop_sandbox'), generation: z.int() }),
  z.object({ do: z.literal('acknowledge'), to: StoredFeedbackRef }),
  z.object({ do: z.literal('reply'), number: z.int(), to: StoredFeedbackRef, text }),
  z.object({
    do: z.literal('close'),
    what: z.enum(['pull', 'issue']),
    number: z.int(),
    text: z.nullable(z.string()),
  }),
  z.object({ do: z.literal('watch') }),
  z.object({ do: z.literal('delete_checkpoint'), key: z.string() }),
  z.object({ do: z.literal('open_issue'), body: z.string() }),
  z.object({ do: z.literal('edit_issue'), body: z.string() }),
  z.object({ do: z.literal('comment_issue'), key: z.string(), text }),
]);

export const StoredCommandResult: z.ZodMiniType<TaskCommandResult> = z.discriminatedUnion('is', [
  z.object({ is: z.literal('done'), tookBack: z.optional(z.array(z.string())) }),
  z.object({ is: z.literal('refused'), text }),
]);

export const StoredIssuePoll: z.ZodMiniType<IssuePoll> = z.object({
  decisionId: z.string(),
  pollAt: StoredDueTime,
  pollAfterMs: z.number(),
});

export const StoredCheckpoint: z.ZodMiniType<CheckpointRecord> = z.object({
  bundle: z.nullable(
    z.object({ generation: z.int(), key: z.optional(z.string()), commit: StoredCommit }),
  ),
  transcript: z.nullable(
    z.object({ generation: z.int(), key: z.optional(z.string()), sessionId: z.string() }),
  ),
  setup: z.optional(
    z.nullable(z.object({ generation: z.int(), key: z.string(), from: z.string() })),
  ),
  changes: z.optional(
    z.nullable(
      z.object({
        generation: z.int(),
        key: z.string(),
        files: z.int(),
        added: z.int(),
        removed: z.int(),
      }),
    ),
  ),
});
