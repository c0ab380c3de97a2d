import { type PendingCommand, readKept } from './kept-command.ts';

const NAME = 'mainloop';
const STORE = 'outbox';

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () =>
      request.result.createObjectStore(STORE, { keyPath: 'command.id' });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB is closed.'));
  });
}

let opened: Promise<IDBDatabase> | null = null;

/** One connection for the page's life: opening takes longer than writing. */
function database(): Promise<IDBDatabase> {
  opened ??= open().catch((error: unknown) => {
    opened = null;
    throw error;
  });
  return opened;
}

async function run<T>(
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const db = await database();
  return new Promise<T>((resolve, reject) => {
    const transaction = db.transaction(STORE, mode);
    const request = work(transaction.objectStore(STORE));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB refused.'));
  });
}

/** Commands that wait for the server's answer. They leave only when it has come. */
export const outbox = {
  async all(): Promise<PendingCommand[]> {
    const kept = await run('readonly', (store) => store.getAll());
    return kept
      .flatMap((row: unknown) => {
        const pending = readKept(row);
        return pending === null ? [] : [pending];
      })
      .toSorted((one, other) => (one.command.id < other.command.id ? -1 : 1));
  },
  async put(pending: PendingCommand): Promise<void> {
    await run('readwrite', (store) => store.put(pending));
  },
  async remove(id: string): Promise<void> {
    await run('readwrite', (store) => store.delete(id));
  },
};
