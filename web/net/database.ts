const NAME = 'mainloop';
/** 1: outbox; 2: beside it what was last shown; 3: files that are attached. */
const VERSION = 3;

export type StoreName = 'outbox' | 'kept' | 'files';

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = ({ oldVersion }) => {
      if (oldVersion < 1) request.result.createObjectStore('outbox', { keyPath: 'command.id' });
      if (oldVersion < 2) request.result.createObjectStore('kept');
      if (oldVersion < 3) request.result.createObjectStore('files', { keyPath: 'id' });
    };
    request.onsuccess = () => {
      // A page of a newer version wants to change it: this one asks for it anew when it needs it.
      request.result.onversionchange = () => {
        request.result.close();
        opened = null;
      };
      resolve(request.result);
    };
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

/** One request in a transaction of its own. @throws where there is no storage: a private window, a full disk. */
export async function inDatabase<T>(
  name: StoreName,
  mode: IDBTransactionMode,
  work: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> {
  const db = await database();
  return new Promise<T>((resolve, reject) => {
    const transaction = db.transaction(name, mode);
    const request = work(transaction.objectStore(name));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB refused.'));
  });
}
