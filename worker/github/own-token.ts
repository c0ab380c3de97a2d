import * as z from 'zod/mini';
import type { Env } from '../env.ts';
import { secretHash } from '../platform/secret-hash.ts';
import { asking } from './ask.ts';
import type { Credential } from './asker.ts';
import { noreplyAddress } from './noreply.ts';
import type { GitHubResult } from './port.ts';

/** A person's own token, as it is kept. */
export type OwnToken =
  | { is: 'none' }
  | { is: 'token'; token: string }
  /** It is there and cannot be used; `why` is for the person. Nobody else's takes its place. */
  | { is: 'closed'; why: string };

/** Where a person's own token is asked for, and told that the host did not take it. */
export type Own = {
  token(): Promise<OwnToken>;
  refused(token: string): void;
};

const REFUSED =
  'GitHub refuses your own token: it expired, or was revoked. Replace or remove it in the settings (Account).';

const User = z.object({ login: z.string(), id: z.int(), html_url: z.url() });

/** Whose a token is: their name, their page, and the address for their commits. */
export type TokenOwner = { login: string; email: string; url: string };

export function ownCredential(token: string): Credential {
  return { scheme: 'token', token, holder: `own ${secretHash(token)}`, onRefusal: REFUSED };
}

export const isOwn = ({ holder }: Credential): boolean => holder.startsWith('own ');

/** Whom a token belongs to, which also says that the host takes it. */
export function ownerOf(
  apiUrl: string,
  token: string,
  fetcher: typeof fetch = (input, init) => fetch(input, init),
): Promise<GitHubResult<TokenOwner>> {
  const value: Credential = {
    ...ownCredential(token),
    onRefusal: 'GitHub does not take that token.',
  };
  const asker = { credential: async () => ({ is: 'ok', value }) as const, refused: () => false };
  return asking(apiUrl, asker, fetcher)('GET /user', {}, (data) => {
    const { login, id, html_url: url } = User.parse(data);
    return { login, email: noreplyAddress(url, id, login), url };
  });
}

/** The token of a person, asked for at their conversation each time: one that was removed is gone at once. */
export function ownTokenOf(env: Pick<Env, 'MAIN_THREAD'>, personId: () => string): Own {
  const thread = () => env.MAIN_THREAD.get(env.MAIN_THREAD.idFromName(personId()));
  return {
    token: () => thread().gitToken(),
    refused: (token) => {
      // Only what the settings show of it: the one who asked is told otherwise.
      thread()
        .gitTokenRefused(secretHash(token))
        .catch(() => {});
    },
  };
}
