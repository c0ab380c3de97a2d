import type { OpenHistory } from '../history/connect.ts';
import type { ThreadParts } from './parts.ts';
import { notEmpty } from './rebuild.ts';

const NO_POSTGRES = 'No Postgres is configured: there is nowhere to import to.';
const NOT_EMPTY =
  'Postgres has rows of yours already, and an import goes into an empty installation only: nothing was changed. What is there comes back with `npm run rebuild -- conversation`.';
const ANOTHER =
  'An import of another file has begun here and not ended: run it again with that file. Nothing was changed.';

export type ImportBegun =
  | { is: 'begun'; from: 'rows' | 'tasks' | 'done' }
  | { is: 'refused'; text: string };

/**
 * Begins an import into a conversation and a Postgres that hold nothing of this person, or goes on
 * with the one of the same file that was cut short. Until it has ended nothing else reads or changes
 * the conversation (`closed`). Another file takes the place of one that has no more than rows yet.
 * @throws when Postgres does not answer.
 */
export async function beginImport(
  parts: ThreadParts,
  open: OpenHistory | null,
  personId: string,
  id: string,
): Promise<ImportBegun> {
  const { store } = parts;
  if (open === null) return { is: 'refused', text: NO_POSTGRES };
  const known = store.importing;
  if (known?.id === id) return { is: 'begun', from: known.now };
  if (store.rebuilding || known?.now === 'tasks') return { is: 'refused', text: ANOTHER };
  const replaces = known?.now === 'rows';
  const holds = store.holdsThread && !replaces ? notEmpty(parts) : null;
  if (holds !== null) return { is: 'refused', text: holds };
  const connection = open();
  try {
    if (replaces) await connection.forget(personId);
    const { rows } = await connection.page(personId, null);
    if (rows.length > 0) return { is: 'refused', text: NOT_EMPTY };
  } finally {
    await connection.close().catch(() => {});
  }
  // Something may have been said while Postgres was asked.
  const since = store.holdsThread && !replaces ? notEmpty(parts) : null;
  if (since !== null) return { is: 'refused', text: since };
  if (store.open().is === 'closed') return { is: 'refused', text: store.closed ?? NOT_EMPTY };
  store.importing = { id, now: 'rows' };
  store.open();
  return { is: 'begun', from: 'rows' };
}

/** Notes what of the import comes now, never going back; false when no import of this file is under way. */
export function goOnImporting({ store }: ThreadParts, id: string, now: 'rows' | 'tasks'): boolean {
  const known = store.importing;
  if (known === null || known.id !== id || known.now === 'done') return false;
  if (now === 'tasks') store.importing = { id, now };
  return true;
}

/** A file without a conversation has been imported, too. */
export function endEmptyImport({ store }: ThreadParts, id: string): void {
  store.importing = { id, now: 'done' };
  store.open();
}
