import {
  ANSWER_AGAIN,
  ATTACHMENT,
  KNOWN,
  SUMMARY,
  type Said,
  TASK_UPDATE,
  TOLD_BEFORE,
} from '../product-words.ts';
import { type ModelCall, type Round, type Turn, roundsOf } from '../wire.ts';
import { type Attached, attachedIn } from './attached.ts';
import { type Context, readContext } from './context.ts';

export type Conversation = {
  context: Context;
  /** What the person said since the assistant last finished an answer. */
  words: string;
  /** Files that came with these words. */
  attached: Attached[];
  /** The facts about what a task did, when that is to be told now; null in what a person says. */
  notice: unknown;
  /** True when these words were answered before and the answer was cut off. */
  again: boolean;
  /** Tools called in answer to it so far, with their results. */
  rounds: Round[];
  /** What was said before, oldest first, without notices. */
  earlier: Said[];
};

const isSpoken = ({ role, texts }: Turn) => role === 'user' && texts.length > 0;
const textOf = (turn?: Turn) => turn?.texts.join('\n').trim() ?? '';
/** What was said itself, without what is told beside it. */
function wordsOf(turn: Turn): string {
  const words = [KNOWN, SUMMARY, TOLD_BEFORE, ATTACHMENT].reduce(
    (text, { pattern }) => text.replace(pattern, ''),
    textOf(turn),
  );
  return words.replace(/\n{3,}/g, '\n\n').trim();
}

export function noticeIn(turn: Turn | undefined): unknown {
  return TASK_UPDATE.read(textOf(turn))[0] ?? null;
}

export function readConversation({ turns }: ModelCall): Conversation {
  const last = turns.findLastIndex(isSpoken);
  // Several messages in a row are answered together; one that came with a tool's result stands alone.
  let first = Math.max(0, last);
  while (turns[first]?.results.length === 0 && turns.slice(first - 1, first).some(isSpoken)) {
    first -= 1;
  }
  const earlier = turns.slice(0, first).flatMap((turn) => {
    if (turn.role === 'system' || noticeIn(turn) !== null) return [];
    // News that the main thread told before this turn.
    const told = TOLD_BEFORE.read(textOf(turn)).map(({ text }) => ({ from: 'assistant', text }));
    const said = { from: turn.role === 'user' ? 'person' : 'assistant', text: wordsOf(turn) };
    return [...told, said].filter(({ text }) => text !== '');
  });
  const asked = turns.slice(first, last + 1).map(wordsOf);
  const words = asked.join('\n').trim();
  const again = words === ANSWER_AGAIN;
  return {
    context: readContext(textOf(turns[0])),
    words: again ? (earlier.findLast(({ from }) => from === 'person')?.text ?? '') : words,
    attached: attachedIn(turns.slice(first, last + 1)),
    notice: noticeIn(turns[last]),
    again,
    rounds: roundsOf(turns.slice(last + 1)),
    earlier,
  };
}
