const SIGNATURE = /^sha256=(?<hex>[0-9a-f]{64})$/;

function bytesOf(hex: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/**
 * True when the body was signed with the secret: HMAC-SHA256, compared in constant time.
 * https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
export async function isSigned(body: string, signature: string, secret: string): Promise<boolean> {
  const hex = SIGNATURE.exec(signature)?.groups?.hex;
  if (hex === undefined) return false;
  const encoder = new TextEncoder();
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', encoder.encode(secret), algorithm, false, [
    'verify',
  ]);
  return crypto.subtle.verify('HMAC', key, bytesOf(hex), encoder.encode(body));
}
