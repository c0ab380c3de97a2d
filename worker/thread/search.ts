import { SEARCH_HITS_MAX, SEARCH_HIT_MAX_CHARS, type SearchAnswer } from '../../protocol/search.ts';
import { log } from '../platform/log.ts';
import type { OpenHistory } from '../history/connect.ts';
import { SEARCH_TIMEOUT_MS } from '../history/search.ts';
import type { ThreadStore } from './storage/thread-store.ts';

const SHORTEST_WORD_CHARS = 3;

/**
 * Looks through everything that was said and done, in Postgres; where there is none, or it does not
 * answer, through the conversation's own messages. Never throws.
 */
export async function searchHistory(
  { store, open }: { store: ThreadStore; open: OpenHistory | null },
  query: string,
): Promise<SearchAnswer> {
  const { personId } = store;
  if (open !== null && personId !== null) {
    try {
      return { over: 'history', hits: await inPostgres(open, personId, query) };
    } catch (error) {
      log.warn('history.not_searched', { error: String(error).slice(0, 300) });
    }
  }
  const words = query
    .split(/[^\p{L}\p{N}_-]+/u)
    .filter((word) => word.length >= SHORTEST_WORD_CHARS);
  const hits = store
    .search(words, SEARCH_HITS_MAX)
    .map(
      ({ id, from, at, text }) =>
        ({ kind: 'message', id, from, at, text: text.slice(0, SEARCH_HIT_MAX_CHARS) }) as const,
    );
  return { over: 'conversation', hits };
}

async function inPostgres(open: OpenHistory, personId: string, query: string) {
  const connection = open();
  const { promise: late, reject } = Promise.withResolvers<never>();
  // The database bounds each statement; this is for a database that cannot be reached.
  const timer = setTimeout(() => reject(new Error('Postgres took too long.')), SEARCH_TIMEOUT_MS);
  try {
    return await Promise.race([connection.search(personId, query, SEARCH_HITS_MAX), late]);
  } finally {
    clearTimeout(timer);
    await connection.close().catch(() => {});
  }
}
