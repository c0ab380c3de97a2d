import * as z from 'zod/mini';
import type { Summary } from './summary.ts';
import { DEFAULT_EGRESS, type EgressPolicy } from '../../../protocol/egress.ts';
import type { RefusalCode } from '../../../protocol/down.ts';
import type { LogChange } from '../../../protocol/log.ts';
import type { Message } from '../../../protocol/message.ts';
import type { Repository } from '../../../protocol/repository.ts';
import { InstanceType } from '../../../protocol/environment.ts';
import {
  DEFAULT_REPOSITORY_SETTINGS,
  DEFAULT_SETTINGS,
  type Settings,
} from '../../../protocol/settings.ts';
import type { TaskQueue, TaskSummary } from '../../../protocol/task.ts';
import {
  StoredBranchName,
  StoredId,
  StoredNumber,
  StoredRepositoryName,
  StoredTime,
  orElse,
  orNull,
} from '../../platform/stored-values.ts';
import type { TaskNotice } from '../../tasks/api.ts';
import { StoredNotice } from '../../tasks/storage/notice.ts';
import {
  StoredAttachmentType,
  StoredAttachments,
  StoredInboxItem,
  StoredModel,
  StoredTaskSummary,
} from '../../tasks/storage/shapes.ts';

/*
 * What the conversation's rows hold. The log keeps every row as it was written, so a default stands
 * for each field that older rows do not have.
 */

const message = { id: StoredId, text: z.string(), at: StoredTime, seq: StoredNumber };

export const StoredMessage: z.ZodMiniType<Message> = z.discriminatedUnion('from', [
  z.object({ ...message, from: z.literal('person'), attachments: StoredAttachments }),
  z.object({
    ...message,
    from: z.literal('mainloop'),
    state: z.discriminatedUnion('is', [
      z.object({ is: z.literal('streaming') }),
      z.object({ is: z.literal('done') }),
      z.object({ is: z.literal('cut'), why: z.enum(['stopped', 'restarted']) }),
      z.object({ is: z.literal('failed'), error: z.string() }),
    ]),
    taskIds: z.array(StoredId),
    // Older replies do not say: they pass for answers to the person, as they always did.
    about: z.optional(StoredId),
  }),
]);

const { limits, model, instructions } = DEFAULT_SETTINGS;

const StoredEgress: z.ZodMiniType<EgressPolicy> = z.discriminatedUnion('is', [
  z.object({ is: z.literal('none') }),
  z.object({ is: z.literal('registries') }),
  z.object({ is: z.literal('list'), hosts: z.array(z.string()) }),
  z.object({ is: z.literal('open') }),
]);

const StoredVariable = z.object({
  name: z.string(),
  value: z.string(),
  during: z.enum(['setup', 'work']),
});

const parts = {
  limits: z.object({
    parallel: z.int().check(z.minimum(1), z.maximum(50)),
    taskBudget: z.nullable(z.number().check(z.positive())),
    dayBudget: z.nullable(z.number().check(z.positive())),
    waitsForPlan: z.boolean(),
  }),
  model: z._default(StoredModel, model),
  instructions: z.string(),
  repositories: z.record(
    z.string(),
    z.object({
      mode: z.enum(['auto', 'plan', 'direct']),
      model: orNull(StoredModel),
      withIssue: z.boolean(),
      instructions: z.string(),
      egress: z._default(StoredEgress, DEFAULT_EGRESS),
      instance: z._default(InstanceType, DEFAULT_REPOSITORY_SETTINGS.instance),
      trusted: z._default(z.boolean(), false),
      variables: z._default(z.array(StoredVariable), []),
    }),
  ),
  memory: z.array(
    z.object({
      id: StoredId,
      text: z.string(),
      repository: z.nullable(StoredRepositoryName),
      at: StoredTime,
    }),
  ),
  secrets: z._default(
    z.record(
      z.string(),
      z.array(z.object({ name: z.string(), during: z.enum(['setup', 'work']), at: StoredTime })),
    ),
    {},
  ),
  notifications: z._default(
    z.object({
      quiet: z.nullable(z.object({ from: z.string(), to: z.string(), zone: z.string() })),
    }),
    DEFAULT_SETTINGS.notifications,
  ),
};

/** A row of `secrets`: a value as it is sealed. */
export const StoredSecret = z.object({
  id: z.string(),
  repository: StoredRepositoryName,
  name: z.string(),
  sealed: z.string(),
});

/** A row of `attachments`; type and bytes are known once the upload is whole. */
export const StoredAttachmentRow = z.object({
  id: StoredId,
  name: z.string().check(z.minLength(1)),
  type: z.nullable(StoredAttachmentType),
  bytes: z.int(),
  state: z.enum(['open', 'whole', 'going']),
  delete_at: z.nullable(StoredTime),
});

export const StoredSettings: z.ZodMiniType<Settings> = z.object(parts);

/** The same where some part cannot be read: the others stay as the person has set them. */
export const SalvagedSettings: z.ZodMiniType<Settings> = z.object({
  limits: orElse(parts.limits, limits),
  model: orElse(parts.model, model),
  instructions: orElse(parts.instructions, instructions),
  repositories: orElse(parts.repositories, {}),
  memory: orElse(parts.memory, []),
  secrets: orElse(parts.secrets, {}),
  notifications: orElse(parts.notifications, DEFAULT_SETTINGS.notifications),
});

export const StoredQueue: z.ZodMiniType<TaskQueue> = z.array(
  z.object({ taskId: StoredId, after: orNull(StoredId) }),
);

export const StoredLogChange: z.ZodMiniType<LogChange> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('message'), message: StoredMessage }),
  z.object({ type: z.literal('task'), task: StoredTaskSummary }),
  z.object({ type: z.literal('inbox'), item: StoredInboxItem }),
  z.object({ type: z.literal('settings'), settings: StoredSettings }),
  z.object({ type: z.literal('queue'), queue: StoredQueue }),
]);

const StoredRepository: z.ZodMiniType<Repository> = z.object({
  name: StoredRepositoryName,
  defaultBranch: StoredBranchName,
  description: z.nullable(z.string()),
  private: z.boolean(),
});

/** The git host's list and when it was read. */
export const StoredRepositories = z.object({ at: StoredTime, list: z.array(StoredRepository) });

export const StoredThreadSummary: z.ZodMiniType<Summary> = z.object({
  text: z.string(),
  upTo: z.int(),
});

/** What a reply answers: what the person said, or what a task reports. */
export type TurnCause =
  /** `ids` are the person's messages that it answers. */
  | { is: 'message'; ids: string[] }
  /** The person asks again for a reply that was cut off or failed. */
  | { is: 'again'; replyId: string }
  | { is: 'notice'; task: TaskSummary; notice: TaskNotice };

export const StoredTurnCause: z.ZodMiniType<TurnCause> = z.discriminatedUnion('is', [
  z.object({ is: z.literal('message'), ids: z._default(z.array(StoredId), []) }),
  z.object({ is: z.literal('again'), replyId: StoredId }),
  z.object({ is: z.literal('notice'), task: StoredTaskSummary, notice: StoredNotice }),
]);

/** A row of `turn_restarts`: how often a turn that had begun began once more. */
export const StoredTurnRestarts = z.object({ turn_id: z.int(), count: z.int() });

/** What goes back to the model: JSON text. */
export type ToolResult = { text: string; isError: boolean };

export const StoredToolResult: z.ZodMiniType<ToolResult> = z.object({
  text: z.string(),
  isError: z.boolean(),
});

/** A row of `tool_calls`; `input` and `result` are JSON. */
export const StoredToolCall = z.object({
  id: z.string(),
  reply_id: z.string(),
  name: z.string(),
  input: z.string(),
  new_id: StoredId,
  result: z.nullable(z.string()),
});

export const StoredToolInput = z.record(z.string(), z.unknown());

/** A row of `starts`; `spec` is JSON. */
export const StoredStart = z.object({
  task_id: StoredId,
  spec: z.string(),
  state: z.enum(['wanted', 'created', 'given_up']),
  tries: z.int(),
  due_at: StoredTime,
});

/** What a command comes to: stored under a log number, or refused in plain words. */
export type CommandResult =
  | { is: 'done'; seq: number | null }
  | { is: 'refused'; code: RefusalCode; text: string };

export const StoredCommandResult: z.ZodMiniType<CommandResult> = z.discriminatedUnion('is', [
  z.object({ is: z.literal('done'), seq: z.nullable(StoredNumber) }),
  z.object({
    is: z.literal('refused'),
    code: z.enum([
      'empty',
      'too_long',
      'not_found',
      'already_settled',
      'not_possible_now',
      'malformed',
    ]),
    text: z.string(),
  }),
]);

/** A row of `slots`, with SQLite's numbers for true and false. */
export const StoredSlotRow = z.object({
  task_id: StoredId,
  attempt: z.int(),
  slot: z.enum(['waiting', 'taken']),
  granted: z.int(),
  ahead: z.int(),
  after: z.nullable(z.string()),
});

/** A row of `reserved`: what a task's calls under way may cost at most, in US dollars. */
export const StoredReserved = z.object({
  task_id: z.string(),
  worst: z.number(),
  revision: z.int(),
  told_at: StoredTime,
});
