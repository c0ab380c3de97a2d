import type { HistoryRow } from './rows.ts';
import type {
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

/** A row with its place in its owner's order of changes: the owner's life, and the change in it. */
export type RevisedRow = { epoch: number; revision: number; row: HistoryRow };

/** Postgres takes no NUL and no half characters: here, and only here, they are left out or become U+FFFD. */
function storable<T>(row: T): T {
  const json = JSON.stringify(row);
  if (!/\\u(?:0000|d[89a-f])/.test(json)) return row;
  // By value, not in the JSON text: there an escaped backslash may stand before `u0000`.
  return JSON.parse(json, (_, value: unknown) =>
    typeof value === 'string' ? value.replaceAll('\0', '').toWellFormed() : value,
  );
}

/** A batch as rows of each table. */
export function byTable(rows: RevisedRow[]) {
  const values = {
    messages: [] as (typeof messages.$inferInsert)[],
    tasks: [] as (typeof tasks.$inferInsert)[],
    taskEvents: [] as (typeof taskEvents.$inferInsert)[],
    inboxItems: [] as (typeof inboxItems.$inferInsert)[],
    usage: [] as (typeof usage.$inferInsert)[],
    settings: [] as (typeof settings.$inferInsert)[],
    threads: [] as (typeof threads.$inferInsert)[],
    threadTasks: [] as (typeof threadTasks.$inferInsert)[],
    taskStates: [] as (typeof taskStates.$inferInsert)[],
  };
  for (const { epoch, revision, row: given } of rows) {
    const entry = storable(given);
    const kept = { personId: entry.personId, epoch, revision, body: entry.row };
    switch (entry.table) {
      case 'messages': {
        const { id, seq, from, text, at } = entry.row;
        values.messages.push({ ...kept, id, seq, author: from, text, at: new Date(at) });
        break;
      }
      case 'tasks': {
        const { id, title, repository, branch, model, status, pullRequest } = entry.row;
        values.tasks.push({
          ...kept,
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
          ...kept,
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
          ...kept,
          id,
          // Of no task: an alert.
          taskId: taskId ?? '',
          kind,
          open: outcome === null,
          at: new Date(at),
        });
        break;
      }
      case 'usage': {
        const { at: _at, ...counts } = entry.row;
        values.usage.push({ ...kept, ...counts });
        break;
      }
      case 'settings':
        values.settings.push(kept);
        break;
      case 'threads':
        values.threads.push(kept);
        break;
      case 'thread_tasks':
        values.threadTasks.push({ ...kept, id: entry.row.id });
        break;
      case 'task_states':
        values.taskStates.push({ ...kept, taskId: entry.taskId });
        break;
    }
  }
  return values;
}
