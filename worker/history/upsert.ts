import { type SQL, getTableColumns, sql } from 'drizzle-orm';
import type { PgDatabase, PgQueryResultHKT, PgTable } from 'drizzle-orm/pg-core';
import type { HistoryRow } from './rows.ts';
import { inboxItems, messages, settings, taskEvents, tasks, usage } from './schema.ts';

/** A row with its place in its owner's order of changes. */
export type RevisedRow = { revision: number; row: HistoryRow };

/** Postgres through whichever driver; only what the upserts need. */
export type HistoryDb = PgDatabase<PgQueryResultHKT, Record<string, never>>;

/** Postgres takes no NUL and no half characters: here, and only here, they are left out or become U+FFFD. */
function storable<T>(row: T): T {
  const json = JSON.stringify(row);
  if (!/\\u(?:0000|d[89a-f])/.test(json)) return row;
  // By value, not in the JSON text: there an escaped backslash may stand before `u0000`.
  return JSON.parse(json, (_, value: unknown) =>
    typeof value === 'string' ? value.replaceAll('\0', '').toWellFormed() : value,
  );
}

/** In a conflict the newer revision wins, whatever the order of arrival. */
function replaceOlder(table: PgTable): { set: Record<string, SQL>; setWhere: SQL } {
  const set: Record<string, SQL> = {};
  for (const [key, column] of Object.entries(getTableColumns(table))) {
    set[key] = sql`excluded.${sql.identifier(column.name)}`;
  }
  return { set, setWhere: sql`excluded.revision >= ${table}.revision` };
}

function byTable(rows: RevisedRow[]) {
  const values = {
    messages: [] as (typeof messages.$inferInsert)[],
    tasks: [] as (typeof tasks.$inferInsert)[],
    taskEvents: [] as (typeof taskEvents.$inferInsert)[],
    inboxItems: [] as (typeof inboxItems.$inferInsert)[],
    usage: [] as (typeof usage.$inferInsert)[],
    settings: [] as (typeof settings.$inferInsert)[],
  };
  for (const { revision, row: given } of rows) {
    const entry = storable(given);
    const { personId } = entry;
    switch (entry.table) {
      case 'messages': {
        const { id, seq, from, text, at } = entry.row;
        const base = { personId, revision, body: entry.row };
        values.messages.push({ ...base, id, seq, author: from, text, at: new Date(at) });
        break;
      }
      case 'tasks': {
        const { id, title, repository, branch, model, status, pullRequest } = entry.row;
        values.tasks.push({
          personId,
          revision,
          body: entry.row,
          id,
          title,
          repository,
          branch,
          model,
          status,
          pullRequestUrl: pullRequest?.url ?? null,
          cost: entry.row.usage.cost,
          createdAt: new Date(entry.row.createdAt),
          endedAt: entry.row.endedAt === null ? null : new Date(entry.row.endedAt),
        });
        break;
      }
      case 'task_events': {
        const { number, at, body } = entry.row;
        values.taskEvents.push({
          personId,
          revision,
          body: entry.row,
          taskId: entry.taskId,
          number,
          type: body.type,
          at: new Date(at),
        });
        break;
      }
      case 'inbox_items': {
        const { id, taskId, kind, outcome, at } = entry.row;
        values.inboxItems.push({
          personId,
          revision,
          body: entry.row,
          id,
          taskId,
          kind,
          open: outcome === null,
          at: new Date(at),
        });
        break;
      }
      case 'usage': {
        const { at: _at, ...counts } = entry.row;
        values.usage.push({ personId, revision, body: entry.row, ...counts });
        break;
      }
      case 'settings':
        values.settings.push({ personId, revision, body: entry.row });
        break;
    }
  }
  return values;
}

/** Writes a batch in one transaction. Writing it again, or in another order, ends the same. */
export async function upsert(db: HistoryDb, rows: RevisedRow[]): Promise<void> {
  const values = byTable(rows);
  await db.transaction(async (tx) => {
    if (values.messages.length > 0) {
      const conflict = { target: messages.id, ...replaceOlder(messages) };
      await tx.insert(messages).values(values.messages).onConflictDoUpdate(conflict);
    }
    if (values.tasks.length > 0) {
      const conflict = { target: tasks.id, ...replaceOlder(tasks) };
      await tx.insert(tasks).values(values.tasks).onConflictDoUpdate(conflict);
    }
    if (values.taskEvents.length > 0) {
      const target = [taskEvents.taskId, taskEvents.number];
      const conflict = { target, ...replaceOlder(taskEvents) };
      await tx.insert(taskEvents).values(values.taskEvents).onConflictDoUpdate(conflict);
    }
    if (values.inboxItems.length > 0) {
      const conflict = { target: inboxItems.id, ...replaceOlder(inboxItems) };
      await tx.insert(inboxItems).values(values.inboxItems).onConflictDoUpdate(conflict);
    }
    if (values.usage.length > 0) {
      const conflict = { target: usage.id, ...replaceOlder(usage) };
      await tx.insert(usage).values(values.usage).onConflictDoUpdate(conflict);
    }
    if (values.settings.length > 0) {
      const conflict = { target: settings.personId, ...replaceOlder(settings) };
      await tx.insert(settings).values(values.settings).onConflictDoUpdate(conflict);
    }
  });
}
