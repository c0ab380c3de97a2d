const BYTES = 16;

/** What stands for a person in a key of R2, where a verified subject's own characters have no place. */
export async function personHash(personId: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(personId));
  return Array.from(new Uint8Array(hash).subarray(0, BYTES), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}
