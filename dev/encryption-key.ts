import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The key by which this data folder's secrets are sealed, made the first time; only this user may read it. */
export function encryptionKeyOf(dataDir: string): string {
  const file = path.join(dataDir, 'encryption-key');
  if (!existsSync(file)) {
    writeFileSync(file, `1:${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  }
  return readFileSync(file, 'utf8').trim();
}
