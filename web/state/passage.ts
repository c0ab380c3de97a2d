import type { Message } from '../../protocol/message.ts';
import type { MessagesPage } from '../../protocol/pages.ts';
import type { State } from './state.ts';

type Shown = Pick<State, 'messages' | 'hasOlder' | 'passage'>;

/** The messages that the chat shows, and whether there are more on either side. */
export function shownMessages({ messages, hasOlder, passage }: Shown) {
  return passage === null
    ? { messages, hasOlder, hasNewer: false }
    : { messages: passage.messages, hasOlder: passage.hasOlder, hasNewer: true };
}

/** Without those that are there already: pages may overlap. */
function fresh(page: readonly Message[], known: readonly Message[]): Message[] {
  const ids = new Set(known.map(({ id }) => id));
  return page.filter(({ id }) => !ids.has(id));
}

/** A passage that reaches the newest messages, or has nothing between them and itself, is put before them. */
function join(state: Shown, hasNewer: boolean): void {
  const { passage } = state;
  const last = passage?.messages.at(-1)?.seq ?? 0;
  const oldest = state.messages[0]?.seq ?? 0;
  if (passage === null || (hasNewer && last < oldest)) return;
  const older = passage.messages.filter(({ seq }) => oldest === 0 || seq < oldest);
  state.messages.unshift(...older);
  state.hasOlder = passage.hasOlder;
  state.passage = null;
}

/** Goes to where a page is. */
export function openPassage(state: Shown, page: MessagesPage): void {
  state.passage = { messages: page.messages, hasOlder: page.hasOlder };
  join(state, page.hasNewer);
}

/** Takes an older page in front of what is shown. */
export function addOlder(state: Shown, page: MessagesPage): void {
  const to = state.passage ?? state;
  to.messages.unshift(...fresh(page.messages, to.messages));
  to.hasOlder = page.hasOlder;
}

/** Takes a newer page after the passage; nothing where the passage has been left meanwhile. */
export function addNewer(state: Shown, page: MessagesPage): void {
  if (state.passage === null) return;
  const { passage } = state;
  passage.messages.push(...fresh(page.messages, passage.messages));
  join(state, page.hasNewer);
}

/** A message that has changed stands in the passage, too, if it is one of its own. */
export function changeInPassage({ passage }: Shown, message: Message): void {
  const known = passage?.messages.find(({ id }) => id === message.id);
  if (known !== undefined) Object.assign(known, message);
}
