import * as z from 'zod/mini';
import type { TaskNotice, TaskReport } from '../api.ts';
import {
  StoredChecks,
  StoredInboxItem,
  StoredOutcome,
  StoredPlan,
  StoredPullRequest,
  StoredQuestion,
  StoredScope,
  StoredTaskSummary,
} from './shapes.ts';
import { StoredDay, StoredTime } from '../../platform/stored-values.ts';

const pullRequest = StoredPullRequest;
const budget = { scope: StoredScope, limit: z.number(), used: z.number() };

/** What the conversation is to say about a task. */
export const StoredNotice: z.ZodMiniType<TaskNotice> = z.discriminatedUnion('is', [
  z.object({ is: z.literal('opened'), pullRequest }),
  z.object({
    is: z.literal('review'),
    pullRequest,
    summary: z.string(),
    checks: z._default(StoredChecks, { is: 'none' }),
  }),
  z.object({ is: z.literal('question'), questions: z.array(StoredQuestion) }),
  z.object({ is: z.literal('plan'), plan: StoredPlan }),
  z.object({ is: z.literal('answered'), summary: z.string() }),
  z.object({ is: z.literal('failed'), reason: z.string() }),
  z.object({ is: z.literal('merged'), pullRequest }),
  z.object({ is: z.literal('closed'), pullRequest }),
  z.object({ is: z.literal('recovered'), reason: z.string() }),
  z.object({ is: z.literal('not_done'), reason: z.string() }),
  z.object({ is: z.literal('budget_near'), ...budget }),
  z.object({ is: z.literal('budget_spent'), ...budget }),
  z.object({ is: z.literal('plan_limit'), until: StoredTime }),
]);

export const StoredSlot = z.enum(['none', 'waiting', 'taken']);

/** A report to the main thread that waits; its number is its row's. */
export const StoredReport: z.ZodMiniType<Omit<TaskReport, 'number'>> = z.object({
  task: StoredTaskSummary,
  inbox: z.nullable(
    z.discriminatedUnion('is', [
      z.object({ is: z.enum(['open', 'revise']), item: StoredInboxItem }),
      z.object({ is: z.literal('settle'), outcome: StoredOutcome }),
    ]),
  ),
  notice: z.nullable(StoredNotice),
  slot: StoredSlot,
  spent: z.nullable(z.object({ day: StoredDay, cost: z.number() })),
});
