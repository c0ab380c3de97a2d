import { ANSWER_AGAIN, TASK_UPDATE } from '../product-words.ts';
import { type ModelCall, type Round, type Turn, roundsOf } from '../wire/request.ts';
import { type Context, readContext } from './context.ts';

export type Said = { from: string; text: string };

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
  earlier: Said[];
};

const isSpoken = ({ role, texts }: Turn) => role === 'user' && texts.length > 0;
const wordsOf = ({ texts }: Turn) => texts.join('\n').trim();

/** The facts about what a task did; null in what a person says. */
export function noticeIn(turn: Turn | undefined): string | null {
  return turn === undefined ? null : (TASK_UPDATE.exec(wordsOf(turn))?.groups?.['facts'] ?? null);
}

export function readConversation({ system, turns }: ModelCall): Conversation {
  const last = turns.findLastIndex(isSpoken);
  // Several messages in a row are answered together; one that came with a tool's result stands alone.
  let first = Math.max(0, last);
  while (turns[first]?.results.length === 0 && turns.slice(first - 1, first).some(isSpoken)) {
    first -= 1;
  }
  const earlier = turns.slice(0, first).flatMap((turn) => {
    const text = wordsOf(turn);
    if (text === '' || turn.role === 'system' || noticeIn(turn) !== null) return [];
    return [{ from: turn.role === 'user' ? 'person' : 'assistant', text }];
  });
  const words = turns
    .slice(first, last + 1)
    .map(wordsOf)
    .join('\n');
  const again = words === ANSWER_AGAIN;
  return {
    context: readContext(system),
    words: again ? (earlier.findLast(({ from }) => from === 'person')?.text ?? '') : words,
    notice: noticeIn(turns[last]),
    again,
    rounds: roundsOf(turns.slice(last + 1)),
    earlier,
  };
}
