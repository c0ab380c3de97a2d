import { base64url } from 'jose';

/** How a person's pushes are signed (RFC 8292): both in base64url, the public key as 65 bytes. */
export type VapidKeys = { publicKey: string; privateKey: string };

/** Makes a pair. */
export async function newVapidKeys(): Promise<VapidKeys> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  if (!('privateKey' in pair)) throw new Error('No pair of keys was made.');
  const [raw, jwk] = await Promise.all([
    crypto.subtle.exportKey('raw', pair.publicKey),
    crypto.subtle.exportKey('jwk', pair.privateKey),
  ]);
  if (!(raw instanceof ArrayBuffer) || !('d' in jwk) || typeof jwk.d !== 'string') {
    throw new Error('The keys could not be read.');
  }
  return { publicKey: base64url.encode(new Uint8Array(raw)), privateKey: jwk.d };
}
