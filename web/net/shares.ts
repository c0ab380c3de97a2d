import * as z from 'zod/mini';
import { inDatabase } from './database.ts';

/** What another app has shared with this one, on its way from the service worker to a draft. */
const Share = z.object({ text: z.string(), files: z.array(z.instanceof(File)) });
export type Share = z.infer<typeof Share>;

const keyOf = (id: string) => `share:${id}`;

export const shares = {
  async put(id: string, share: Share): Promise<void> {
    await inDatabase('kept', 'readwrite', (store) => store.put(share, keyOf(id)));
  },
  /** Null where it was taken before, or never came. */
  async take(id: string): Promise<Share | null> {
    const row: unknown = await inDatabase('kept', 'readonly', (store) => store.get(keyOf(id)));
    const share = Share.safeParse(row);
    await inDatabase('kept', 'readwrite', (store) => store.delete(keyOf(id)));
    return share.success ? share.data : null;
  },
};
