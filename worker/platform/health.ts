import type { ObjectHealth } from '../../protocol/health.ts';
import { type StoredTable, inspect } from './inspect.ts';
import { type ObjectStorage, hasTable, versionOf } from './migrations.ts';
import type { SetAside } from './set-aside.ts';

/** How many of the set-aside rows are told at once. */
const TOLD_ROWS = 200;

/** An object's store, as far as its health goes. */
type Kept = {
  readonly setAside: SetAside;
  /** Why the storage was not opened; null when it was. */
  readonly closed: string | null;
  inspectValues(): void;
};

/** Looks at everything that is kept, and tells what could not be read. */
export function healthOf(
  storage: ObjectStorage,
  kept: Kept,
  tables: readonly StoredTable[],
): ObjectHealth {
  const { setAside, closed } = kept;
  const version = versionOf(storage);
  // An object that holds nothing, or did not come as far as this table.
  if (!hasTable(storage, 'set_aside')) return { version, closed, setAside: { count: 0, rows: [] } };
  if (closed === null) {
    inspect(storage, setAside, tables);
    kept.inspectValues();
  }
  return { version, closed, setAside: setAside.list(TOLD_ROWS) };
}
