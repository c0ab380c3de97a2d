import { inDatabase } from './database.ts';
import { type PendingCommand, readKept } from './kept-command.ts';

/** Commands that wait for the server's answer. They leave only when it has come. */
export const outbox = {
  async all(): Promise<PendingCommand[]> {
    const kept = await inDatabase('outbox', 'readonly', (store) => store.getAll());
    return kept
      .flatMap((row: unknown) => {
        const pending = readKept(row);
        return pending === null ? [] : [pending];
      })
      .toSorted((one, other) => (one.command.id < other.command.id ? -1 : 1));
  },
  async put(pending: PendingCommand): Promise<void> {
    await inDatabase('outbox', 'readwrite', (store) => store.put(pending));
  },
  async remove(id: string): Promise<void> {
    await inDatabase('outbox', 'readwrite', (store) => store.delete(id));
  },
};
