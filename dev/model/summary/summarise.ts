import { type Reply, say } from '../wire/reply.ts';
import { type ModelCall, textsOf } from '../wire/request.ts';

const MAX_WORDS = 800;
const MAX_LINE_WORDS = 60;

/** What makes a sentence worth keeping, and how much. */
const WEIGHTS: readonly (readonly [RegExp, number])[] = [
  [/\b(?:code ?words?|pass ?words?|passphrase|secret|remember|keep in mind|never forget)\b/i, 6],
  [/\b(?:decided?|decision|agreed?|prefers?|always|never|must|should|from now on|deadline)\b/i, 4],
  [/\b(?:is called|is named|name is|my name|called|means|is the|are the)\b/i, 2],
  [/\b[\w.-]+\/[\w.-]+\b|#\d+\b|https?:\/\//, 2],
  [/\d/, 1],
  // A name in mid-sentence.
  [/[a-z,] [A-Z][a-z]+/, 1],
  [/\b(?:draft pull request|failed|cancelled|merged|started)\b/i, 1],
];

const SMALL_TALK =
  /^(?:hi|hello|hey|thanks?|thank you|ok(?:ay)?|yes|no|good (?:morning|night|evening)|bye|you are welcome|you're welcome)\b.{0,40}$/i;
/** Lines of the request's own frame, such as headings and marks. */
const FRAME = /^(?:<\/?[\w-]+(?: [^>]*)?>|#{1,6} .*|.{0,60}:|\(none\))$/;

function weigh(sentence: string): number {
  if (SMALL_TALK.test(sentence.replace(/^(?:person|assistant|you|mainloop|user)\b.*?: /i, '')))
    return -1;
  return WEIGHTS.reduce((sum, [pattern, weight]) => sum + (pattern.test(sentence) ? weight : 0), 0);
}

function wordCount(text: string): number {
  return text.split(/\s+/).length;
}

function shortened(line: string): string {
  const words = line.split(/\s+/);
  return words.length <= MAX_LINE_WORDS ? line : `${words.slice(0, MAX_LINE_WORDS).join(' ')} …`;
}

/**
 * The most telling lines of a text, in their order: names, numbers, decisions, codewords. A line of
 * an earlier summary stays for as long as nothing weightier takes its place.
 */
export function summarise(text: string, maxWords = MAX_WORDS): string {
  const lines = [
    ...new Set(
      text
        .split('\n')
        .map((line) => shortened(line.trim().replace(/^[-*] /, '')))
        .filter((line) => line !== '' && !FRAME.test(line)),
    ),
  ];
  const ranked = lines
    .map((line, index) => ({ line, index, weight: weigh(line) }))
    .filter(({ weight }) => weight >= 0)
    .toSorted((one, other) => other.weight - one.weight || other.index - one.index);
  const kept: { line: string; index: number }[] = [];
  let words = 0;
  for (const one of ranked) {
    const more = wordCount(one.line);
    if (words + more > maxWords) break;
    words += more;
    kept.push(one);
  }
  return kept
    .toSorted((one, other) => one.index - other.index)
    .map(({ line }) => `- ${line}`)
    .join('\n');
}

export function summaryReply({ turns }: ModelCall): Reply {
  const text = turns.flatMap(textsOf).join('\n');
  return say(summarise(text) || '- Nothing of note was said yet.');
}
