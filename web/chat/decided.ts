import type { InboxItem } from '../../protocol/inbox.ts';
import type { Message } from '../../protocol/message.ts';

/**
 * What a message asked of the person: the item of its task that was opened last before it, unless
 * an earlier message told of that, or it was settled before this one was written.
 */
export function askedIn(
  messages: readonly Message[],
  at: number,
  items: readonly InboxItem[],
): InboxItem | null {
  const message = messages[at];
  if (message?.from !== 'mainloop' || message.about === undefined) return null;
  const { about } = message;
  const item = items
    .filter((one) => one.taskId === about && one.at <= message.at)
    .toSorted((one, other) => other.at - one.at)[0];
  if (item === undefined) return null;
  if (item.outcome !== null && item.outcome.at < message.at) return null;
  for (let before = at - 1; before >= 0; before--) {
    const earlier = messages[before];
    if (earlier === undefined || earlier.at < item.at) break;
    if (earlier.from === 'mainloop' && earlier.about === about) return null;
  }
  return item;
}

/** What was decided, as it is said where it was asked: `You chose CSV; number, text`, `Approved`. */
export function decidedWords({ kind, outcome }: InboxItem): string {
  if (outcome === null) return '';
  const answer = /^Answered(?: in the conversation)?: ([\s\S]+)$/.exec(outcome.text)?.[1];
  return kind === 'question' && answer !== undefined ? `You chose ${answer}` : outcome.text;
}
