import * as z from 'zod/mini';
import { Said } from '../product-words.ts';
import { type Reply, parsed, say } from '../wire.ts';
import type { Conversation } from './conversation.ts';
import { failureOf, use } from './tool-use.ts';

const Matches = z.object({ matches: z.array(Said) });

const QUESTION_WORDS =
  /^(?:a|about|again|am|an|and|are|as|ask|asked|at|be|been|before|beginning|call|called|can|conversation|could|decide|decided|did|do|does|earlier|exactly|first|for|from|give|had|has|have|how|i|in|is|it|its|know|last|me|mention|mentioned|message|my|name|named|of|on|our|please|recall|remember|remind|said|say|start|still|tell|that|the|then|there|these|this|time|to|today|told|us|use|want|wanted|was|we|were|what|when|where|which|who|why|will|with|you|your)$/;
/** Earlier questions, and earlier answers of this kind. */
const NO_ANSWER = /\?$|^(?:remind me|do you (?:remember|know)|You said|I said|I found|I looked)\b/i;

/** The words of a question that carry its meaning, to search for. */
function keywords(question: string): string[] {
  const words = question.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}_-]*/gu) ?? [];
  return [...new Set(words.filter((word) => !QUESTION_WORDS.test(word)))];
}

/** The sentence with most of the question's words, the newest of the person's own; null when none has half. */
function bestAnswer(question: string, said: readonly Said[]): Said | null {
  const words = keywords(question);
  const hits = ({ text }: Said) => words.filter((word) => text.toLowerCase().includes(word)).length;
  const own = ({ from }: Said) => (from === 'person' ? 1 : 0);
  const ranked = said
    .flatMap((one) => one.text.split(/\n+|(?<=[.!?])\s+/).map((text) => ({ ...one, text })))
    .map((one) => ({ ...one, text: one.text.trim().replace(/^[-*] /, '') }))
    .filter((one) => one.text !== question && !NO_ANSWER.test(one.text))
    .filter((one) => words.length > 0 && hits(one) * 2 >= words.length)
    .toReversed()
    .toSorted((one, other) => hits(other) - hits(one) || own(other) - own(one));
  return ranked[0] ?? null;
}

/** Answers from what is at hand, or searches: for all words of the question, then for the longest. */
export function recall({ words: question, context, earlier, rounds }: Conversation): Reply {
  const found = rounds.flatMap((round) => parsed(Matches, round.result)?.matches ?? []);
  const summary = { from: 'summary', text: context.summary };
  const answer = bestAnswer(question, [summary, ...earlier, ...found]);
  if (answer !== null) {
    const [, own] = /^Person: (.+)$/.exec(answer.text) ?? [];
    const whose = answer.from === 'person' || own !== undefined ? 'You said' : 'I found';
    return say(`${whose}: “${own ?? answer.text}”`);
  }
  const words = keywords(question);
  const [longest = ''] = words.toSorted((one, other) => other.length - one.length);
  const tried = rounds.map(({ input }) => input['query']);
  const query = [words.join(' '), longest].find((one) => one !== '' && !tried.includes(one));
  if (query !== undefined) {
    return use('Let me look.', { name: 'search_conversation', input: { query } });
  }
  const failure = rounds.map(failureOf).find((one) => one !== null);
  return say(failure ?? 'I looked through our conversation and found nothing about that.');
}
