/** What an image is and how large, by its first bytes. */
export type ImageSize = { kind: string; width: number; height: number };

/** Frames of a JPEG that say how large it is: SOF0 to SOF15 without the tables between them. */
const isFrame = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

function jpegSize(bytes: Buffer): ImageSize | null {
  for (let at = 2; at + 9 < bytes.length;) {
    if (bytes[at] !== 0xff) return null;
    if (isFrame(bytes[at + 1] ?? 0)) {
      const [height, width] = [bytes.readUInt16BE(at + 5), bytes.readUInt16BE(at + 7)];
      return { kind: 'JPEG', width, height };
    }
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}

function webpSize(bytes: Buffer): ImageSize | null {
  const kind = 'WebP';
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8X':
      return { kind, width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    case 'VP8L': {
      const bits = bytes.readUInt32LE(21);
      return { kind, width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
    }
    case 'VP8 ':
      return {
        kind,
        width: bytes.readUInt16LE(26) & 0x3fff,
        height: bytes.readUInt16LE(28) & 0x3fff,
      };
    default:
      return null;
  }
}

/** @param base64 the image, as the Messages API takes it; null where it is none that is known. */
export function imageSize(base64: string): ImageSize | null {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length < 30) return null;
  if (bytes.toString('latin1', 1, 4) === 'PNG') {
    return { kind: 'PNG', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
  }
  if (bytes.toString('latin1', 0, 3) === 'GIF') {
    return { kind: 'GIF', width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
  }
  if (bytes.readUInt16BE(0) === 0xffd8) return jpegSize(bytes);
  return bytes.toString('latin1', 8, 12) === 'WEBP' ? webpSize(bytes) : null;
}

/** `PNG, 640 × 480 pixels`; `an image` where that cannot be told. */
export function sizeWords(size: ImageSize | null | undefined): string {
  return size == null ? 'an image' : `${size.kind}, ${size.width} × ${size.height} pixels`;
}
