import {
  ATTACHMENTS_MAX,
  ATTACHMENT_NAME_MAX_CHARS,
  type AttachmentType,
  IMAGE_MAX_BYTES,
} from './attachment.ts';

/** What may be attached, and how it is told; apart from the schema, which every page begins with. */

/** Largest text file. */
const TEXT_MAX_BYTES = 1_000_000;
/** Bytes of a file's beginning by which its kind is known. */
export const HEAD_BYTES = 16;

export const isImage = (type: AttachmentType): boolean => type !== 'text/plain';

export const maxBytesOf = (type: AttachmentType): number =>
  isImage(type) ? IMAGE_MAX_BYTES : TEXT_MAX_BYTES;

/** How each begins. */
const SIGNATURES: readonly [AttachmentType, (head: string) => boolean][] = [
  ['image/png', (head) => head.startsWith('\x89PNG\r\n\x1a\n')],
  ['image/jpeg', (head) => head.startsWith('\xff\xd8\xff')],
  ['image/gif', (head) => /^GIF8[79]a/.test(head)],
  ['image/webp', (head) => /^RIFF[^]{4}WEBP/.test(head)],
];

/** Which image a file is, by its first bytes; null for what is none that a model can see. */
export function imageTypeOf(head: Uint8Array): AttachmentType | null {
  const text = String.fromCharCode(...head.subarray(0, HEAD_BYTES));
  return SIGNATURES.find(([, begins]) => begins(text))?.[0] ?? null;
}

/**
 * A name that is only a name: no folder, nothing that does not show, nothing that turns the direction
 * of writing round, and no longer than is kept.
 */
export function attachmentName(given: string): string {
  const [last = ''] = given.toWellFormed().normalize('NFC').split(/[\\/]/).slice(-1);
  const plain = last.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').trim();
  if (/^\.*$/.test(plain)) return 'file';
  if (plain.length <= ATTACHMENT_NAME_MAX_CHARS) return plain;
  const [, ending = ''] = /(\.[\w-]{1,12})$/.exec(plain) ?? [];
  const room = ATTACHMENT_NAME_MAX_CHARS - ending.length - 1;
  return `${plain.slice(0, room).replace(/[\uD800-\uDBFF]$/, '')}…${ending}`;
}

/** A size in words: `950 bytes`, `12 KB`, `3.4 MB`. */
export function sizeWords(bytes: number): string {
  if (bytes < 1_000) return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;
  if (bytes < 999_500) return `${Math.round(bytes / 1_000)} KB`;
  return `${Number((bytes / 1_000_000).toFixed(1))} MB`;
}

/** What may be attached, said before. */
export const ATTACHMENT_LIMITS = `Images (PNG, JPEG, GIF, WebP) up to ${sizeWords(IMAGE_MAX_BYTES)}, text files up to ${sizeWords(TEXT_MAX_BYTES)}, ${ATTACHMENTS_MAX} a message.`;

/** Why a file is not taken, said after. */
export const notTaken = {
  kind: (name: string) =>
    `${name} is neither an image (PNG, JPEG, GIF, WebP) nor a text file in UTF-8.`,
  size: (name: string, type: AttachmentType, bytes: number) =>
    `${name} has ${sizeWords(bytes)}. ${isImage(type) ? 'An image' : 'A text file'} may have ${sizeWords(maxBytesOf(type))}.`,
  empty: (name: string) => `${name} is empty.`,
  tooMany: () => `A message takes ${ATTACHMENTS_MAX} files. Send the others with the next one.`,
};
