import * as z from 'zod/mini';
import { type Decided, changesMessage } from '../../sandbox/decisions.ts';
import { PLANNING, decisionNote, firstPrompt, newSandboxNote } from '../../sandbox/instructions.ts';
import { pickedText } from '../../worker/tasks/decisions/wording.ts';
import { ANSWER_AGAIN } from '../../worker/thread/reply/prompt.ts';
import { type Element, quoted } from '../../worker/thread/reply/quote.ts';
import { SUMMARY_INSTRUCTIONS } from '../../worker/thread/reply/summary.ts';

/*
 * All sentences of the product that this model recognises. Each pattern is made of what the product
 * itself writes about samples, so that a change of wording reaches this model by itself.
 */

export { ANSWER_AGAIN, PLANNING, SUMMARY_INSTRUCTIONS };

export function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Matches `text` with anything in the place of the samples, which become groups by their names. */
function pattern(text: string, samples: Record<string, string>, end = '$'): RegExp {
  const source = Object.entries(samples).reduce(
    (made, [name, sample]) => made.replace(sample, `(?<${name}>[\\s\\S]*?)`),
    escaped(text),
  );
  return new RegExp(source + end);
}

/** Matches an element of the main thread's prompt; `data` is its JSON, in which no text can end it. */
function element(name: Element, end = ''): RegExp {
  return pattern(quoted(name, 'DATA', 100), { data: '"DATA"' }, end);
}

/** What is known now, the summary, and how earlier news were told: each at any place of a message. */
export const KNOWN = element('known');
export const SUMMARY = element('earlier');
export const TOLD_BEFORE = element('told');
/** Ends a message in which the main thread asks for words about what a task did. */
export const TASK_UPDATE = element('task_update', '\\s*$');
/** What the summariser is to fold in. */
export const MESSAGES = element('messages');

const Titled = { task_id: z.string(), title: z.string() };
/** What stands in `KNOWN`. */
export const Known = z.object({
  repositories: z.array(
    z.object({
      name: z.string(),
      description: z._default(z.string(), ''),
      mode_unless_the_person_says_otherwise: z._default(
        z.nullable(z.enum(['plan', 'direct'])),
        null,
      ),
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
    ]),
  ),
});
/** What stands in `TOLD_BEFORE`. */
export const Told = z.object({ text: z.string() });
/** What stands in `MESSAGES`. */
export const Messages = z.array(z.object({ from: z.string(), text: z.string() }));

export const PLAN_CHANGES = pattern(changesMessage('TEXT'), { text: 'TEXT' });
export const PLAN_PICKED = pattern(pickedText('TEXT').trim(), { text: 'TEXT' }, '(?:\\n|$)');

const told = (decided: Decided) =>
  pattern(`\n\n${decisionNote(decided).trimEnd()}`, { text: 'TEXT' });
const ids = { id: '', toolUseId: '' };
/** What is told to a session that does not remember that it asked; ends the first prompt. */
export const TOLD = {
  answers: told({ ...ids, type: 'answer', answers: { TEXT: '' } }),
  plan: told({ ...ids, type: 'approval', plan: 'TEXT' }),
  changes: told({ ...ids, type: 'changes', text: 'TEXT' }),
};

const first = (resumed: boolean, restored: boolean) =>
  firstPrompt({ title: '', prompt: '' }, resumed, restored);
/** Texts of the runner that ask for nothing. */
export const GO_ON = [first(true, true), first(true, false)];
/** Follows the task where an earlier sandbox has begun it. */
export const BEGUN = first(false, true).trimStart();
/** Begins a message to a new sandbox; the person's words follow after an empty line. */
export const NEW_SANDBOX = [newSandboxNote(true), newSandboxNote(false)];
