import * as z from 'zod/mini';

/** What the worker hands over at its end: for the conversation and for the pull request. */
export const Handover = z.object({
  summary: z.string().check(z.minLength(1)),
  /** Missing where the worker forgot it. */
  tested: z.optional(z.string()),
  title: z.string().check(z.minLength(1)),
  body: z.string(),
});
export type Handover = z.infer<typeof Handover>;

const SUMMARY_MAX_CHARS = 4_000;
const FENCE = /```json\s*\n(?<json>[\s\S]*?)\n\s*```/g;

/** The fenced JSON block that the worker was asked to end with; null when there is none. */
export function handoverIn(text: string): Handover | null {
  for (const match of [...text.matchAll(FENCE)].toReversed()) {
    try {
      const parsed = Handover.safeParse(JSON.parse(match.groups?.json ?? ''));
      if (parsed.success) return parsed.data;
    } catch {
      // Not this block: an example of JSON in the text, maybe.
    }
  }
  return null;
}

/** A worker that forgot its handover has done its work all the same: its last text is the summary and the body. */
export function handoverFrom(text: string, fallbackTitle: string): Handover {
  const plain = text.replace(FENCE, '').trim().slice(0, SUMMARY_MAX_CHARS);
  return { summary: plain || fallbackTitle, title: fallbackTitle, body: plain };
}

/** Why Claude Code could not go on, in one plain sentence. */
export function failureSentence(text: string): string {
  if (/\b401\b|authentication|invalid x-api-key/i.test(text)) {
    return 'The model refuses the key. Set a valid ANTHROPIC_API_KEY, then retry.';
  }
  if (/\b429\b|rate.?limit/i.test(text)) {
    return 'The model’s rate limit is reached. Retry goes on from the last checkpoint.';
  }
  if (/\b529\b|overloaded/i.test(text)) {
    return 'The model is overloaded. Retry goes on from the last checkpoint.';
  }
  if (/\b(5\d\d)\b|ECONN|timed? ?out|network|cannot be reached/i.test(text)) {
    return 'The model cannot be reached. Retry goes on from the last checkpoint.';
  }
  return 'Claude Code stopped with an error. Retry goes on from the last checkpoint.';
}
