import type { SearchHit } from '../../protocol/search.ts';
import type { State } from '../state/state.ts';
import { shownMessages } from '../state/passage.ts';
import { holdsAll } from '../ui/words.ts';

/** Most of one kind that is listed. */
const HITS_MAX = 20;
const TEXT_MAX_CHARS = 600;
const BEFORE_WORD_CHARS = 120;

/** What surrounds the first word in a long text. */
function excerpt(text: string, [word = '']: readonly string[]): string {
  const at = text.toLowerCase().indexOf(word);
  const start = text.length <= TEXT_MAX_CHARS ? 0 : Math.max(0, at - BEFORE_WORD_CHARS);
  const cut = text.slice(start, start + TEXT_MAX_CHARS).toWellFormed();
  return start === 0 ? cut : `… ${cut}`;
}

type Here = Pick<State, 'messages' | 'hasOlder' | 'passage' | 'tasks'>;

/** Tasks that this device knows and whose title or repository says it, the newest first. */
export function tasksHere({ tasks }: Here, words: readonly string[]): SearchHit[] {
  return Object.values(tasks)
    .filter(({ title, repository }) => holdsAll(`${title} ${repository}`, words))
    .toSorted((one, other) => other.createdAt - one.createdAt)
    .slice(0, HITS_MAX)
    .map(({ id, createdAt, title }) => ({ kind: 'task', taskId: id, at: createdAt, text: title }));
}

/** What this device holds that says all of the words: for when nobody else can be asked. */
export function searchHere(state: Here, words: readonly string[]): SearchHit[] {
  if (words.length === 0) return [];
  const messages = [...shownMessages(state).messages, ...state.messages];
  const once = new Map(messages.map((message) => [message.id, message]));
  const said = [...once.values()]
    .filter(({ text }) => holdsAll(text, words))
    .toSorted((one, other) => other.seq - one.seq)
    .slice(0, HITS_MAX)
    .map(({ id, from, at, text }): SearchHit => ({
      kind: 'message',
      id,
      from,
      at,
      text: excerpt(text, words),
    }));
  return [...said, ...tasksHere(state, words)];
}
