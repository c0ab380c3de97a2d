import * as z from 'zod/mini';
import { Answer } from '../../protocol/decision.ts';

/** Items whose half-written decisions this device keeps: the newest. */
const DRAFTS_MAX = 50;
const KEY = 'inbox-drafts';

/** What is half decided about an item: answers, or words about what should change. */
const Draft = z.object({
  itemId: z.string(),
  answers: z._default(z.array(Answer), []),
  words: z._default(z.string(), ''),
  /** The command with which it was sent; it stays until that was taken, since another may have come first. */
  sentAs: z._default(z.nullable(z.string()), null),
});
export type Draft = z.infer<typeof Draft>;

/** The drafts with this one as the newest; one that says nothing goes. */
export function withDraft(drafts: readonly Draft[], draft: Draft): Draft[] {
  const others = drafts.filter(({ itemId }) => itemId !== draft.itemId);
  return isEmpty(draft) ? others : [draft, ...others].slice(0, DRAFTS_MAX);
}

function isEmpty({ answers, words }: Draft): boolean {
  return (
    words.trim() === '' &&
    answers.every(({ chosen, other }) => chosen.length === 0 && other.trim() === '')
  );
}

function readAll(): Draft[] {
  try {
    return z.array(Draft).parse(JSON.parse(localStorage.getItem(KEY) ?? '[]'));
  } catch {
    return [];
  }
}

function writeAll(drafts: readonly Draft[]): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(drafts));
  } catch {
    // No room: it lives as long as the page.
  }
}

export function draftOf(itemId: string): Draft | null {
  return readAll().find((draft) => draft.itemId === itemId) ?? null;
}

export function keepDraft(
  itemId: string,
  written: Partial<Pick<Draft, 'answers' | 'words' | 'sentAs'>>,
): void {
  const before = draftOf(itemId) ?? { itemId, answers: [], words: '', sentAs: null };
  writeAll(withDraft(readAll(), { ...before, ...written }));
}

export function dropDraft(itemId: string): void {
  writeAll(readAll().filter((draft) => draft.itemId !== itemId));
}

/** The draft as a person would say it to the task itself. */
export function draftText({ answers, words }: Draft, questions: readonly string[]): string {
  const said = answers.flatMap(({ chosen, other }, place) => {
    const answer = [...chosen, other.trim()].filter(Boolean).join(', ');
    if (answer === '') return [];
    const question = questions[place];
    return question === undefined ? [answer] : [`${question} ${answer}`];
  });
  return [...said, words.trim()].filter(Boolean).join('\n');
}
