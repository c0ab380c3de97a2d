import { SignJWT } from 'jose';

/** A key that can sign, or in one sentence why there is none. */
export type ReadKey = { is: 'key'; key: CryptoKey } | { is: 'none'; why: string };

const PEM = /-----BEGIN (?<kind>[A-Z0-9 ]+)-----(?<body>[\s\S]*?)-----END \k<kind>-----/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const NAME = 'GITHUB_APP_PRIVATE_KEY';

/** What stands before the key in PKCS#8: version 0, and that it is RSA's (RFC 5208, 5; RFC 8017, A.1). */
const VERSION_AND_RSA = [
  0x02, 0x01, 0x00, 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01,
  0x05, 0x00,
];

/** A DER element of less than 16 MB. */
function element(tag: number, content: readonly number[]): number[] {
  const { length } = content;
  const bytes = [length >> 16, (length >> 8) & 0xff, length & 0xff];
  const said = bytes.slice(bytes.findIndex((byte) => byte > 0));
  const head = length < 0x80 ? [length] : [0x80 + said.length, ...said];
  return [tag, ...head, ...content];
}

/** PKCS#1, as GitHub gives it, as the PKCS#8 that Web Crypto takes. */
const asPkcs8 = (pkcs1: Uint8Array): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(element(0x30, [...VERSION_AND_RSA, ...element(0x04, [...pkcs1])]));

/**
 * The App's private key from its PEM, in PKCS#1 or PKCS#8. Its lines may be parted by `\n` written
 * out, as in a file of variables.
 */
export async function readAppKey(text: string): Promise<ReadKey> {
  const none = (why: string): ReadKey => ({ is: 'none', why: `${NAME} ${why}` });
  const { kind, body = '' } = PEM.exec(text.replaceAll('\\n', '\n'))?.groups ?? {};
  if (kind === undefined) {
    return none(
      'is no key: it is the whole text of the .pem file that GitHub gave, with its first and its last line.',
    );
  }
  const base64 = body.replaceAll(/\s/g, '');
  if (kind === 'ENCRYPTED PRIVATE KEY' || body.includes('ENCRYPTED')) {
    return none(
      'has a passphrase, which nobody can type here. Take it off with `openssl pkcs8 -topk8 -nocrypt -in key.pem`.',
    );
  }
  if (kind !== 'PRIVATE KEY' && kind !== 'RSA PRIVATE KEY') {
    return none(`is a ${kind}, and not the RSA PRIVATE KEY that GitHub makes for an App.`);
  }
  if (!BASE64.test(base64)) return none('is damaged. Copy it again.');
  try {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const key = await crypto.subtle.importKey(
      'pkcs8',
      kind === 'RSA PRIVATE KEY' ? asPkcs8(bytes) : bytes,
      { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
      false,
      ['sign'],
    );
    return { is: 'key', key };
  } catch {
    return none('is damaged, or not an RSA key. Copy it again.');
  }
}

/** GitHub takes ten minutes at most, and by its own clock. */
const CLOCKS_S = 60;
const LASTS_S = 8 * 60;

/** What the App shows for itself. https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app */
export function appJwt(appId: string, key: CryptoKey, now: number): Promise<string> {
  const seconds = Math.floor(now / 1_000);
  return new SignJWT()
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
    .setIssuer(appId)
    .setIssuedAt(seconds - CLOCKS_S)
    .setExpirationTime(seconds + LASTS_S)
    .sign(key);
}
