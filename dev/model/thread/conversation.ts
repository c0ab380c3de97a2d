import { noticeIn } from '../wire/kind.ts';
import { type ModelCall, type Round, type Turn, roundsOf, textsOf } from '../wire/request.ts';
import { type Context, readContext } from './context.ts';

export type Conversation = {
  context: Context;
  /** What the person said since the assistant last finished an answer. */
  words: string;
  /** What a task did, when that is to be told now. */
  notice: string | null;
  /** True when these words were answered before and the answer was cut off. */
  again: boolean;
  /** Tools called in answer to it so far, with their results. */
  rounds: Round[];
  /** What was said before, oldest first, without notices. */
  earlier: { from: 'person' | 'assistant'; text: string }[];
};

/** What the main thread says in the person's place when an answer was cut off. */
const CUT_OFF = /^Your last answer was cut off\b/;

/** True for a turn that holds words of the person: not only results of tools. */
function isSpoken(turn: Turn): boolean {
  return turn.role === 'user' && textsOf(turn).some((text) => text.trim() !== '');
}

function wordsOf(turn: Turn): string {
  return textsOf(turn)
    .filter((text) => text.trim() !== '')
    .join('\n')
    .trim();
}

export function readConversation({ system, turns }: ModelCall): Conversation {
  const last = turns.findLastIndex(isSpoken);
  // Several messages in a row are answered together; one that came with a tool's result stands alone.
  let first = last;
  while (first > 0) {
    const before = turns[first - 1];
    const here = turns[first];
    if (before === undefined || here === undefined || !isSpoken(before)) break;
    if (here.parts.some((part) => part.is === 'tool_result')) break;
    first -= 1;
  }
  const spoken = turns.slice(Math.max(0, first), last + 1).map(wordsOf);
  const words = spoken.join('\n');
  const earlier = turns.slice(0, Math.max(0, first)).flatMap((turn) => {
    const text = wordsOf(turn);
    if (text === '' || turn.role === 'system' || noticeIn(text) !== null) return [];
    return [{ from: turn.role === 'user' ? ('person' as const) : ('assistant' as const), text }];
  });
  const again = CUT_OFF.test(words);
  const before = again ? earlier.findLast(({ from }) => from === 'person')?.text : undefined;
  return {
    context: readContext(system),
    words: before ?? words,
    notice: noticeIn(words),
    again,
    rounds: roundsOf(turns.slice(last + 1)),
    earlier,
  };
}
