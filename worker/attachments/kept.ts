import * as z from 'zod/mini';
import { isImage } from '../../protocol/attachable.ts';
import { type Attachment, AttachmentType } from '../../protocol/attachment.ts';
import { Ulid } from '../../protocol/ids.ts';
import { personHash } from '../platform/person-hash.ts';

/**
 * Where in R2 a person's attachment lies. The person is part of it: another person's id names
 * something that is not there. Null for what is no id.
 */
export async function attachmentKey(personId: string, id: string): Promise<string | null> {
  if (!Ulid.safeParse(id).success) return null;
  return `attachments/${await personHash(personId)}/${id}`;
}

/** What stands beside the bytes: all that is needed to serve them. */
const Beside = z.object({ name: z.string().check(z.minLength(1)), type: AttachmentType });

/** The same as R2 takes it. A name may have any character, and a header may not. */
export function besideOf({ name, type }: Pick<Attachment, 'name' | 'type'>): R2PutOptions {
  return { customMetadata: { name: encodeURIComponent(name), type } };
}

export function readBeside(object: Pick<R2Object, 'customMetadata'>): z.infer<typeof Beside> {
  const { name = '', type } = object.customMetadata ?? {};
  const read = Beside.safeParse({ name: decodeURIComponent(name), type });
  // Whatever else lies there is served as what cannot run.
  return read.data ?? { name: 'file', type: 'text/plain' };
}

/** A name as RFC 8187 has it in a header. */
const encoded = (name: string) =>
  encodeURIComponent(name).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/**
 * Headers under which nothing in a file can run: an image is shown as one, all else is text and is
 * saved, not opened. What lies under an id never changes.
 */
export function servedAs({ name, type }: z.infer<typeof Beside>): Record<string, string> {
  const shown = isImage(type);
  return {
    'content-type': shown ? type : 'text/plain; charset=utf-8',
    'content-disposition': `${shown ? 'inline' : 'attachment'}; filename*=UTF-8''${encoded(name)}`,
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'private, max-age=31536000, immutable',
  };
}
