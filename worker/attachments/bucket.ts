import { attachmentKey } from './kept.ts';
import type { AttachmentStore } from './store.ts';

/** The attachments that lie in R2. */
export function attachmentStore(bucket: Pick<R2Bucket, 'get' | 'delete'>): AttachmentStore {
  return {
    read: async (personId, id, maxBytes) => {
      const key = await attachmentKey(personId, id);
      if (key === null) return null;
      const object = await bucket.get(key, { range: { offset: 0, length: maxBytes } });
      return object === null ? null : new Uint8Array(await object.arrayBuffer());
    },
    delete: async (personId, id) => {
      const key = await attachmentKey(personId, id);
      if (key !== null) await bucket.delete(key);
    },
  };
}
