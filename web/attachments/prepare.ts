import {
  HEAD_BYTES,
  attachmentName,
  imageTypeOf,
  maxBytesOf,
  notTaken,
  sizeWords,
} from '../../protocol/attachable.ts';
import type { AttachmentType } from '../../protocol/attachment.ts';
import type { NewFile } from '../state/files.ts';

/** Models see no more of an image than this many pixels along its longer side. */
const EDGE_MAX_PX = 2_000;
/** Larger pictures take more memory to scale down than a phone has. */
const PICTURE_MAX_BYTES = 60_000_000;
const JPEG_QUALITY = 0.85;
const PASTED = /^image\.(?:png|jpe?g|gif|webp)$/i;

/** What a file is by its content, with its name put right; a large image is scaled down. A sentence where it cannot be taken. */
export async function prepare(file: File): Promise<NewFile | string> {
  const name = nameOf(file);
  if (file.size === 0) return notTaken.empty(name);
  const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  const type = imageTypeOf(head);
  if (type !== null) return image(file, name, type);
  // What a phone's camera writes and a model cannot see, where this browser can read it.
  if (/^image\/(?!svg)/.test(file.type)) {
    return (await scaled(file, name, 'image/jpeg')) ?? notTaken.kind(name);
  }
  return text(file, name);
}

/** What is pasted has no name of its own. */
function nameOf(file: File): string {
  const name = attachmentName(file.name);
  if (!PASTED.test(name)) return name;
  const at = new Date(file.lastModified || Date.now());
  const two = (part: number) => String(part).padStart(2, '0');
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join('.');
  return name.replace(/^image/i, `pasted-${time}`);
}

async function text(file: File, name: string): Promise<NewFile | string> {
  const type = 'text/plain';
  if (file.size > maxBytesOf(type)) {
    // Only what is a text is refused for being too long a text.
    const begins = await decoded(file.slice(0, 4_096), true);
    return begins === null ? notTaken.kind(name) : notTaken.size(name, type, file.size);
  }
  const whole = await decoded(file, false);
  return whole === null ? notTaken.kind(name) : { name, type, blob: file };
}

/** A text in UTF-8; null for what is none. */
async function decoded(blob: Blob, stream: boolean): Promise<string | null> {
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    const said = decoder.decode(await blob.arrayBuffer(), { stream });
    return said.includes('\0') ? null : said;
  } catch {
    return null;
  }
}

async function image(file: File, name: string, type: AttachmentType): Promise<NewFile | string> {
  const fits = file.size <= maxBytesOf(type);
  // Scaled, it would stand still.
  if (type === 'image/gif') {
    return fits ? { name, type, blob: file } : notTaken.size(name, type, file.size);
  }
  if (file.size > PICTURE_MAX_BYTES) {
    return `${name} has ${sizeWords(file.size)}: that is too large to be scaled down here.`;
  }
  const picture = await createImageBitmap(file).catch(() => null);
  if (picture === null) return `${name} cannot be read as an image.`;
  const isSmall = Math.max(picture.width, picture.height) <= EDGE_MAX_PX;
  picture.close();
  if (fits && isSmall) return { name, type, blob: file };
  const made = await scaled(file, name, type);
  return made ?? notTaken.size(name, type, file.size);
}

/** The picture within the bounds; null where this browser cannot read it, or make it small enough. */
async function scaled(file: File, name: string, type: AttachmentType): Promise<NewFile | null> {
  const picture = await createImageBitmap(file).catch(() => null);
  if (picture === null) return null;
  const share = Math.min(1, EDGE_MAX_PX / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * share));
  canvas.height = Math.max(1, Math.round(picture.height * share));
  const pen = canvas.getContext('2d');
  if (pen === null) return null;
  pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  // A drawing stays as sharp as it is where there is room for that.
  if (type === 'image/png') {
    const png = await blobOf(canvas, 'image/png');
    if (png !== null && png.size <= maxBytesOf(type)) return { name, type, blob: png };
  }
  // JPEG knows nothing that can be seen through.
  pen.globalCompositeOperation = 'destination-over';
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  const jpeg = await blobOf(canvas, 'image/jpeg');
  if (jpeg === null || jpeg.size > maxBytesOf('image/jpeg')) return null;
  const named = attachmentName(`${name.replace(/\.\w{1,5}$/, '')}.jpg`);
  return { name: named, type: 'image/jpeg', blob: jpeg };
}

function blobOf(canvas: HTMLCanvasElement, type: string): Promise<Blob | null> {
  return new Promise((resolve) => canvas.toBlob(resolve, type, JPEG_QUALITY));
}
