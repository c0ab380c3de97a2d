import type { NewSecret } from '../../protocol/environment.ts';
import { Refused } from '../../protocol/pages.ts';

/** What came of it; `text` is for the person. */
export type SecretAnswer = { is: 'done' } | { is: 'refused'; text: string };

const addressOf = (repository: string, name: string) =>
  `/api/repositories/${repository}/secrets/${encodeURIComponent(name)}`;

/** Sends what is never shown again. */
export async function sendSecret(address: string, init: RequestInit): Promise<SecretAnswer> {
  try {
    const answer = await fetch(address, {
      ...init,
      headers: { 'x-requested-with': 'XMLHttpRequest' },
      redirect: 'manual',
    });
    if (answer.ok) return { is: 'done' };
    const refused = Refused.safeParse(await answer.json().catch(() => null));
    const text = refused.success ? refused.data.text : 'That was not kept. Try again.';
    return { is: 'refused', text };
  } catch {
    return { is: 'refused', text: 'Mainloop cannot be reached now. Try again.' };
  }
}

/**
 * Sends a secret's value, once. It waits in no outbox: what is kept there lies in the browser's
 * storage until it is sent.
 */
export function putSecret(
  repository: string,
  name: string,
  secret: NewSecret,
): Promise<SecretAnswer> {
  return sendSecret(addressOf(repository, name), { method: 'PUT', body: JSON.stringify(secret) });
}

export function removeSecret(repository: string, name: string): Promise<SecretAnswer> {
  return sendSecret(addressOf(repository, name), { method: 'DELETE' });
}
