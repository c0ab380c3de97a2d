import { MESSAGES, SUMMARY } from './product-words.ts';
import { type ModelCall, type Reply, say } from './wire.ts';

const MAX_WORDS = 800;
/** What a line has beyond its first sixty words. */
const TOO_LONG = /(?<=^(?:\S+\s+){60})\S.*$/;

/** What makes a line worth keeping, and how much. */
const WEIGHTS: readonly (readonly [RegExp, number])[] = [
  [/\b(?:code ?words?|pass ?words?|secret|remember|keep in mind|never forget)\b/i, 6],
  [/\b(?:decided?|decision|agreed?|prefers?|always|never|must|from now on|deadline)\b/i, 4],
  [/\b(?:is called|name is|means|is the|are the)\b|[\w.-]+\/[\w.-]+|#\d+\b/i, 2],
  [/\d|[a-z,] [A-Z][a-z]+|\b(?:failed|cancelled|merged|started)\b/, 1],
];

/**
 * The most telling lines of a text, in their order. A line of an earlier summary stays for as long
 * as nothing weightier takes its place.
 */
function summarise(text: string): string {
  const lines = text.split('\n').map((line) => line.trim().replace(/^- /, ''));
  const known = [...new Set(lines.map((line) => line.replace(TOO_LONG, '…')))];
  const weigh = (line: string) =>
    WEIGHTS.reduce((sum, [pattern, weight]) => sum + (pattern.test(line) ? weight : 0), 0);
  let words = 0;
  const kept = known
    .filter((line) => line !== '')
    .toReversed()
    .toSorted((one, other) => weigh(other) - weigh(one))
    .filter((line) => (words += line.split(' ').length) <= MAX_WORDS);
  return known.flatMap((line) => (kept.includes(line) ? `- ${line}` : [])).join('\n');
}

export function summaryReply({ turns }: ModelCall): Reply {
  const given = turns.flatMap(({ texts }) => texts).join('\n');
  const lines = MESSAGES.read(given)
    .flat()
    .map(({ from, text }) => `${from === 'person' ? 'Person' : 'Mainloop'}: ${text}`);
  const text = [...SUMMARY.read(given), ...lines].join('\n');
  return say(summarise(text) || '- Nothing of note was said yet.');
}
