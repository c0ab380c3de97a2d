import * as z from 'zod/mini';
import { Changes } from '../../protocol/changes.ts';
import { inDatabase } from './database.ts';

/** What is kept of all tasks together: the reports that were looked at last. */
const TASKS_MAX = 30;
const CHARS_MAX = 20_000_000;
const LIST = 'changes';

const keyOf = (taskId: string) => `${LIST}:${taskId}`;
const Kept = z.array(z.object({ taskId: z.string(), chars: z.number() }));
type Kept = z.infer<typeof Kept>;

async function list(): Promise<Kept> {
  const row: unknown = await inDatabase('kept', 'readonly', (store) => store.get(LIST));
  const read = Kept.safeParse(row);
  return read.success ? read.data : [];
}

/** As many of the newest as there is room for. */
export function withinRoom(kept: Kept): Kept {
  let chars = 0;
  return kept.slice(0, TASKS_MAX).filter((one) => {
    chars += one.chars;
    return chars <= CHARS_MAX;
  });
}

/**
 * The changes of each task as they were last looked at, in this browser. Not on the server: a task at
 * work makes a new report every few seconds, and to keep there what each device has seen would mean to
 * keep them all, or to have phones send back what they were sent.
 */
export const seenChanges = {
  /** Null where none is kept, or where there is no storage. */
  async read(taskId: string): Promise<Changes | null> {
    try {
      const row: unknown = await inDatabase('kept', 'readonly', (store) =>
        store.get(keyOf(taskId)),
      );
      const read = Changes.safeParse(row);
      return read.success ? read.data : null;
    } catch {
      return null;
    }
  },
  async write(taskId: string, changes: Changes): Promise<void> {
    try {
      const chars = JSON.stringify(changes).length;
      const others = (await list()).filter((one) => one.taskId !== taskId);
      const kept = withinRoom([{ taskId, chars }, ...others]);
      await inDatabase('kept', 'readwrite', (store) => store.put(changes, keyOf(taskId)));
      await inDatabase('kept', 'readwrite', (store) => store.put(kept, LIST));
      for (const gone of others.filter((one) => !kept.includes(one))) {
        await inDatabase('kept', 'readwrite', (store) => store.delete(keyOf(gone.taskId)));
      }
    } catch {
      // A private window, a full disk: then all of it is shown the next time.
    }
  },
};
