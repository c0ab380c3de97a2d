import { type SQL, and, eq, sql } from 'drizzle-orm';
import type { AnyPgColumn, PgTable } from 'drizzle-orm/pg-core';
import {
  BackupCounts,
  type BackupCursor,
  type BackupRow,
  BackupTable,
} from '../../protocol/backup.ts';
import * as z from 'zod/mini';
import {
  inboxItems,
  messages,
  settings,
  taskEvents,
  taskStates,
  tasks,
  threadTasks,
  threads,
  usage,
} from './schema.ts';
import type { HistoryDb } from './upsert.ts';

/** Rows of a page, and their characters: a row may have 2 MB, and an object or a request 128. */
const PAGE = 500;
const PAGE_MAX_CHARS = 2_000_000;

type Table = PgTable & Record<'personId' | 'epoch' | 'revision' | 'body', AnyPgColumn>;
/** What orders a table's rows: an id, of a row or of its task, and an event's number in it. */
type Place = { table: Table; id: AnyPgColumn | null; number?: AnyPgColumn; ofTask?: true };

const PLACES: Record<BackupTable, Place> = {
  settings: { table: settings, id: null },
  threads: { table: threads, id: null },
  thread_tasks: { table: threadTasks, id: threadTasks.id },
  messages: { table: messages, id: messages.id },
  inbox_items: { table: inboxItems, id: inboxItems.id },
  tasks: { table: tasks, id: tasks.id },
  task_states: { table: taskStates, id: taskStates.taskId, ofTask: true },
  task_events: {
    table: taskEvents,
    id: taskEvents.taskId,
    number: taskEvents.number,
    ofTask: true,
  },
  usage: { table: usage, id: usage.id },
};

const ORDER = BackupTable.options;

const Found = z.object({
  id: z.string(),
  number: z.int(),
  // As `bigint` comes from either driver.
  epoch: z.coerce.number(),
  revision: z.coerce.number(),
  body: z.record(z.string(), z.unknown()),
});

export type BackupPage = { rows: BackupRow[]; next: BackupCursor | null };

/**
 * The person's rows of all tables that follow a place, in one order for all: as many as fit a page,
 * and one at least. `next` is null once there are none.
 */
export async function pageAfter(
  db: HistoryDb,
  personId: string,
  after: BackupCursor | null,
): Promise<BackupPage> {
  for (const name of ORDER.slice(after === null ? 0 : ORDER.indexOf(after.table))) {
    const from = after?.table === name ? after : null;
    const found = await rowsAfter(db, PLACES[name], personId, from);
    const last = found.at(-1);
    if (last === undefined) continue;
    const rows = found.map(({ id, epoch, revision, body }) => ({
      is: 'row' as const,
      table: name,
      ...(PLACES[name].ofTask && { taskId: id }),
      epoch,
      revision,
      row: body,
    }));
    return { rows, next: { table: name, id: last.id, number: last.number } };
  }
  return { rows: [], next: null };
}

async function rowsAfter(
  db: HistoryDb,
  { table, id, number }: Place,
  personId: string,
  from: BackupCursor | null,
): Promise<z.infer<typeof Found>[]> {
  const own = eq(table.personId, personId);
  const idOf: SQL | AnyPgColumn = id ?? sql`''`;
  const numberOf: SQL | AnyPgColumn = number ?? sql`0`;
  const later =
    from === null
      ? undefined
      : id === null
        ? sql`false`
        : number === undefined
          ? sql`${id} > ${from.id}`
          : sql`(${id}, ${number}) > (${from.id}, ${from.number}::int)`;
  const order = id === null ? sql`1` : number === undefined ? sql`${id}` : sql`${id}, ${number}`;
  const fields = {
    id: sql<string>`${idOf}`.as('place_id'),
    number: sql<number>`${numberOf}`.as('place_number'),
    epoch: sql<number>`${table.epoch}`.as('place_epoch'),
    revision: sql<number>`${table.revision}`.as('place_revision'),
    body: sql<unknown>`${table.body}`.as('place_body'),
  };
  const page = db
    .select({
      ...fields,
      before:
        sql<number>`sum(length(${table.body}::text)) over (order by ${order} rows between unbounded preceding and 1 preceding)`.as(
          'chars_before',
        ),
    })
    .from(
      sql`(select * from ${table} where ${and(own, later)} order by ${order} limit ${sql.raw(String(PAGE))}) as ${table}`,
    )
    .as('page');
  const found = await db
    .select({
      id: page.id,
      number: page.number,
      epoch: page.epoch,
      revision: page.revision,
      body: page.body,
    })
    .from(page)
    .where(sql`coalesce(${page.before}, 0) < ${sql.raw(String(PAGE_MAX_CHARS))}`)
    .orderBy(page.id, page.number);
  return z.array(Found).parse(found);
}

/** How many rows of each table are the person's. */
export async function countRows(db: HistoryDb, personId: string): Promise<BackupCounts> {
  const counts: BackupCounts = {};
  for (const name of ORDER) {
    const { table } = PLACES[name];
    const [row] = await db
      .select({ rows: sql<number>`count(*)`.mapWith(Number) })
      .from(table)
      .where(eq(table.personId, personId));
    counts[name] = row?.rows ?? 0;
  }
  return counts;
}

/** Deletes all of the person's rows: those of an import that another one takes the place of. */
export async function forgetRows(db: HistoryDb, personId: string): Promise<void> {
  await db.transaction(async (tx) => {
    for (const name of ORDER) {
      const { table } = PLACES[name];
      await tx.delete(table).where(eq(table.personId, personId));
    }
  });
}
