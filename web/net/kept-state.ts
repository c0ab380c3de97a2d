import * as z from 'zod/mini';
import { Installation, Snapshot } from '../../protocol/down.ts';
import { Repository } from '../../protocol/repository.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { inDatabase } from './database.ts';

const KEY = 'state';

/** What was last shown, to be shown again before the network has said a word. */
export const KeptState = z.object({
  version: z.literal(PROTOCOL_VERSION),
  /** When the line was last up. */
  at: z.number(),
  /** Whose it is: `person` says so. */
  installation: Installation,
  snapshot: Snapshot,
  repositories: z.array(Repository),
  spending: z.nullable(z.object({ day: z.string(), cost: z.number() })),
});
export type KeptState = z.infer<typeof KeptState>;

export const keptState = {
  /** Null where nothing is kept, or only what another version has written. */
  async read(): Promise<KeptState | null> {
    const row: unknown = await inDatabase('kept', 'readonly', (store) => store.get(KEY));
    const read = KeptState.safeParse(row);
    return read.success ? read.data : null;
  },
  async write(state: KeptState): Promise<void> {
    await inDatabase('kept', 'readwrite', (store) => store.put(state, KEY));
  },
  /** With all else that a person was shown: somebody else has signed in. */
  async clear(): Promise<void> {
    await inDatabase('kept', 'readwrite', (store) => store.clear());
  },
};
