import { type SQL, sql } from 'drizzle-orm';
import {
  type AnyPgColumn,
  bigint,
  boolean,
  customType,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
} from 'drizzle-orm/pg-core';

/*
 * What people said and what their tasks did, for search, reports and rebuilding. Every key and index
 * begins with the person, so that nobody's row can take the place of another's. Searching with the
 * person first needs the extensions `btree_gin` and `pg_trgm`.
 */

/** Every table keeps the whole row as JSON besides the columns that searches and reports need. */
const kept = {
  personId: text('person_id').notNull(),
  /**
   * The life of the owning object that wrote the row: an object that lost everything counts its
   * changes from 1 again, in a later epoch. In milliseconds since 1970; 0 from before there were any.
   */
  epoch: bigint({ mode: 'number' }).notNull().default(0),
  /** Grows with each change of the row in its epoch: an older one that arrives late changes nothing. */
  revision: bigint({ mode: 'number' }).notNull(),
  body: jsonb().notNull(),
};

const at = (name: string) => timestamp(name, { withTimezone: true });

const tsvector = customType<{ data: string }>({ dataType: () => 'tsvector' });

/** Characters of a text by which it is found. */
const FOUND_BY_CHARS = sql.raw('100000');

/** Words as they stand: people write in any language, and names of files and functions have none. */
const wordsOf = (said: SQL) => sql`to_tsvector('simple', left(${said}, ${FOUND_BY_CHARS}))`;
/** For what is only a part of a word: `byId` in `findUserById`. */
const foldedOf = (said: SQL) => sql`lower(left(${said}, ${FOUND_BY_CHARS}))`;

const searchable = (
  name: string,
  { personId, words, folded }: Record<'personId' | 'words' | 'folded', AnyPgColumn>,
) => [
  index(`${name}_by_words`).using('gin', personId, words),
  index(`${name}_by_parts`).using('gin', personId, sql`${folded} gin_trgm_ops`),
];

/** Title and instructions of a task, and where its work is done. */
export const taskText = sql.raw(
  `title || chr(10) || coalesce(body ->> 'prompt', '') || chr(10) || repository || ' ' || branch`,
);

/** What a line of the activity shows. The input of a tool is left out: its title says what it is about. */
export const eventText = sql.raw(
  ['text', 'tool', 'title', 'output', 'note']
    .map((field) => `coalesce((body #>> '{body,${field}}') || ' ', '')`)
    .join(' || '),
);

export const messages = pgTable(
  'messages',
  {
    id: text().notNull(),
    ...kept,
    seq: bigint({ mode: 'number' }).notNull(),
    author: text().notNull(),
    text: text().notNull(),
    at: at('at').notNull(),
    words: tsvector().generatedAlwaysAs(wordsOf(sql`"text"`)),
    folded: text().generatedAlwaysAs(foldedOf(sql`"text"`)),
  },
  (table) => [
    primaryKey({ columns: [table.personId, table.id] }),
    index('messages_by_person').on(table.personId, table.seq),
    ...searchable('messages', table),
  ],
);

export const tasks = pgTable(
  'tasks',
  {
    id: text().notNull(),
    ...kept,
    title: text().notNull(),
    repository: text().notNull(),
    branch: text().notNull(),
    model: text().notNull(),
    status: text().notNull(),
    pullRequestUrl: text('pull_request_url'),
    cost: doublePrecision().notNull(),
    createdAt: at('created_at').notNull(),
    endedAt: at('ended_at'),
    words: tsvector().generatedAlwaysAs(wordsOf(taskText)),
    folded: text().generatedAlwaysAs(foldedOf(taskText)),
  },
  (table) => [
    primaryKey({ columns: [table.personId, table.id] }),
    index('tasks_by_person').on(table.personId, table.createdAt),
    ...searchable('tasks', table),
  ],
);

export const taskEvents = pgTable(
  'task_events',
  {
    taskId: text('task_id').notNull(),
    number: integer().notNull(),
    ...kept,
    type: text().notNull(),
    at: at('at').notNull(),
    words: tsvector().generatedAlwaysAs(wordsOf(eventText)),
    folded: text().generatedAlwaysAs(foldedOf(eventText)),
  },
  (table) => [
    primaryKey({ columns: [table.personId, table.taskId, table.number] }),
    index('task_events_by_person').on(table.personId, table.at),
    ...searchable('task_events', table),
  ],
);

export const inboxItems = pgTable(
  'inbox_items',
  {
    id: text().notNull(),
    ...kept,
    taskId: text('task_id').notNull(),
    kind: text().notNull(),
    open: boolean().notNull(),
    at: at('at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.personId, table.id] }),
    index('inbox_items_by_person').on(table.personId, table.at),
  ],
);

export const usage = pgTable(
  'usage',
  {
    id: text().notNull(),
    ...kept,
    /** Null for the main thread's own use. */
    taskId: text('task_id'),
    model: text().notNull(),
    /** UTC day, `YYYY-MM-DD`. */
    day: text().notNull(),
    inputTokens: bigint('input_tokens', { mode: 'number' }).notNull(),
    outputTokens: bigint('output_tokens', { mode: 'number' }).notNull(),
    cacheReadTokens: bigint('cache_read_tokens', { mode: 'number' }).notNull(),
    cacheWriteTokens: bigint('cache_write_tokens', { mode: 'number' }).notNull(),
    /** US dollars. */
    cost: doublePrecision().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.personId, table.id] }),
    index('usage_by_day').on(table.personId, table.day),
  ],
);

/** What each person has set, whole. */
export const settings = pgTable('settings', {
  ...kept,
  personId: text('person_id').primaryKey(),
});

/** What a conversation has besides: its rolling summary, and its queue. */
export const threads = pgTable('threads', {
  ...kept,
  personId: text('person_id').primaryKey(),
});

/** A task as its conversation has it, with what it was started with and the number of its last report. */
export const threadTasks = pgTable('thread_tasks', { id: text().notNull(), ...kept }, (table) => [
  primaryKey({ columns: [table.personId, table.id] }),
]);

/** All that a task goes on from, besides its activity and its use. */
export const taskStates = pgTable(
  'task_states',
  { taskId: text('task_id').notNull(), ...kept },
  (table) => [primaryKey({ columns: [table.personId, table.taskId] })],
);
