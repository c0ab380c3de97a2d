import * as z from 'zod/mini';
import { AttachmentType } from '../../protocol/attachment.ts';
import { inDatabase } from './database.ts';

/**
 * A file that is attached to a draft or to what waits to be sent. It survives the page in IndexedDB
 * until the server has the message that it belongs to.
 */
const KeptFile = z.object({
  id: z.string(),
  name: z.string(),
  type: AttachmentType,
  bytes: z.number(),
  blob: z.instanceof(Blob),
  /** The draft that it stands in; null once it belongs to a message on its way. */
  place: z.nullable(z.string()),
  /** Whose it is; null where nobody was known yet. */
  person: z.nullable(z.string()),
  /** True once the server has it. */
  stored: z.boolean(),
});
export type KeptFile = z.infer<typeof KeptFile>;

export const keptFiles = {
  async all(): Promise<KeptFile[]> {
    const rows = await inDatabase('files', 'readonly', (store) => store.getAll());
    return rows.flatMap((row: unknown) => KeptFile.safeParse(row).data ?? []);
  },
  async put(file: KeptFile): Promise<void> {
    await inDatabase('files', 'readwrite', (store) => store.put(file));
  },
  async remove(id: string): Promise<void> {
    await inDatabase('files', 'readwrite', (store) => store.delete(id));
  },
};
