import type { Env } from '../env.ts';
import { redactor } from '../platform/redactor.ts';
import type { Author } from '../../protocol/author.ts';
import { githubApp } from './app/app.ts';
import type { Asker, Credential, RepositorySource } from './asker.ts';
import { type Own, isOwn, ownCredential } from './own-token.ts';
import type { Purpose } from './app/permissions.ts';
import type { GitHubResult } from './port.ts';

/** Where the tokens for the host come from. */
export type Credentials = {
  /** Null where nothing is set: the host then shows what it shows to everybody. */
  of(repository: string | null, purpose: Purpose): Promise<GitHubResult<Credential | null>>;
  /** The host did not take it: true when the next one may be another. */
  refused(credential: Credential): boolean;
  /** All that lists repositories which may be worked with. */
  sources(): Promise<GitHubResult<RepositorySource[]>>;
  /** In whose name commits are made there; null for Mainloop's own. */
  author(repository: string): Promise<GitHubResult<Author | null>>;
};

export type CredentialEnv = Pick<
  Env,
  'GITHUB_API_URL' | 'GITHUB_TOKEN' | 'GITHUB_APP_ID' | 'GITHUB_APP_PRIVATE_KEY'
>;

const REFUSED_TOKEN = 'GitHub refuses the token. Set a new GITHUB_TOKEN.';

/**
 * The person's own token where they stored one, whatever may be done with it; else the App where one is
 * set; else the token. None of them stands in for another that is refused.
 */
export function credentialsOf(
  env: CredentialEnv,
  own: Own | null = null,
  fetcher: typeof fetch = (input, init) => fetch(input, init),
): Credentials {
  const installation = installationsOf(env, fetcher);
  return own === null ? installation : ownFirst(own, installation);
}

/** The App, or the token. */
function installationsOf(env: CredentialEnv, fetcher: typeof fetch): Credentials {
  const app = githubApp(env, fetcher);
  if (app !== null) {
    return {
      of: (repository, purpose) =>
        repository === null
          ? // Whatever is about no repository is not the App's to do.
            Promise.resolve({ is: 'ok', value: null })
          : app.token(repository, purpose),
      refused: app.refused,
      sources: app.sources,
      author: app.author,
    };
  }
  return credentialsFrom(env.GITHUB_TOKEN ?? null, 'token', REFUSED_TOKEN);
}

function ownFirst(own: Own, installation: Credentials): Credentials {
  const closed = (why: string) => ({ is: 'failed', failure: { is: 'unauthorized', why } }) as const;
  const refused = (credential: Credential): boolean => {
    if (!isOwn(credential)) return installation.refused(credential);
    own.refused(credential.token);
    return false;
  };
  return {
    of: async (repository, purpose) => {
      const given = await own.token();
      switch (given.is) {
        case 'none':
          return installation.of(repository, purpose);
        case 'closed':
          return closed(given.why);
        case 'token':
          redactor.know([given.token]);
          return { is: 'ok', value: ownCredential(given.token) };
      }
    },
    refused,
    sources: async () => {
      const given = await own.token();
      if (given.is === 'none') return installation.sources();
      if (given.is === 'closed') return closed(given.why);
      const value = ownCredential(given.token);
      const asker: Asker = { credential: async () => ({ is: 'ok', value }), refused };
      return { is: 'ok', value: [{ route: 'GET /user/repos', asker }] };
    },
    // The pull request is the person's own then, and their name stands at it.
    author: async (repository) =>
      (await own.token()).is === 'none'
        ? installation.author(repository)
        : { is: 'ok', value: null },
  };
}

/** One token for everything. */
export function credentialsFrom(
  token: string | null,
  holder: string,
  onRefusal: string,
): Credentials {
  const credential: Credential | null =
    token === null ? null : { scheme: 'token', token, holder, onRefusal };
  const of = async () => ({ is: 'ok', value: credential }) as const;
  const refused = () => false;
  return {
    of,
    refused,
    sources: async () => ({
      is: 'ok',
      value: [{ route: 'GET /user/repos', asker: { credential: of, refused } }],
    }),
    author: async () => ({ is: 'ok', value: null }),
  };
}
