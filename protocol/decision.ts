import * as z from 'zod/mini';
import { Ulid } from './ids.ts';

/** What a worker may offer for one question. */
const QuestionOption = z.object({ label: z.string(), description: z.string() });

/** One question of a worker, as Claude Code's AskUserQuestion tool asks it. */
export const Question = z.object({
  question: z.string(),
  /** A word or two that name it. */
  header: z.string(),
  options: z.array(QuestionOption),
  /** True when several options may be chosen. */
  multiSelect: z.boolean(),
});
export type Question = z.infer<typeof Question>;

/** Most questions that one item asks at once. */
export const QUESTIONS_MAX = 4;

/** The answer to the question at the same place: options by their labels, and words of one's own. */
export const Answer = z.object({
  chosen: z.array(z.string().check(z.maxLength(2_000))).check(z.maxLength(20)),
  /** Free text beside the options or in their place; empty when there is none. */
  other: z.string().check(z.maxLength(20_000)),
});
export type Answer = z.infer<typeof Answer>;

export const Answers = z.array(Answer).check(z.minLength(1), z.maxLength(QUESTIONS_MAX));
export type Answers = z.infer<typeof Answers>;

/** SHA-256 of a plan's text in UTF-8, in hex: an approval names what it approves. */
export const PlanHash = z.string().check(z.regex(/^[0-9a-f]{64}$/));

export const Plan = z.object({
  id: Ulid,
  /** Markdown. */
  text: z.string(),
  hash: PlanHash,
  /** 1 for the first; each revision adds one. */
  round: z.int(),
  /** The text that this one revises; null for the first. */
  previous: z.nullable(z.string()),
  /** Named alternatives that the plan offers, of which one can be picked; mostly none. */
  alternatives: z.array(z.string()),
});
export type Plan = z.infer<typeof Plan>;

/** What a person says to a plan. */
export const PlanVerdict = z.discriminatedUnion('is', [
  /** `alternative` is one of the plan's, or null for the plan as it stands. */
  z.object({ is: z.literal('approve'), alternative: z.nullable(z.string()) }),
  z.object({
    is: z.literal('changes'),
    text: z.string().check(z.minLength(1), z.maxLength(20_000)),
  }),
  z.object({ is: z.literal('reject') }),
]);
export type PlanVerdict = z.infer<typeof PlanVerdict>;

/** Where a decision was made; `login` is the name at the git host. */
export const DecidedBy = z.discriminatedUnion('is', [
  z.object({ is: z.literal('app') }),
  z.object({ is: z.literal('conversation') }),
  z.object({ is: z.literal('github'), login: z.string() }),
]);
export type DecidedBy = z.infer<typeof DecidedBy>;
