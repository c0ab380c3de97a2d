import type { ImageBlockParam } from '@anthropic-ai/sdk/resources/messages';
import { isImage, maxBytesOf } from '../../../protocol/attachable.ts';
import type { Attachment } from '../../../protocol/attachment.ts';
import type { Message } from '../../../protocol/message.ts';
import type { AttachmentStore } from '../../attachments/store.ts';
import { inParallel } from '../../platform/in-parallel.ts';
import { quoted } from './quote.ts';
import { estimateTokens } from './tokens.ts';

/**
 * What a prompt shows of what is attached, by the attachment's id: a text's beginning, or an image's
 * bytes as base64. Those that are not in it are only named.
 */
export type AttachedContent = ReadonlyMap<string, string>;

/** Images of one prompt: an object has 128 MB, in which each stands several times as base64. */
const IMAGES_MAX = 10;
const IMAGES_MAX_BYTES = 8_000_000;
const TEXTS_MAX = 20;
/** Read of one text: more than any prompt shows of it. */
const TEXT_READ_BYTES = 120_000;
const READ_AT_ONCE = 4;
/** What the Messages API counts for the largest image, which it scales down to some 1.15 megapixels. */
const IMAGE_TOKENS = 1_600;

const attachedTo = (message: Message): readonly Attachment[] =>
  message.from === 'person' ? (message.attachments ?? []) : [];

/** Which attachments are shown and not only named: the newest, with what is to be answered first of all. */
function toShow(messages: readonly Message[], answering: readonly string[]): Attachment[] {
  const asked = new Set(answering);
  const newestFirst = [
    ...messages.filter(({ id }) => asked.has(id)).toReversed(),
    ...messages.filter(({ id }) => !asked.has(id)).toReversed(),
  ].flatMap(attachedTo);
  let [images, texts, bytes] = [0, 0, 0];
  return newestFirst.filter((one) => {
    if (!isImage(one.type)) return ++texts <= TEXTS_MAX;
    if (bytes + one.bytes > IMAGES_MAX_BYTES) return false;
    bytes += one.bytes;
    return ++images <= IMAGES_MAX;
  });
}

/** Reads what a prompt with these messages shows; one that cannot be read is only named. */
export async function readAttached(
  messages: readonly Message[],
  answering: readonly string[],
  { attachments: store }: { attachments: Pick<AttachmentStore, 'read'> },
  personId: string | null,
): Promise<AttachedContent> {
  const content = new Map<string, string>();
  if (personId === null) return content;
  await inParallel(toShow(messages, answering), READ_AT_ONCE, async ({ id, type }) => {
    const most = isImage(type) ? maxBytesOf(type) : TEXT_READ_BYTES;
    const bytes = await store.read(personId, id, most).catch(() => null);
    if (bytes === null) return;
    content.set(id, isImage(type) ? base64(bytes) : new TextDecoder().decode(bytes));
  });
  return content;
}

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');

/** What is attached to a message, as the model reads it: data, each in an element of its own. */
export function attachedText(
  message: Message,
  content: AttachedContent,
  textTokens: number,
): string {
  return attachedTo(message)
    .map(({ id, name, type }) => {
      const shown = content.get(id);
      const named = { id, name, type };
      if (isImage(type)) {
        const image = shown === undefined ? 'not shown again' : 'shown after this text';
        return quoted('attachment', { ...named, image }, textTokens);
      }
      const text = shown ?? '[not shown again]';
      return quoted('attachment', { ...named, text }, textTokens);
    })
    .join('\n');
}

export function attachedImages(message: Message, content: AttachedContent): ImageBlockParam[] {
  return attachedTo(message).flatMap(({ id, type }): ImageBlockParam[] => {
    const data = content.get(id);
    if (data === undefined || type === 'text/plain') return [];
    return [{ type: 'image', source: { type: 'base64', media_type: type, data } }];
  });
}

/** Tokens of so many images. */
export const imageTokens = (count: number): number => count * IMAGE_TOKENS;

const isImageSource = (part: unknown): boolean =>
  typeof part === 'object' && part !== null && 'media_type' in part && 'data' in part;

/** A cautious estimate of what a part of a prompt takes, in tokens: the bytes of an image are no text. */
export function sizeOf(value: unknown): number {
  let images = 0;
  const text = JSON.stringify(value, (_, part: unknown) => {
    if (!isImageSource(part)) return part;
    images++;
    return null;
  });
  return estimateTokens(text) + imageTokens(images);
}
