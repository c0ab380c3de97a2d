export const ZERO = '0'.repeat(40);
export const BEFORE = 'a'.repeat(40);
export const AFTER = 'b'.repeat(40);
export const FLUSH = '0000';

/** One packet with its length in front. */
export function packet(text: string): string {
  return (new TextEncoder().encode(text).byteLength + 4).toString(16).padStart(4, '0') + text;
}

/** What git sends first in a push: a command for each ref, the first with git's capabilities. */
export function pushHead(commands: { before?: string; after?: string; ref: string }[]): string {
  const packets = commands.map(({ before = ZERO, after = AFTER, ref }, at) =>
    packet(`${before} ${after} ${ref}${at === 0 ? '\0 report-status-v2 side-band-64k' : ''}`),
  );
  return packets.join('') + FLUSH;
}

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(new TextEncoder().encode(text));
}
