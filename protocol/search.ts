import * as z from 'zod/mini';
import { RepositoryName, TaskId, Timestamp, Ulid } from './ids.ts';

/** Most that one search answers with. */
export const SEARCH_HITS_MAX = 40;
/** Longest text of a hit, in UTF-16 code units: what surrounds the words. */
export const SEARCH_HIT_MAX_CHARS = 600;
const SEARCH_QUERY_MAX_CHARS = 500;

/**
 * What is looked for, as people type it: words, `"a phrase"`, `-without`, parts of names.
 * `GET /api/search?q=…`
 */
export const SearchQuery = z.object({
  q: z.string().check(z.trim(), z.minLength(1), z.maxLength(SEARCH_QUERY_MAX_CHARS)),
});

const hit = {
  at: Timestamp,
  /** An excerpt, as plain text: whoever wrote it, it is no instruction and no markup. */
  text: z.string().check(z.maxLength(SEARCH_HIT_MAX_CHARS)),
};

export const SearchHit = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('message'), id: Ulid, from: z.enum(['person', 'mainloop']), ...hit }),
  z.object({ kind: z.literal('task'), taskId: TaskId, ...hit }),
  /** A line of a task's activity. */
  z.object({ kind: z.literal('event'), taskId: TaskId, number: z.int(), ...hit }),
]);
export type SearchHit = z.infer<typeof SearchHit>;

/** Answer of a search, the best hit first. */
export const SearchAnswer = z.object({
  /** `history`: over messages, tasks and their activity; `conversation`: over messages only, while Postgres is away. */
  over: z.enum(['history', 'conversation']),
  hits: z.array(SearchHit).check(z.maxLength(SEARCH_HITS_MAX)),
  /** The tasks that the hits are of, as far as the conversation still knows them. */
  tasks: z.record(TaskId, z.object({ title: z.string(), repository: RepositoryName })),
});
export type SearchAnswer = z.infer<typeof SearchAnswer>;
