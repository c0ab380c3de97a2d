import * as z from 'zod/mini';
import { Ulid } from './ids.ts';

/** Files that one message takes. */
export const ATTACHMENTS_MAX = 10;
/** Largest image: the Messages API takes 5 MB of it as base64, which needs a third more. */
export const IMAGE_MAX_BYTES = 3_500_000;
export const ATTACHMENT_NAME_MAX_CHARS = 120;

/** What a file is by its content, whatever its name says. Whatever is text is plain text, HTML and SVG too. */
export const AttachmentType = z.enum([
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'text/plain',
]);
export type AttachmentType = z.infer<typeof AttachmentType>;

/** A file that the person attached. Its content is `GET /api/attachments/:id`. */
export const Attachment = z.object({
  /** Made where it was attached. */
  id: Ulid,
  name: z.string().check(z.minLength(1), z.maxLength(ATTACHMENT_NAME_MAX_CHARS)),
  type: AttachmentType,
  bytes: z.int().check(z.positive(), z.maximum(IMAGE_MAX_BYTES)),
});
export type Attachment = z.infer<typeof Attachment>;

/** Those of one message. */
export const Attachments = z.array(Attachment).check(z.maxLength(ATTACHMENTS_MAX));
