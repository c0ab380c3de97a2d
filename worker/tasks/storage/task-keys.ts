import * as z from 'zod/mini';
import type { ViewedMark } from '../../../protocol/changes.ts';
import type { Attachment } from '../../../protocol/attachment.ts';
import type { Equipment } from '../../../protocol/equipment.ts';
import type { WorkerModel } from '../../../protocol/model.ts';
import type { PullRequest } from '../../../protocol/task.ts';
import type { ValueSchemas } from '../../platform/kept-values.ts';
import { StoredCommit, StoredDueTime, StoredTime } from '../../platform/stored-values.ts';
import type { FeedbackRef } from '../lifecycle/outbox-effect.ts';
import type { Slot, TaskRecord } from '../lifecycle/state.ts';
import { StoredEquipment } from './equipment.ts';
import { StoredSlot } from './notice.ts';
import { StoredRecord } from './record.ts';
import {
  type CheckpointRecord,
  type IssuePoll,
  StoredCheckpoint,
  StoredFeedback,
  StoredHead,
  StoredIssuePoll,
  type TaskHead,
} from './rows.ts';
import { StoredAttachment, StoredModel, StoredPullRequest } from './shapes.ts';

/** What had to be done outside and was given up last. */
export type EffectEnded = { do: string; at: number; text: string };

/** The push that may reach the host, from the tip that it comes from; `paths` of power differ from the base. */
export type ClearedPush = { commit: string; before: string | null; paths: string[] };

/** Beside these: `token:<generation>` and `runner:<generation>`, once there was a sandbox. */
export type KeptTaskValues = {
  head: TaskHead;
  record: TaskRecord;
  models: WorkerModel[];
  feedback: { seen: string[]; open: FeedbackRef[] };
  budget: number;
  slot_told: Slot;
  issue: PullRequest;
  host_opens_at: number;
  issue_poll: IssuePoll;
  note: string | null;
  wait: number | null;
  checkpoint: CheckpointRecord;
  viewed: ViewedMark[];
  setup_over: number;
  equipment: Equipment;
  attachments: Attachment[];
  unreadable_told: boolean;
  cleared: ClearedPush;
  pushed_at: number;
  effect_ended: EffectEnded;
  history_behind_since: number;
  epoch: number;
};

/** Each key of a task with the schema of its value. */
export const TASK_VALUES: ValueSchemas<KeptTaskValues> = {
  head: StoredHead,
  record: StoredRecord,
  models: z.array(StoredModel),
  feedback: StoredFeedback,
  budget: z.number(),
  slot_told: StoredSlot,
  issue: StoredPullRequest,
  host_opens_at: StoredDueTime,
  issue_poll: StoredIssuePoll,
  note: z.nullable(z.string()),
  wait: z.nullable(z.number()),
  checkpoint: StoredCheckpoint,
  viewed: z.array(z.object({ path: z.string(), hash: z.string() })),
  setup_over: z.int(),
  equipment: StoredEquipment,
  attachments: z.array(StoredAttachment),
  unreadable_told: z.boolean(),
  cleared: z.object({
    commit: StoredCommit,
    before: z.nullable(StoredCommit),
    paths: z.array(z.string()),
  }),
  pushed_at: StoredTime,
  effect_ended: z.object({ do: z.string(), at: StoredTime, text: z.string() }),
  history_behind_since: StoredTime,
  epoch: StoredTime,
};

/** Beside the activity and the use, in the order in which they are restored. */
export const GOES_ON_FROM = [
  'record',
  'models',
  'feedback',
  'budget',
  'issue',
  'host_opens_at',
  'issue_poll',
  'note',
  'checkpoint',
  'viewed',
  'attachments',
  'equipment',
  'head',
] as const satisfies (keyof KeptTaskValues)[];
