import * as z from 'zod/mini';
import { log } from './log.ts';

/** What a migration may touch of a Durable Object's storage; all of it is synchronous. */
export type ObjectStorage = Pick<DurableObjectStorage, 'sql' | 'kv' | 'transactionSync'>;

/**
 * One step forward. Its number is its place in the list, counted from 1: a list only ever grows at
 * its end, and a step that was deployed never changes. It must do no harm when it runs once more,
 * and must not read through a schema of today: those know the newest shape only.
 */
export type Migration = {
  /** A few words for the log and for docs/storage.md. */
  name: string;
  /** Runs in a transaction of its own; what it throws takes all of it back. */
  up(storage: ObjectStorage): void;
  /** True when code that does not know this step must leave the storage alone: it would misread it. */
  breaks: boolean;
};

/** How a storage was found. One that stays `closed` was not written to. */
export type Opened =
  /** `applied` counts the steps that were taken just now. */
  | { is: 'open'; version: number; applied: number }
  /** `why` is one plain sentence for the person. */
  | { is: 'closed'; version: number; why: string };

/** Key of the applied number, in the object's key-value storage. */
export const VERSION_KEY = 'storage';
/** `opensFrom` is the oldest code, by the number of its last step, that may open this storage. */
const Version = z.object({ version: z.int(), opensFrom: z.int() });

const NEWER =
  'This was last written by a newer version of Mainloop, which this one cannot read. Nothing is lost: it opens again once the newer version is deployed.';
const FAILED =
  'What is kept here could not be brought up to date. Nothing is lost: it is tried again at the next start.';

/** Why a storage stays closed, which a later version or start may end. */
export const CLOSED_FOR_NOW: readonly string[] = [NEWER, FAILED];

/**
 * Brings an object's storage up to date. Each step and the number that says that it was taken are
 * one transaction, so that a start that is cut short goes on where it stopped. Storage without a
 * number, or with one that cannot be read, begins at the first step, which finds its tables there.
 *
 * A number that this code does not know comes from a deploy that was rolled back. It opens when the
 * newer steps say that older code may; otherwise nothing is read or written. Never throws.
 */
export function migrate(storage: ObjectStorage, migrations: readonly Migration[]): Opened {
  let { version, opensFrom } = appliedTo(storage);
  if (version > migrations.length) {
    return opensFrom > migrations.length
      ? { is: 'closed', version, why: NEWER }
      : { is: 'open', version, applied: 0 };
  }
  let applied = 0;
  for (const [index, { name, up, breaks }] of migrations.entries()) {
    const number = index + 1;
    if (number <= version) continue;
    const next = { version: number, opensFrom: breaks ? number : opensFrom };
    try {
      storage.transactionSync(() => {
        up(storage);
        storage.kv.put(VERSION_KEY, next);
      });
    } catch (error) {
      log.error('storage.migration_failed', error, { number, name });
      return { is: 'closed', version, why: FAILED };
    }
    ({ version, opensFrom } = next);
    applied += 1;
  }
  return { is: 'open', version, applied };
}

function appliedTo({ kv }: Pick<ObjectStorage, 'kv'>): z.infer<typeof Version> {
  const stored = Version.safeParse(kv.get<unknown>(VERSION_KEY));
  return stored.success ? stored.data : { version: 0, opensFrom: 0 };
}

/** The number of the last step that was taken; 0 when none was. */
export function versionOf(storage: Pick<ObjectStorage, 'kv'>): number {
  return appliedTo(storage).version;
}

/** True when the storage has this table. */
export function hasTable({ sql }: Pick<ObjectStorage, 'sql'>, name: string): boolean {
  const [row] = sql.exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", name);
  return row !== undefined;
}
