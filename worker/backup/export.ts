import type { BackupCursor, ExportAnswer } from '../../protocol/backup.ts';
import type { ObjectHealth } from '../../protocol/health.ts';
import type { HistoryConnection, OpenHistory } from '../history/connect.ts';
import { inParallel } from '../platform/in-parallel.ts';

/** Tasks that one call asks, two questions each: a Worker may make so many calls a request, and no more. */
const TASKS_A_CALL = 100;
/** Each may have a connection to Postgres. */
const TASKS_AT_ONCE = 4;

/** What a person's objects are asked for. */
type Drainable = {
  thread: {
    drain(): Promise<{ waiting: number; taskIds: string[] }>;
    health(): Promise<ObjectHealth>;
  };
  task(taskId: string): { drain(): Promise<number>; health(): Promise<ObjectHealth | null> };
};

/** Has a person's objects send on what has not reached Postgres: the conversation, and some tasks at a time. */
export async function drainAll(
  { thread, task }: Drainable,
  after: string | null,
): Promise<ExportAnswer> {
  const own = await thread.drain();
  let waiting = after === null ? own.waiting : 0;
  let setAside = after === null ? (await thread.health()).setAside.count : 0;
  const left = own.taskIds.filter((taskId) => after === null || taskId > after);
  const now = left.slice(0, TASKS_A_CALL);
  await inParallel(now, TASKS_AT_ONCE, async (taskId) => {
    waiting += await task(taskId).drain();
    setAside += (await task(taskId).health())?.setAside.count ?? 0;
  });
  const next = left.length > now.length ? (now.at(-1) ?? null) : null;
  return { is: 'drained', waiting, setAside, next };
}

async function reading<T>(open: OpenHistory, read: (from: HistoryConnection) => Promise<T>) {
  const connection = open();
  try {
    return await read(connection);
  } finally {
    await connection.close().catch(() => {});
  }
}

export function exportCounts(
  open: OpenHistory,
  personId: string,
  version: string,
): Promise<ExportAnswer> {
  return reading(open, async (from) => ({
    is: 'counted',
    counts: await from.counts(personId),
    version,
  }));
}

export function exportRows(
  open: OpenHistory,
  personId: string,
  after: BackupCursor | null,
): Promise<ExportAnswer> {
  return reading(open, async (from) => ({ is: 'rows', ...(await from.page(personId, after)) }));
}
