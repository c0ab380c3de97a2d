import { createHmac, randomBytes } from 'node:crypto';

const hash = (text: string, salt: string) => createHmac('sha256', salt).update(text).digest('hex');

/** Tells later whether a secret is still the same, without holding it. */
export function fingerprint(text: string): string {
  const salt = randomBytes(16).toString('hex');
  return `${salt}:${hash(text, salt)}`;
}

export function isFingerprintOf(known: string, text: string): boolean {
  const [salt = '', wanted] = known.split(':');
  return hash(text, salt) === wanted;
}
