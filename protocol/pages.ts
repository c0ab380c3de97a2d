import * as z from 'zod/mini';
import { ViewedMark } from './changes.ts';
import { Equipment } from './equipment.ts';
import { RepositoryName, Timestamp } from './ids.ts';
import { Message } from './message.ts';
import { Usage, WorkerModel } from './model.ts';
import { TaskStatus, TaskSummary } from './task.ts';

/**
 * Answer of `GET /api/messages?limit=<n>`, oldest first: the newest; those before or after a log number
 * (`before=<seq>`, `after=<seq>`); those on both sides of a message and itself (`around=<id>`).
 */
export const MessagesPage = z.object({
  messages: z.array(Message),
  hasOlder: z.boolean(),
  /** False where a server says nothing of it: that one is only ever asked for older ones. */
  hasNewer: z._default(z.boolean(), false),
});
export type MessagesPage = z.infer<typeof MessagesPage>;

/** When a task came to a status. */
const StatusChange = z.object({ status: TaskStatus, at: Timestamp });
export type StatusChange = z.infer<typeof StatusChange>;

/**
 * Answer of `GET /api/tasks/<id>`; `changes` are the newest of its status, oldest first; `viewed` what the
 * person has looked at of its changed files.
 */
export const TaskDetails = z.object({
  task: TaskSummary,
  prompt: z.string(),
  changes: z.array(StatusChange),
  viewed: z.array(ViewedMark),
  /** What its repository brings for workers; null where that is nothing, or not known yet. */
  equipment: z._default(z.nullable(Equipment), null),
});
export type TaskDetails = z.infer<typeof TaskDetails>;

/** What a task's sandboxes asked for and were refused: a host, or a method and a host that may only be read. */
const EgressRefusal = z.object({
  asked: z.string(),
  count: z.int().check(z.positive()),
  firstAt: Timestamp,
  lastAt: Timestamp,
});
export type EgressRefusal = z.infer<typeof EgressRefusal>;

/** `GET /api/tasks/:id/refused`: the newest first. */
export const EgressRefusals = z.object({ rows: z.array(EgressRefusal) });

/** Answer of every route that refuses: a code for programs and a plain sentence for people. */
export const Refused = z.object({ error: z.string(), text: z.string() });
export type Refused = z.infer<typeof Refused>;

/** A task's use of one model on one UTC day (`YYYY-MM-DD`). */
export const UsageByDay = z.extend(Usage, {
  day: z.string(),
  model: z.string(),
  /** Some of it was not counted by the API: whoever asked had left, or an answer broke off. */
  isEstimated: z.boolean(),
});
export type UsageByDay = z.infer<typeof UsageByDay>;

/** `GET /api/tasks/:id/usage`: newest day first. */
export const TaskUsage = z.object({ rows: z.array(UsageByDay) });

/** What was spent on one UTC day (`YYYY-MM-DD`): by the conversation, or by tasks of one repository and model. */
const SpentOnDay = z.object({
  day: z.string(),
  /** Null for the conversation, and for tasks of which nothing else is known any more. */
  repository: z.nullable(RepositoryName),
  model: z.nullable(WorkerModel),
  by: z.enum(['conversation', 'tasks']),
  /** US dollars. */
  cost: z.number(),
});
export type SpentOnDay = z.infer<typeof SpentOnDay>;

/** `GET /api/usage?days=<n>`: of so many days up to today, oldest first; days without any are left out. */
export const SpentAnswer = z.object({ today: z.string(), rows: z.array(SpentOnDay) });
export type SpentAnswer = z.infer<typeof SpentAnswer>;
/** Days that one answer has at most. */
export const SPENT_DAYS_MAX = 366;
