import * as z from 'zod/mini';
import { TaskMode } from '../../protocol/task.ts';
import { type Decided, changesMessage } from '../../sandbox/decisions.ts';
import { ATTACHED } from '../../sandbox/attachments.ts';
import { PLANNING, decisionNote, firstPrompt, newSandboxNote } from '../../sandbox/instructions.ts';
import { pickedText } from '../../worker/tasks/decisions/wording.ts';
import { ANSWER_AGAIN } from '../../worker/thread/reply/prompt.ts';
import { type Element, quoted } from '../../worker/thread/reply/quote.ts';
import { SUMMARY_INSTRUCTIONS } from '../../worker/thread/reply/summary.ts';
import { parsed } from './wire.ts';

/*
 * All sentences of the product that this model recognises. Each pattern is made of what the product
 * itself writes about samples, so that a change of wording reaches this model by itself.
 */

export { ANSWER_AGAIN, PLANNING, SUMMARY_INSTRUCTIONS };

const SAMPLE = 'TEXT';

/** Matches `text` with anything in the place of the sample, which becomes the group `said`. */
function pattern(text: string, end = '$', sample = SAMPLE): RegExp {
  const parts = text.split(sample).map(RegExp.escape);
  return new RegExp(parts.join('(?<said>[\\s\\S]*?)') + end, 'g');
}

/** What was said in the places of the sample. */
export function saidIn(text: string, one: RegExp): string[] {
  return [...text.matchAll(one)].flatMap(({ groups }) => groups?.['said'] ?? []);
}

/** An element of the main thread's prompt: its pattern, and what a text holds in such elements, read by `schema`. */
function element<Schema extends z.ZodMiniType>(name: Element, schema: Schema, end = '') {
  // All of it is JSON, in which no text can end the element.
  const whole = pattern(quoted(name, SAMPLE, 100), end, JSON.stringify(SAMPLE));
  const read = (text: string): z.infer<Schema>[] =>
    saidIn(text, whole).flatMap((json) => parsed(schema, json) ?? []);
  return { pattern: whole, read };
}

const Titled = { task_id: z.string(), title: z.string() };
const Known = z.object({
  repositories: z.array(
    z.object({
      name: z.string(),
      description: z._default(z.string(), ''),
      mode_unless_the_person_says_otherwise: z.optional(TaskMode),
    }),
  ),
  open_tasks: z.array(
    z.object({ id: z.string(), title: z.string(), status: z.string(), repository: z.string() }),
  ),
  waiting_for_the_person: z.array(
    z.union([
      z.object({
        ...Titled,
        question: z.string(),
        options: z.array(z.string()),
        several_possible: z._default(z.boolean(), false),
      }),
      z.object({ ...Titled, plan_waits_for_approval: z.int(), alternatives: z.array(z.string()) }),
      z.object({ ...Titled, budget_is_spent: z.number() }),
      z.object({ ...Titled, interrupted: z.string() }),
      z.object({ ...Titled, in_review_but: z.array(z.string()) }),
    ]),
  ),
});
/** One message of the conversation. */
export const Said = z.object({ from: z.string(), text: z.string() });
export type Said = z.infer<typeof Said>;
export type Known = z.infer<typeof Known>;

/** What is known now, the summary, and how earlier news were told: each at any place of a message. */
export const KNOWN = element('known', Known);
export const SUMMARY = element('earlier', z.string());
export const TOLD_BEFORE = element('told', z.object({ text: z.string() }));
const AttachedFile = z.object({
  id: z.string(),
  name: z.string(),
  image: z.optional(z.string()),
  text: z.optional(z.string()),
});
/** A file that came with what the person said. */
export type AttachedFile = z.infer<typeof AttachedFile>;
export const ATTACHMENT = element('attachment', AttachedFile);
/** Ends a message in which the main thread asks for words about what a task did. */
export const TASK_UPDATE = element('task_update', z.unknown(), '\\s*$');
/** What the summariser is to fold in. */
export const MESSAGES = element('messages', z.array(Said));

export const PLAN_CHANGES = pattern(changesMessage(SAMPLE));
export const PLAN_PICKED = pattern(pickedText(SAMPLE).trim(), '(?:\\n|$)');

const told = (decided: Decided) => pattern(`\n\n${decisionNote(decided).trimEnd()}`);
const ids = { id: '', toolUseId: '' };
/** What is told to a session that does not remember that it asked; ends the first prompt. */
export const TOLD = {
  answers: told({ ...ids, type: 'answer', answers: { [SAMPLE]: '' } }),
  plan: told({ ...ids, type: 'approval', plan: SAMPLE }),
  changes: told({ ...ids, type: 'changes', text: SAMPLE }),
};

const first = (resumed: boolean, restored: boolean) =>
  firstPrompt({ title: '', prompt: '' }, resumed, restored);
/** Texts of the runner that ask for nothing. */
export const GO_ON = [first(true, true), first(true, false)];
/** Follows the task where an earlier sandbox has begun it. */
export const BEGUN = first(false, true).trimStart();
/** Begins a message to a new sandbox; the person's words follow after an empty line. */
export const NEW_SANDBOX = [newSandboxNote(true), newSandboxNote(false)];

const GivenFile = z.object({ name: z.string(), type: z.string(), path: z.optional(z.string()) });
/** A file that a worker was given. */
export type GivenFile = z.infer<typeof GivenFile>;
const GIVEN = new RegExp(`\\s*${RegExp.escape(ATTACHED)}(?<said>(?:\\n\\{.*\\})+)`, 'g');

/** What is said to a worker without what is said of files, and those files. */
export function readGiven(text: string): { words: string; files: GivenFile[] } {
  const files = saidIn(text, GIVEN)
    .flatMap((lines) => lines.trim().split('\n'))
    .flatMap((line) => parsed(GivenFile, line) ?? []);
  return { words: text.replace(GIVEN, '').trim(), files };
}
