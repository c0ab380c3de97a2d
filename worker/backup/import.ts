import type { BackupRow, ImportAnswer } from '../../protocol/backup.ts';
import type { RevisedRow } from '../history/by-table.ts';
import type { OpenHistory } from '../history/connect.ts';
import { causeOf } from '../history/refusal.ts';
import { historyRowOf } from '../history/stored-row.ts';
import { inParallel } from '../platform/in-parallel.ts';
import { log } from '../platform/log.ts';
import type { TaskApi } from '../tasks/api.ts';
import { importFolder, ownRow } from './own-row.ts';

/** Each has a connection to Postgres. */
const TASKS_AT_ONCE = 4;

/** Writes rows of an import for this person. Written again, they stay as they are; newer ones stay, too. */
export async function importRows(
  open: OpenHistory,
  personId: string,
  rows: readonly BackupRow[],
): Promise<ImportAnswer> {
  const folder = await importFolder(personId);
  const revised: RevisedRow[] = [];
  for (const one of rows) {
    const { table, taskId, epoch, revision } = one;
    const row = historyRowOf({ table, personId, taskId, row: ownRow({ personId, folder }, one) });
    if (row === null) {
      const text = `A row of ${table} is none that this version knows: nothing of this page was taken.`;
      return { is: 'refused', text };
    }
    revised.push({ epoch, revision, row });
  }
  const connection = open();
  try {
    await connection.upsert(revised);
  } finally {
    await connection.close().catch(() => {});
  }
  return { is: 'taken' };
}

/** Makes tasks of rows that are there; one that is made already stays as it is. */
export async function importTasks(
  task: (taskId: string) => Pick<TaskApi, 'rebuild' | 'summary'>,
  taskIds: readonly string[],
): Promise<ImportAnswer> {
  let made = 0;
  const not: { taskId: string; text: string }[] = [];
  const again: string[] = [];
  await inParallel([...taskIds], TASKS_AT_ONCE, async (taskId) => {
    try {
      const { is, text } = await task(taskId).rebuild('imported');
      if (is === 'rebuilt' || (await task(taskId).summary()) !== null) made++;
      else not.push({ taskId, text });
    } catch (error) {
      log.warn('import.task_not_made', { taskId, error: String(causeOf(error)) });
      again.push(taskId);
    }
  });
  return { is: 'tasks', made, not, again };
}
