import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
} from 'drizzle-orm/pg-core';

/** Every table keeps the whole row as JSON besides the columns that searches and reports need. */
const kept = {
  personId: text('person_id').notNull(),
  /** Grows with each change of the row at its owner: an older one that arrives late changes nothing. */
  revision: bigint({ mode: 'number' }).notNull(),
  body: jsonb().notNull(),
};

const at = (name: string) => timestamp(name, { withTimezone: true });

export const messages = pgTable(
  'messages',
  {
    id: text().primaryKey(),
    ...kept,
    seq: bigint({ mode: 'number' }).notNull(),
    author: text().notNull(),
    text: text().notNull(),
    at: at('at').notNull(),
  },
  (table) => [
    index('messages_by_person').on(table.personId, table.seq),
    index('messages_by_words').using(
      'gin',
      sql`to_tsvector('simple', left(${table.text}, 100000))`,
    ),
  ],
);

export const tasks = pgTable(
  'tasks',
  {
    id: text().primaryKey(),
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
  },
  (table) => [index('tasks_by_person').on(table.personId, table.createdAt)],
);

export const taskEvents = pgTable(
  'task_events',
  {
    taskId: text('task_id').notNull(),
    number: integer().notNull(),
    ...kept,
    type: text().notNull(),
    at: at('at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.taskId, table.number] })],
);

export const inboxItems = pgTable(
  'inbox_items',
  {
    id: text().primaryKey(),
    ...kept,
    taskId: text('task_id').notNull(),
    kind: text().notNull(),
    open: boolean().notNull(),
    at: at('at').notNull(),
  },
  (table) => [index('inbox_items_by_person').on(table.personId, table.at)],
);

export const usage = pgTable(
  'usage',
  {
    id: text().primaryKey(),
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
  (table) => [index('usage_by_day').on(table.personId, table.day)],
);

/** What each person has set, whole. */
export const settings = pgTable('settings', {
  ...kept,
  personId: text('person_id').primaryKey(),
});
