import * as z from 'zod/mini';
import type { RebuildAnswer } from '../../protocol/rebuild.ts';
import type { OpenHistory } from '../history/connect.ts';
import type { KeptRow } from '../history/read.ts';
import type { UsageRow } from '../history/rows.ts';
import { StoredNumber, StoredTime } from '../platform/stored-values.ts';
import { idsOf } from './api.ts';
import type { TaskParts } from './parts.ts';
import { StoredTaskState, restoreTaskState } from './storage/kept-state.ts';
import { StoredCallUsage } from './storage/reservations.ts';
import { StoredEventBody } from './storage/rows.ts';

const NO_POSTGRES = 'No Postgres is configured: there is nothing to rebuild from.';
const NOT_EMPTY = 'This task is not empty: nothing was changed.';
const NOTHING = 'Postgres has nothing that this task could go on from.';
const NOT_READ =
  'What Postgres has of this task cannot be read by this version: nothing was changed.';
/** Stands in the task's activity, too. */
const REBUILT =
  'Rebuilt from Postgres. What had not reached it before the task was lost is missing.';

const StoredKeptEvent = z.object({ number: StoredNumber, at: StoredTime, body: StoredEventBody });
const StoredKeptUsage: z.ZodMiniType<UsageRow> = z.extend(StoredCallUsage, {
  taskId: z.nullable(z.string()),
});

/**
 * Rebuilds an empty task from what Postgres has of it. A task is there only once its head is, which is
 * written last: one that is cut short is begun again. Nothing is written where Postgres has nothing,
 * so that asking for another person's task leaves no trace.
 *
 * @param why an imported task is whole: nothing is said of it, and one that has ended tells nothing.
 * @throws when Postgres does not answer.
 */
export async function rebuildTask(
  parts: TaskParts,
  open: OpenHistory | null,
  { name, why }: { name: string; why: 'lost' | 'imported' },
  now: number,
): Promise<RebuildAnswer> {
  const { store } = parts;
  const [taskId, personId] = idsOf(name);
  if (store.holdsTask) return { is: 'refused', text: NOT_EMPTY };
  if (open === null) return { is: 'refused', text: NO_POSTGRES };
  if (personId === null) return { is: 'nothing', text: NOTHING };
  const connection = open();
  try {
    const reader = connection.read(personId);
    // An import is younger than all that is in it.
    const epoch = why === 'imported' ? 0 : await reader.taskEpoch(taskId);
    const kept = await reader.taskState(taskId);
    if (epoch === null || kept === null) return { is: 'nothing', text: NOTHING };
    const state = StoredTaskState.safeParse(kept);
    if (!state.success) return { is: 'refused', text: NOT_READ };
    store.makeTables();
    for await (const page of reader.taskEvents(taskId)) takeEvents(parts, page);
    for await (const page of reader.taskUsage(taskId)) takeUsage(parts, page);
    // It may have been begun anew meanwhile.
    if (store.holdsTask) return { is: 'refused', text: NOT_EMPTY };
    store.transaction(() => {
      parts.history.beginAfter(epoch);
      restoreTaskState(parts, state.data, now);
      // As Postgres has it, before anything is made of it.
      if (why === 'imported') parts.keeper.adopt();
      parts.aggregate.takeUp(why === 'lost' ? REBUILT : null, now);
    });
    return { is: 'rebuilt', text: REBUILT };
  } finally {
    await connection.close().catch(() => {});
  }
}

function takeEvents({ store }: TaskParts, page: KeptRow[]): void {
  store.transaction(() => {
    for (const { key, body } of page) {
      const event = store.setAside.read(StoredKeptEvent, { table: 'events', key }, body);
      if (event !== null) store.restoreEvent(event);
    }
  });
}

function takeUsage({ store }: TaskParts, page: KeptRow[]): void {
  store.transaction(() => {
    for (const { key, body } of page) {
      const row = store.setAside.read(StoredKeptUsage, { table: 'usage', key }, body);
      if (row !== null) store.usage.add(row);
    }
  });
}

/** Events that are put on their way in one transaction. */
const PAGE = 200;

/** Puts everything that the task holds on its way to Postgres again. @returns how many rows. */
export function refillTask({ store, aggregate, keeper, history }: TaskParts, now: number): number {
  const { personId, taskId } = aggregate.spec();
  let rows = 0;
  for (let after = 0, more = true; more;) {
    const page = store.events(after, PAGE);
    store.transaction(() => {
      for (const row of page) history.put({ table: 'task_events', personId, taskId, row });
    });
    rows += page.length;
    const last = page.at(-1);
    more = last !== undefined;
    after = last?.number ?? after;
  }
  const usage = store.usage.rows(taskId);
  store.transaction(() => {
    for (const row of usage) history.put({ table: 'usage', personId, row });
    aggregate.keepHistorySummary(now);
    keeper.keepAgain();
  });
  return rows + usage.length + 2;
}
