import * as z from 'zod/mini';
import type { Parking, TaskRecord, TaskState, Waiting } from '../lifecycle/state.ts';
import { StoredCommit, StoredDueTime, StoredTime } from '../../platform/stored-values.ts';
import {
  StoredChecks,
  StoredLeftOpen,
  StoredMode,
  StoredPullRequest,
  StoredScope,
} from './shapes.ts';

const StoredWaiting: z.ZodMiniType<Waiting> = z.discriminatedUnion('for', [
  z.object({ for: z.literal('answers'), questionId: z.string() }),
  z.object({ for: z.literal('approval'), planId: z.string() }),
  z.object({ for: z.literal('word') }),
  z.object({ for: z.literal('budget'), scope: StoredScope }),
  z.object({ for: z.literal('plan_limit'), until: StoredTime }),
]);

const StoredParking: z.ZodMiniType<Parking> = z.discriminatedUnion('is', [
  z.object({ is: z.literal('warm'), parkAt: StoredDueTime, silentAt: StoredDueTime }),
  z.object({ is: z.literal('leaving'), until: StoredTime }),
  z.object({ is: z.literal('gone') }),
]);

const poll = { pollAt: StoredDueTime, pollAfterMs: z.number() };
const deadline = StoredDueTime;

const StoredState: z.ZodMiniType<TaskState> = z.discriminatedUnion('is', [
  z.object({ is: z.literal('queued'), slot: z.enum(['waiting', 'granted']), deadline }),
  z.object({
    is: z.literal('starting'),
    ensured: z.boolean(),
    deadline,
    noRoomSince: z.optional(StoredTime),
  }),
  z.object({ is: z.literal('working'), deadline, stalledAt: z.optional(StoredTime) }),
  z.object({ is: z.literal('waiting'), what: StoredWaiting, sandbox: StoredParking }),
  z.object({
    is: z.literal('delivering'),
    result: z.object({
      is: z.literal('delivered'),
      commit: StoredCommit,
      summary: z.string(),
      tested: z.optional(z.nullable(z.string())),
      title: z.string(),
      body: z.string(),
    }),
    tries: z.int(),
    notBefore: StoredDueTime,
    deadline,
  }),
  z.object({ is: z.literal('checking'), since: StoredTime, ...poll }),
  z.object({
    is: z.literal('in_review'),
    checks: StoredChecks,
    leftOpen: z.optional(StoredLeftOpen),
    ...poll,
  }),
  z.object({ is: z.literal('done'), pullRequest: z.nullable(StoredPullRequest) }),
  z.object({ is: z.literal('failed'), reason: z.string() }),
  z.object({ is: z.literal('cancelled'), by: z.enum(['person', 'host']) }),
]);

/** A task's state with what outlives it, as the newest migration leaves it. */
export const StoredRecord: z.ZodMiniType<TaskRecord> = z.object({
  state: StoredState,
  mode: StoredMode,
  initialMode: StoredMode,
  fresh: z.boolean(),
  attempt: z.int(),
  generation: z.int(),
  losses: z.int(),
  stalls: z.optional(z.int()),
  startedAt: z.nullable(StoredTime),
  endedAt: z.nullable(StoredTime),
  pullRequest: z.nullable(StoredPullRequest),
  delivered: z.nullable(
    z.object({
      pullRequest: StoredPullRequest,
      commit: StoredCommit,
      summary: z.string(),
      tested: z.optional(z.nullable(z.string())),
      unchanged: z.optional(z.boolean()),
    }),
  ),
  rounds: z.int(),
});
