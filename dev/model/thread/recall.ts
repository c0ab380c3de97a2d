import * as z from 'zod/mini';

const Matches = z.object({
  matches: z.array(
    z.object({
      at: z.optional(z.union([z.string(), z.number()])),
      from: z.string(),
      text: z.string(),
    }),
  ),
});

export type Said = { from: string; text: string; at?: string | number | undefined };

const QUESTION_WORDS =
  /^(?:a|about|again|am|an|and|are|as|ask|asked|at|be|been|before|beginning|call|called|can|conversation|could|decide|decided|did|do|does|earlier|exactly|first|for|from|give|had|has|have|how|i|in|is|it|its|know|last|me|mention|mentioned|message|my|name|named|of|on|our|please|recall|remember|remind|said|say|start|still|tell|that|the|then|there|these|this|time|to|today|told|us|use|want|wanted|was|we|were|what|when|where|which|who|why|will|with|you|your)$/;

/** The words of a question that carry its meaning, to search for. */
export function keywords(question: string): string[] {
  const words = question.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}_-]*/gu) ?? [];
  return [...new Set(words.filter((word) => !QUESTION_WORDS.test(word)))];
}

function sentences(text: string): string[] {
  return text
    .split(/\n+|(?<=[.!?])\s+/)
    .map((one) => one.trim().replace(/^[-*]\s+/, ''))
    .filter((one) => one !== '');
}

function isQuestion(text: string): boolean {
  return /\?\s*$/.test(text) || /^(?:remind me|do you (?:remember|know))\b/i.test(text);
}

function hits(text: string, words: readonly string[]): number {
  const lower = text.toLowerCase();
  return words.filter((word) => lower.includes(word)).length;
}

/**
 * The sentence that answers a question best: the one with most of its words, the person's own
 * before the assistant's, and never another question. Null when no sentence has half of them.
 */
export function bestAnswer(
  question: string,
  said: readonly Said[],
): (Said & { text: string }) | null {
  const words = keywords(question);
  if (words.length === 0) return null;
  const ranked = said
    .flatMap((one, index) =>
      sentences(one.text).map((text) => ({ ...one, text, index, hits: hits(text, words) })),
    )
    .filter((one) => one.hits * 2 >= words.length && !isQuestion(one.text) && one.text !== question)
    .filter((one) => !/^(?:You said|I found|I looked)\b/.test(one.text))
    .map((one) => ({ ...one, own: /^(?:person|user|you)$/i.test(one.from) ? 1 : 0 }))
    .toSorted((a, b) => b.hits - a.hits || b.own - a.own || b.index - a.index);
  return ranked[0] ?? null;
}

/** What search_conversation found; null when its answer cannot be read. */
export function readMatches(result: string): Said[] | null {
  try {
    return Matches.parse(JSON.parse(result)).matches;
  } catch {
    return null;
  }
}

function day(at: string | number | undefined): string {
  const date = at === undefined ? null : new Date(at);
  if (date === null || Number.isNaN(date.getTime())) return '';
  const said = date.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', timeZone: 'UTC' });
  return ` on ${said}`;
}

export function recalled(answer: Said): string {
  const text = answer.text.replace(/\s+/g, ' ');
  if (/^(?:person|user|you)$/i.test(answer.from)) return `You said${day(answer.at)}: “${text}”`;
  const told = /^Person: (.+)$/.exec(text)?.[1];
  if (answer.from === 'summary' && told !== undefined) return `You said: “${told}”`;
  if (answer.from === 'summary') return `From what I kept of our conversation: “${text}”`;
  return `I said${day(answer.at)}: “${text}”`;
}
