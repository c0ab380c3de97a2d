import { type SQL, getTableColumns, sql } from 'drizzle-orm';
import type { PgDatabase, PgQueryResultHKT, PgTable } from 'drizzle-orm/pg-core';
import { type RevisedRow, byTable } from './by-table.ts';
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

/** Postgres through whichever driver. */
export type HistoryDb = PgDatabase<PgQueryResultHKT, Record<string, never>>;

/** In a conflict the owner's newer life wins, and in one life the newer revision, whatever the order of arrival. */
function replaceOlder(table: PgTable): { set: Record<string, SQL>; setWhere: SQL } {
  const set: Record<string, SQL> = {};
  for (const [key, column] of Object.entries(getTableColumns(table))) {
    if (column.generated === undefined) set[key] = sql`excluded.${sql.identifier(column.name)}`;
  }
  const setWhere = sql`(excluded.epoch, excluded.revision) >= (${table}.epoch, ${table}.revision)`;
  return { set, setWhere };
}

/** Writes a batch in one transaction. Writing it again, or in another order, ends the same. */
export async function upsert(db: HistoryDb, rows: RevisedRow[]): Promise<void> {
  const values = byTable(rows);
  await db.transaction(async (tx) => {
    if (values.messages.length > 0) {
      const conflict = { target: [messages.personId, messages.id], ...replaceOlder(messages) };
      await tx.insert(messages).values(values.messages).onConflictDoUpdate(conflict);
    }
    if (values.tasks.length > 0) {
      const conflict = { target: [tasks.personId, tasks.id], ...replaceOlder(tasks) };
      await tx.insert(tasks).values(values.tasks).onConflictDoUpdate(conflict);
    }
    if (values.taskEvents.length > 0) {
      const target = [taskEvents.personId, taskEvents.taskId, taskEvents.number];
      const conflict = { target, ...replaceOlder(taskEvents) };
      await tx.insert(taskEvents).values(values.taskEvents).onConflictDoUpdate(conflict);
    }
    if (values.inboxItems.length > 0) {
      const target = [inboxItems.personId, inboxItems.id];
      const conflict = { target, ...replaceOlder(inboxItems) };
      await tx.insert(inboxItems).values(values.inboxItems).onConflictDoUpdate(conflict);
    }
    if (values.usage.length > 0) {
      const conflict = { target: [usage.personId, usage.id], ...replaceOlder(usage) };
      await tx.insert(usage).values(values.usage).onConflictDoUpdate(conflict);
    }
    if (values.settings.length > 0) {
      const conflict = { target: settings.personId, ...replaceOlder(settings) };
      await tx.insert(settings).values(values.settings).onConflictDoUpdate(conflict);
    }
    if (values.threads.length > 0) {
      const conflict = { target: threads.personId, ...replaceOlder(threads) };
      await tx.insert(threads).values(values.threads).onConflictDoUpdate(conflict);
    }
    if (values.threadTasks.length > 0) {
      const target = [threadTasks.personId, threadTasks.id];
      const conflict = { target, ...replaceOlder(threadTasks) };
      await tx.insert(threadTasks).values(values.threadTasks).onConflictDoUpdate(conflict);
    }
    if (values.taskStates.length > 0) {
      const target = [taskStates.personId, taskStates.taskId];
      const conflict = { target, ...replaceOlder(taskStates) };
      await tx.insert(taskStates).values(values.taskStates).onConflictDoUpdate(conflict);
    }
  });
}
