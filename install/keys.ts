import { randomBytes } from 'node:crypto';
import type { LiveWorker } from './cloudflare/worker.ts';
import type { Installation, Secrets } from './installation.ts';

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

/**
 * True where ENCRYPTION_KEYS of this folder take no others' place: the Worker has none, or has those of
 * this folder. A setup that was cut off here and finished elsewhere has left keys in this folder that
 * nothing was ever encrypted with. `tagWithKeys` names the version that this folder makes with its keys:
 * where that runs, it has them, though the folder is older than `keysSent`.
 */
export function mayReplaceKeys(
  worker: LiveWorker | null,
  { keysSent }: Pick<Installation, 'keysSent'>,
  tagWithKeys: string,
): boolean {
  if (worker === null || !worker.secrets.includes('ENCRYPTION_KEYS')) return true;
  return (
    worker.tag === tagWithKeys ||
    (keysSent !== null && (keysSent.isSure || keysSent.tag === worker.tag))
  );
}

export function withoutKeys(secrets: Secrets): Secrets {
  const rest = { ...secrets };
  delete rest.ENCRYPTION_KEYS;
  return rest;
}
