import { type PageOutcome, fetchMessages } from '../net/messages.ts';
import { addNewer, addOlder, openPassage, shownMessages } from './passage.ts';
import type { State } from './state.ts';

export type Paging = {
  /** Brings older messages before what is shown; one page at a time. */
  loadOlder(): Promise<void>;
  /** Brings newer ones after a passage. */
  loadNewer(): Promise<void>;
  /** Shows the conversation where a message stands; says whether that was possible. */
  goToMessage(id: string): Promise<'shown' | 'missing' | 'away'>;
  /** Leaves a passage for the newest messages. */
  goToNewest(): void;
};

/** Pages of the conversation, as the person scrolls or jumps. What cannot be had is asked again by scrolling. */
export function createPaging(
  state: () => State,
  change: (how: (draft: State) => void) => void,
  fetchPage: typeof fetchMessages = fetchMessages,
): Paging {
  let loading: Promise<void> | null = null;
  /** Counts the jumps: a page that was asked for before one belongs somewhere else. */
  let jumps = 0;
  const once = (ask: () => Promise<PageOutcome> | null, take: typeof addOlder) => {
    loading ??= (async () => {
      const jump = jumps;
      const found = await ask();
      if (found?.is === 'page' && jump === jumps) change((draft) => take(draft, found.page));
    })().finally(() => {
      loading = null;
    });
    return loading;
  };
  return {
    loadOlder: () =>
      once(() => {
        const { messages, hasOlder } = shownMessages(state());
        const before = messages[0]?.seq;
        return before === undefined || !hasOlder ? null : fetchPage({ before });
      }, addOlder),
    loadNewer: () =>
      once(() => {
        const { messages, hasNewer } = shownMessages(state());
        const after = messages.at(-1)?.seq;
        return after === undefined || !hasNewer ? null : fetchPage({ after });
      }, addNewer),
    goToMessage: async (id) => {
      const jump = ++jumps;
      if (shownMessages(state()).messages.some((one) => one.id === id)) return 'shown';
      if (state().messages.some((one) => one.id === id)) {
        change((draft) => {
          draft.passage = null;
        });
        return 'shown';
      }
      const found = await fetchPage({ around: id });
      if (found.is !== 'page') return found.is;
      if (!found.page.messages.some((one) => one.id === id)) return 'missing';
      if (jump === jumps) {
        // What was asked for while this was on its way belongs to where one was, too.
        jumps += 1;
        change((draft) => openPassage(draft, found.page));
      }
      return 'shown';
    },
    goToNewest: () => {
      jumps += 1;
      change((draft) => {
        draft.passage = null;
      });
    },
  };
}
