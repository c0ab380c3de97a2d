import { base64url } from 'jose';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
/** `1:<base64>`: the key's version and its 32 bytes. */
const KEY = /^(?<version>[1-9]\d{0,8}):(?<bytes>[A-Za-z0-9+/_-]{43}=?)$/;
const SEALED = /^(?<version>[1-9]\d{0,8})\.(?<nonce>[\w-]{16})\.(?<body>[\w-]+)$/;

/** Keys by their version; the first one seals, all of them open. */
export type SealingKeys = { newest: number; keys: ReadonlyMap<number, CryptoKey> };

/** `why` is a sentence for the person. */
export type ReadKeys = { is: 'keys'; keys: SealingKeys } | { is: 'none'; why: string };

export type Opened = { is: 'opened'; text: string } | { is: 'closed'; why: string };

/** Bytes from base64 in either alphabet. */
function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const plain = base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  return new Uint8Array(base64url.decode(plain));
}

/**
 * The keys of a variable such as `2:<base64>,1:<base64>`, the newest first. An old one stays until
 * nothing is sealed with it any more.
 */
export async function readKeys(text: string | undefined): Promise<ReadKeys> {
  const written = writtenKeys(text);
  if (typeof written === 'string') return { is: 'none', why: written };
  const keys = new Map<number, CryptoKey>();
  for (const [version, bytes] of written) {
    const raw = bytesOf(bytes).slice(0, KEY_BYTES);
    const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
    keys.set(version, key);
  }
  const [newest = 0] = keys.keys();
  return { is: 'keys', keys: { newest, keys } };
}

/** Why nothing can be sealed with what this variable holds, in a sentence; null when it can. */
export function whyNoKeys(text: string | undefined): string | null {
  const written = writtenKeys(text);
  return typeof written === 'string' ? written : null;
}

/** Each key's version and bytes as they are written; a sentence when they are not. */
function writtenKeys(text: string | undefined): Map<number, string> | string {
  const written = (text ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
  if (written.length === 0) {
    const why = 'Secrets cannot be kept: this installation has no key to encrypt them with.';
    return `${why} Set ENCRYPTION_KEYS (see docs/setup-script.md).`;
  }
  const keys = new Map<number, string>();
  for (const one of written) {
    const { version, bytes } = KEY.exec(one)?.groups ?? {};
    if (version === undefined || bytes === undefined || keys.has(Number(version))) {
      return 'Secrets cannot be kept: ENCRYPTION_KEYS is not written as `2:<key>,1:<key>`, with another number for each key and 32 bytes in base64 as a key.';
    }
    keys.set(Number(version), bytes);
  }
  return keys;
}

const algorithm = (iv: Uint8Array<ArrayBuffer>, belongsTo: readonly string[]) => ({
  name: 'AES-GCM',
  iv,
  additionalData: new TextEncoder().encode(JSON.stringify(belongsTo)),
});

/**
 * Encrypts a text (AES-256-GCM, a nonce of its own each time) so that it opens only where it belongs.
 *
 * @param belongsTo whose it is and what for: needed to open it, and not in it.
 */
export async function seal(
  { newest, keys }: SealingKeys,
  text: string,
  belongsTo: readonly string[],
): Promise<string> {
  const key = keys.get(newest);
  if (key === undefined) throw new Error('There is no key to seal with.');
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const plain = new TextEncoder().encode(text);
  const body = await crypto.subtle.encrypt(algorithm(nonce, belongsTo), key, plain);
  return `${newest}.${base64url.encode(nonce)}.${base64url.encode(new Uint8Array(body))}`;
}

/** True when it was sealed with a key that is not the first one any more. */
export function isOfOlderKey({ newest }: SealingKeys, sealed: string): boolean {
  return !sealed.startsWith(`${newest}.`);
}

/** Opens what was sealed; `why` says in words what is wrong, and nothing of what is in it. */
export async function open(
  { keys }: SealingKeys,
  sealed: string,
  belongsTo: readonly string[],
): Promise<Opened> {
  const { version, nonce, body } = SEALED.exec(sealed)?.groups ?? {};
  if (version === undefined || nonce === undefined || body === undefined) {
    return { is: 'closed', why: 'It is damaged.' };
  }
  const key = keys.get(Number(version));
  if (key === undefined) {
    return { is: 'closed', why: `ENCRYPTION_KEYS has no key ${version} any more.` };
  }
  try {
    const how = algorithm(bytesOf(nonce), belongsTo);
    const plain = await crypto.subtle.decrypt(how, key, bytesOf(body));
    return { is: 'opened', text: new TextDecoder().decode(plain) };
  } catch {
    const why = `It is damaged, or key ${version} of ENCRYPTION_KEYS is another one than it was.`;
    return { is: 'closed', why };
  }
}
