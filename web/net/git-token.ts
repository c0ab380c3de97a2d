import { GitTokenAnswer } from '../../protocol/git-token.ts';
import { type SecretAnswer, sendSecret } from './secrets.ts';

const ADDRESS = '/api/git-token';

/** As whom one's tasks work at the git host; null where nothing answers. */
export async function fetchGitToken(): Promise<GitTokenAnswer | null> {
  try {
    const answer = await fetch(ADDRESS, {
      headers: { 'x-requested-with': 'XMLHttpRequest' },
      redirect: 'manual',
    });
    return answer.ok ? GitTokenAnswer.parse(await answer.json()) : null;
  } catch {
    return null;
  }
}

/** Sends a token of one's own, once: like a secret it waits in no outbox. */
export const putGitToken = (token: string): Promise<SecretAnswer> =>
  sendSecret(ADDRESS, { method: 'PUT', body: JSON.stringify({ token }) });

export const removeGitToken = (): Promise<SecretAnswer> =>
  sendSecret(ADDRESS, { method: 'DELETE' });
