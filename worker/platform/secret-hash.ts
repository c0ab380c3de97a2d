import { createHash } from 'node:crypto';

/** SHA-256 in base64url: what is kept of a secret that has 256 random bits, and leads nowhere by itself. */
export const secretHash = (secret: string): string =>
  createHash('sha256').update(secret).digest('base64url');
