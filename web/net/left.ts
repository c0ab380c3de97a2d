import { type PendingCommand, readKept } from './kept-command.ts';

const KEY = 'left';

function read(): PendingCommand[] {
  try {
    const rows: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
    return Array.isArray(rows) ? rows.flatMap((row: unknown) => readKept(row) ?? []) : [];
  } catch {
    return [];
  }
}

/**
 * What a page had still to send when it went away. A page that goes is given no time for a database:
 * what it writes there then may never arrive, and its last frames neither.
 */
export const left = {
  read,
  write(pending: readonly PendingCommand[]): void {
    if (pending.length === 0) return;
    try {
      localStorage.setItem(KEY, JSON.stringify([...read(), ...pending]));
    } catch {
      // Nowhere to keep it: what was sent in time was sent.
    }
  },
  clear(): void {
    localStorage.removeItem(KEY);
  },
};
