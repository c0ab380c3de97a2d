import * as z from 'zod/mini';
import { Attachment } from './attachment.ts';
import { QUESTIONS_MAX, Question } from './decision.ts';
import { Equipment } from './equipment.ts';
import { CommitId, Timestamp } from './ids.ts';
import { PullRequest } from './task.ts';

/** Longest text that one event carries, in UTF-16 code units; more is cut and marked as `truncated`. */
export const EVENT_TEXT_MAX_CHARS = 20_000;
/** The same of what a tool answered: its beginning and its end, where what failed is mostly said. */
export const EVENT_OUTPUT_MAX_CHARS = 100_000;

/** The tool call whose sub-agent did it; null for the session itself. Runners of before do not say. */
const parent = z._default(z.nullable(z.string()), null);

/** What a runner saw Claude Code do. `toolUseId` ties a tool's result to its call. */
export const RunnerEventBody = z.discriminatedUnion('type', [
  /** A plain line about the sandbox itself: cloned, resumed from a checkpoint, pushed. */
  z.object({ type: z.literal('step'), text: z.string() }),
  /** The repository's set-up script runs; its output follows in pieces, and its end. */
  z.object({ type: z.literal('setup_began') }),
  z.object({ type: z.literal('setup_output'), text: z.string() }),
  z.object({
    type: z.literal('setup_ended'),
    /** `restored`: an earlier sandbox's was put back, and nothing was run. */
    outcome: z.enum(['done', 'restored', 'failed', 'too_long', 'stopped']),
    /** Null when it did not end by itself. */
    exitCode: z.nullable(z.int()),
    durationMs: z.number(),
    /** Where a secret lies in a file afterwards. */
    secretsIn: z.array(z.string()),
  }),
  /** What the repository brings for its workers, told before the worker's first step. */
  z.extend(Equipment, { type: z.literal('equipment') }),
  z.object({ type: z.literal('text'), text: z.string(), parent }),
  z.object({
    type: z.literal('tool_call'),
    toolUseId: z.string(),
    parent,
    /** Claude Code's tool name: Bash, Read, Edit, ... */
    tool: z.string(),
    /** One line for the folded row: a command, a path, a pattern. */
    title: z.string(),
    /** The tool's input as JSON text. */
    input: z.string(),
    truncated: z.boolean(),
  }),
  z.object({
    type: z.literal('tool_result'),
    toolUseId: z.string(),
    parent,
    isError: z.boolean(),
    output: z.string(),
    truncated: z.boolean(),
  }),
  z.object({ type: z.literal('commit'), commit: CommitId, title: z.string() }),
  /** The worker asks and waits. */
  z.object({
    type: z.literal('question'),
    toolUseId: z.string(),
    questions: z.array(Question).check(z.minLength(1), z.maxLength(QUESTIONS_MAX)),
  }),
  /** The worker presents a plan and waits. */
  z.object({ type: z.literal('plan'), toolUseId: z.string(), text: z.string() }),
  /** The person stopped the turn; the work is kept. */
  z.object({ type: z.literal('interrupted') }),
  /** A message of the person that Claude Code has now been given. */
  z.object({ type: z.literal('steered'), text: z.string() }),
]);
export type RunnerEventBody = z.infer<typeof RunnerEventBody>;

/** What the Task itself adds to the activity. */
export const TaskEventBody = z.discriminatedUnion('type', [
  ...RunnerEventBody.def.options,
  /** The status changed; `note` says why in one plain sentence. */
  z.object({ type: z.literal('status'), status: z.string(), note: z.nullable(z.string()) }),
  z.object({ type: z.literal('pull_request'), pullRequest: PullRequest }),
  /** The person's message to this task, before the runner took it. */
  z.object({
    type: z.literal('message'),
    text: z.string(),
    attachments: z.optional(z.array(Attachment)),
  }),
  /** What was decided about a question or a plan, and by whom: one plain sentence. */
  z.object({ type: z.literal('decision'), text: z.string() }),
]);
export type TaskEventBody = z.infer<typeof TaskEventBody>;

/** One line of a task's activity. `number` is 1 for the first and has no gaps. */
export const TaskEvent = z.object({
  number: z.int().check(z.positive()),
  at: Timestamp,
  body: TaskEventBody,
});
export type TaskEvent = z.infer<typeof TaskEvent>;
