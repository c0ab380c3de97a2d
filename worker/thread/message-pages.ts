import type { MessagesPage } from '../../protocol/pages.ts';
import type { ThreadStore } from './storage/thread-store.ts';

/** Which messages: those before or after a log number, or those around one of them. */
export type PageAsked =
  | { is: 'before' | 'after'; seq: number; limit: number }
  | { is: 'around'; id: string; limit: number };

type Store = Pick<ThreadStore, 'messagesBefore' | 'messagesAfter' | 'seqOfMessage'>;

/** Messages for a page that scrolls or jumps; null when the one that is named is not there. */
export function messagesPage(store: Store, asked: PageAsked): MessagesPage | null {
  const { limit } = asked;
  switch (asked.is) {
    case 'before': {
      const page = store.messagesBefore(asked.seq, limit);
      return { ...page, hasNewer: store.messagesAfter(asked.seq - 1, 1).messages.length > 0 };
    }
    case 'after': {
      const page = store.messagesAfter(asked.seq, limit);
      return { ...page, hasOlder: store.messagesBefore(asked.seq + 1, 1).messages.length > 0 };
    }
    case 'around': {
      const seq = store.seqOfMessage(asked.id);
      if (seq === null) return null;
      const older = store.messagesBefore(seq, Math.floor(limit / 2));
      const newer = store.messagesAfter(seq - 1, Math.ceil(limit / 2));
      return {
        messages: [...older.messages, ...newer.messages],
        hasOlder: older.hasOlder,
        hasNewer: newer.hasNewer,
      };
    }
  }
}
