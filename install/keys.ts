import { randomBytes } from 'node:crypto';
import type { Secrets } from './installation.ts';

/**
 * Secrets that nobody has to know, made where neither this folder nor the Worker has one: what signs the
 * git host's webhooks, and the key with which people's own secrets are encrypted (`1:<32 bytes in base64>`,
 * the newest first where there are several).
 */
export function withKeys(secrets: Secrets, deployed: readonly string[]): Secrets {
  const isMissing = (name: keyof Secrets) =>
    secrets[name] === undefined && !deployed.includes(name);
  return {
    ...secrets,
    ...(isMissing('GITHUB_WEBHOOK_SECRET') && {
      GITHUB_WEBHOOK_SECRET: randomBytes(32).toString('hex'),
    }),
    ...(isMissing('ENCRYPTION_KEYS') && {
      ENCRYPTION_KEYS: `1:${randomBytes(32).toString('base64')}`,
    }),
  };
}
