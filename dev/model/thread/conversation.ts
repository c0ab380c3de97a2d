import { ANSWER_AGAIN, KNOWN, SUMMARY, TASK_UPDATE, TOLD_BEFORE, Told } from '../product-words.ts';
import { type ModelCall, type Round, type Turn, roundsOf } from '../wire/request.ts';
import { type Context, dataIn, readContext } from './context.ts';

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
const textOf = ({ texts }: Turn) => texts.join('\n').trim();
/** What was said itself, without what is told beside it. */
function wordsOf(turn: Turn): string {
  const elements = [KNOWN, SUMMARY, TOLD_BEFORE];
  const words = elements.reduce(
    (text, { source }) => text.replace(new RegExp(source, 'g'), ''),
    textOf(turn),
  );
  return words.replace(/\n{3,}/g, '\n\n').trim();
}
/** News that the main thread told before this turn. */
function toldIn(turn: Turn): Said[] {
  const found = textOf(turn).match(new RegExp(TOLD_BEFORE.source, 'g')) ?? [];
  return found.flatMap((one) => {
    const told = dataIn(TOLD_BEFORE, Told, one);
    return told === null ? [] : [{ from: 'assistant', text: told.text }];
  });
}

/** The facts about what a task did; null in what a person says. */
export function noticeIn(turn: Turn | undefined): string | null {
  return turn === undefined ? null : (TASK_UPDATE.exec(textOf(turn))?.groups?.['data'] ?? null);
}

export function readConversation({ turns }: ModelCall): Conversation {
  const last = turns.findLastIndex(isSpoken);
  // Several messages in a row are answered together; one that came with a tool's result stands alone.
  let first = Math.max(0, last);
  while (turns[first]?.results.length === 0 && turns.slice(first - 1, first).some(isSpoken)) {
    first -= 1;
  }
  const earlier = turns.slice(0, first).flatMap((turn) => {
    const text = wordsOf(turn);
    if (turn.role === 'system' || noticeIn(turn) !== null) return [];
    const said = { from: turn.role === 'user' ? 'person' : 'assistant', text };
    return [...toldIn(turn), ...(text === '' ? [] : [said])];
  });
  const words = turns
    .slice(first, last + 1)
    .map(wordsOf)
    .join('\n')
    .trim();
  const again = words === ANSWER_AGAIN;
  return {
    context: readContext(turns[0] === undefined ? '' : textOf(turns[0])),
    words: again ? (earlier.findLast(({ from }) => from === 'person')?.text ?? '') : words,
    notice: noticeIn(turns[last]),
    again,
    rounds: roundsOf(turns.slice(last + 1)),
    earlier,
  };
}
