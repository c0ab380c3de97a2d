import { SEARCH_HIT_MAX_CHARS, type SearchAnswer, type SearchHit } from '../../protocol/search.ts';
import { log } from '../platform/log.ts';
import type { OpenHistory } from '../history/connect.ts';
import { SEARCH_TIMEOUT_MS } from '../history/search.ts';
import type { ThreadStore } from './storage/thread-store.ts';

const SHORTEST_WORD_CHARS = 3;
const BEFORE_WORD_CHARS = 200;

/**
 * Looks through everything that was said and done, in Postgres; where there is none, or it does not
 * answer, through the conversation's own messages. Never throws.
 */
export async function searchHistory(
  { store, open }: { store: ThreadStore; open: OpenHistory | null },
  query: string,
  limit: number,
): Promise<Pick<SearchAnswer, 'over' | 'hits'>> {
  const { personId } = store;
  if (open !== null && personId !== null) {
    try {
      return { over: 'history', hits: await inPostgres(open, personId, query, limit) };
    } catch (error) {
      log.warn('history.not_searched', { error: String(error).slice(0, 300) });
    }
  }
  const words = query
    .split(/[^\p{L}\p{N}_-]+/u)
    .filter((word) => word.length >= SHORTEST_WORD_CHARS);
  const hits = store
    .search(words, limit)
    .map(
      ({ id, from, at, text }) =>
        ({ kind: 'message', id, from, at, text: excerpt(text, words) }) as const,
    );
  return { over: 'conversation', hits };
}

/** What surrounds the first of the words in a text. */
function excerpt(text: string, words: readonly string[]): string {
  const lowered = text.toLowerCase();
  const places = words.map((word) => lowered.indexOf(word.toLowerCase())).filter((at) => at >= 0);
  const from = Math.max(0, Math.min(text.length, ...places) - BEFORE_WORD_CHARS);
  const start = places.length === 0 || text.length <= SEARCH_HIT_MAX_CHARS ? 0 : from;
  const cut = text.slice(start, start + SEARCH_HIT_MAX_CHARS - 2).toWellFormed();
  return start === 0 ? cut : `… ${cut}`;
}

/** What the tasks are called that the hits are of, where the conversation knows them. */
export function tasksOfHits(store: ThreadStore, hits: readonly SearchHit[]): SearchAnswer['tasks'] {
  const ids = new Set(hits.flatMap((hit) => (hit.kind === 'message' ? [] : [hit.taskId])));
  const known = [...ids].flatMap((id) => store.task(id) ?? []);
  return Object.fromEntries(known.map(({ id, title, repository }) => [id, { title, repository }]));
}

async function inPostgres(open: OpenHistory, personId: string, query: string, limit: number) {
  const connection = open();
  const { promise: late, reject } = Promise.withResolvers<never>();
  // The database bounds each statement; this is for a database that cannot be reached.
  const timer = setTimeout(() => reject(new Error('Postgres took too long.')), SEARCH_TIMEOUT_MS);
  try {
    return await Promise.race([connection.search(personId, query, limit), late]);
  } finally {
    clearTimeout(timer);
    await connection.close().catch(() => {});
  }
}
