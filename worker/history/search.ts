import { type SQL, sql } from 'drizzle-orm';
import { SEARCH_HIT_MAX_CHARS, SearchHit } from '../../protocol/search.ts';
import { eventText, messages, taskEvents, taskText, tasks } from './schema.ts';
import type { HistoryDb } from './upsert.ts';

/** Shortest part of a word that is looked for: the index knows three letters in a row. */
const PART_MIN_CHARS = 3;
const PARTS_MAX = 8;
/** Postgres gives a statement of a search up after so long: whoever asked does not wait longer. */
export const SEARCH_TIMEOUT_MS = 4_000;
/** Of those that match, the newest are ranked: words of nearly every message would take long otherwise. */
const RANKED_MAX = 300;
/** Characters around the first word of which an excerpt is made, and how many of them stand before it. */
const WINDOW_CHARS = 4_000;
const BEFORE_WORD_CHARS = 200;
const HEADLINE = `MaxFragments=2, MinWords=20, MaxWords=45, StartSel="", StopSel="", FragmentDelimiter=" … "`;

/** The tables that are searched: what names a row, what orders it in time, and what it says. */
const SEARCHED = [
  {
    table: messages,
    names: sql`'message' as kind, id, 0 as number, author`,
    time: sql`at`,
    order: sql`seq`,
    text: sql`text`,
    weight: 1,
  },
  {
    table: tasks,
    names: sql`'task' as kind, id, 0 as number, '' as author`,
    time: sql`created_at`,
    order: sql`created_at`,
    text: taskText,
    weight: 1,
  },
  {
    table: taskEvents,
    names: sql`'event' as kind, task_id as id, number, '' as author`,
    time: sql`at`,
    order: sql`at`,
    text: eventText,
    // What a worker printed on its way says less than what was said about it.
    weight: 0.5,
  },
] as const;

type Scored = { score: number; hit: SearchHit };

/** The words of a search that may stand in the middle of longer ones: `byId` in `findUserById`. */
function partsOf(query: string): string[] {
  const words = query
    .toLowerCase()
    .split(/[\s"]+/)
    .filter((word) => !word.startsWith('-'))
    .map((word) => word.replace(/^[^\p{L}\p{N}_]+|[^\p{L}\p{N}_]+$/gu, ''))
    .filter((word) => word.length >= PART_MIN_CHARS);
  return [...new Set(words)].slice(0, PARTS_MAX);
}

/** True for a search that says exactly what it wants: a phrase, or without a word. */
const isExact = (query: string) => /"|(?:^|\s)-\S/.test(query);

const like = (part: string) => sql`folded like ${`%${part.replace(/[\\%_]/g, '\\$&')}%`}`;
const sum = (terms: SQL[]) => (terms.length === 0 ? sql`0` : sql.join(terms, sql` + `));

/**
 * Finds what this person's messages, tasks and activity say. All of the words is better than some;
 * beyond that the rank of Postgres counts, and the newer. Where words find too little, parts of them
 * do. What is asked for exactly is not found by less.
 * @throws when it takes Postgres longer than `timeoutMs`.
 */
export function search(
  db: HistoryDb,
  personId: string,
  query: string,
  limit: number,
  timeoutMs = SEARCH_TIMEOUT_MS,
): Promise<SearchHit[]> {
  return db.transaction(async (tx) => {
    // For this transaction only: others may be given its connection next.
    await tx.execute(sql`select set_config('statement_timeout', ${String(timeoutMs)}::text, true)`);
    return searchIn(tx, personId, query, limit);
  });
}

async function searchIn(
  db: HistoryDb,
  personId: string,
  query: string,
  limit: number,
): Promise<SearchHit[]> {
  const parts = partsOf(query);
  const exact = isExact(query);
  const all = sql`websearch_to_tsquery('simple', ${query})`;
  const any = exact ? all : sql`replace(${all}::text, ' & ', ' | ')::tsquery`;
  const look = { personId, parts, any, limit };

  const byWords = await find(db, {
    ...look,
    matches: sql`words @@ ${any}`,
    score: sql`(words @@ ${all})::int + ts_rank(words, ${any})`,
  });
  if (byWords.length >= limit || exact || parts.length === 0) return ordered(byWords, limit);
  const shares = parts.map((part) => sql`(${like(part)})::int`);
  const byParts = await find(db, {
    ...look,
    matches: sql`not (words @@ ${any}) and (${sql.join(parts.map(like), sql` or `)})`,
    score: sql`(${sum(shares)})::float / ${parts.length}::float`,
  });
  return ordered([...byWords, ...byParts], limit);
}

function ordered(found: Scored[], limit: number): SearchHit[] {
  return found
    .toSorted((one, other) => other.score - one.score || other.hit.at - one.hit.at)
    .slice(0, limit)
    .map(({ hit }) => hit);
}

async function find(
  db: HistoryDb,
  look: {
    personId: string;
    parts: string[];
    any: SQL;
    limit: number;
    matches: SQL;
    score: SQL;
  },
): Promise<Scored[]> {
  const { personId, parts, any, limit, matches, score } = look;
  const best = SEARCHED.map(
    ({ table, names, time, order, text, weight }) => sql`(
      select ${names}, ${time} as at, ${text} as text, score * ${weight}::float as score from (
        select *, ${score} as score from (
          select * from ${table} where person_id = ${personId} and ${matches}
          order by (${score}) >= 1 desc, ${order} desc limit ${RANKED_MAX}::int
        ) as matching
      ) as ranked order by score desc, ${time} desc limit ${limit}::int)`,
  );
  const places = parts.map((part) => sql`nullif(strpos(lower(text), ${part}::text), 0)`);
  const first =
    places.length === 0 ? sql`1` : sql`coalesce(least(${sql.join(places, sql`, `)}), 1)`;
  const window = sql`substr(text, greatest(1, ${first} - ${BEFORE_WORD_CHARS}::int), ${WINDOW_CHARS}::int)`;
  const rows = await db
    .select({
      kind: sql<string>`kind`,
      id: sql<string>`id`,
      number: sql<number>`number`.mapWith(Number),
      author: sql<string>`author`,
      at: sql<number>`extract(epoch from at) * 1000`.mapWith(Number),
      score: sql<number>`score`.mapWith(Number),
      // Where only a part of a word was found there is no word to put into the middle.
      text: sql<string>`(select case when to_tsvector('simple', seen) @@ ${any}
        then ts_headline('simple', seen, ${any}, ${HEADLINE}) else seen end
        from (select ${window} as seen) as around)`,
    })
    .from(
      sql`(select * from (${sql.join(best, sql` union all `)}) as every
        order by score desc, at desc limit ${limit}::int) as best`,
    );
  return rows.flatMap(({ score: found, ...row }) => {
    const hit = hitOf(row);
    return hit === null ? [] : [{ score: found, hit }];
  });
}

/** Null for a row that this version cannot show. */
function hitOf(row: {
  kind: string;
  id: string;
  number: number;
  author: string;
  at: number;
  text: string;
}): SearchHit | null {
  const { kind, id, number, author } = row;
  const hit = SearchHit.safeParse({
    kind,
    ...(kind === 'message' ? { id, from: author } : { taskId: id }),
    ...(kind === 'event' && { number }),
    at: Math.round(row.at),
    text: row.text.trim().slice(0, SEARCH_HIT_MAX_CHARS).toWellFormed(),
  });
  return hit.success ? hit.data : null;
}
