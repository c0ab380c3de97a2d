import { NOTICE_MARK } from '../wire/kind.ts';
import { type ModelCall, type Round, type Turn, roundsOf, textsOf } from '../wire/request.ts';
import { type Context, readContext } from './context.ts';

export type Conversation = {
  context: Context;
  /** What the person said since the assistant last finished an answer. */
  words: string;
  /** Tools called in answer to it so far, with their results. */
  rounds: Round[];
  /** What was said before, oldest first, without notices. */
  earlier: { from: 'person' | 'assistant'; text: string }[];
};

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
  const notice = spoken.findLast((text) => text.startsWith(NOTICE_MARK));
  const earlier = turns.slice(0, Math.max(0, first)).flatMap((turn) => {
    const text = wordsOf(turn);
    if (text === '' || turn.role === 'system' || text.startsWith(NOTICE_MARK)) return [];
    return [{ from: turn.role === 'user' ? ('person' as const) : ('assistant' as const), text }];
  });
  return {
    context: readContext(system),
    words: notice ?? spoken.join('\n'),
    rounds: roundsOf(turns.slice(last + 1)),
    earlier,
  };
}
