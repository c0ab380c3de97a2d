import type { Env } from '../env.ts';
import { type GitHubApp, githubApp } from './app/app.ts';
import type { Credential, RepositorySource } from './asker.ts';
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
  /** The App in whose name things are done; null where none is set. */
  app: GitHubApp | null;
};

export type CredentialEnv = Pick<
  Env,
  'GITHUB_API_URL' | 'GITHUB_TOKEN' | 'GITHUB_APP_ID' | 'GITHUB_APP_PRIVATE_KEY'
>;

const REFUSED_TOKEN = 'GitHub refuses the token. Set a new GITHUB_TOKEN.';

/** The installation's own: the App where one is set, else the token. */
export function credentialsOf(
  env: CredentialEnv,
  fetcher: typeof fetch = (input, init) => fetch(input, init),
): Credentials {
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
      app,
    };
  }
  return { ...credentialsFrom(env.GITHUB_TOKEN ?? null, 'token', REFUSED_TOKEN), app };
}

/** One token for everything. */
export function credentialsFrom(
  token: string | null,
  holder: string,
  onRefusal: string,
): Omit<Credentials, 'app'> {
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
  };
}
