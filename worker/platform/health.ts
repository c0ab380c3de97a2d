import type { ObjectHealth } from '../../protocol/health.ts';
import { type ObjectStorage, hasTable, versionOf } from './migrations.ts';
import type { SetAside } from './set-aside.ts';

/** How many of the set-aside rows are told at once. */
const TOLD_ROWS = 200;

/** @param closed why the storage was not opened; null when it was. */
export function healthOf(
  storage: ObjectStorage,
  setAside: SetAside,
  closed: string | null,
): ObjectHealth {
  return {
    version: versionOf(storage),
    closed,
    // A storage that never opened may not have come as far as this table.
    setAside: hasTable(storage, 'set_aside') ? setAside.list(TOLD_ROWS) : { count: 0, rows: [] },
  };
}
