import * as z from 'zod/mini';
import type { Author } from '../../../protocol/author.ts';
import type { Env } from '../../env.ts';
import { asking } from '../ask.ts';
import type { Credential, RepositorySource } from '../asker.ts';
import { noreplyAddress } from '../noreply.ts';
import type { GitHubFailure } from '../failures.ts';
import { allPages } from '../pages.ts';
import type { GitHubResult } from '../port.ts';
import { appJwt, readAppKey } from './key.ts';
import { Permissions, type Purpose, leastPermissions } from './permissions.ts';
import { forgetToken, keepToken, keptToken } from './tokens.ts';

const Installation = z.object({
  id: z.int(),
  html_url: z.url(),
  account: z.nullish(z.object({ login: z.optional(z.string()), slug: z.optional(z.string()) })),
  permissions: Permissions,
  suspended_at: z.nullish(z.string()),
});
type Installation = z.infer<typeof Installation>;
const Token = z.object({ token: z.string(), expires_at: z.string() });
const Self = z.object({ name: z.string(), slug: z.string(), html_url: z.url() });
const Bot = z.object({ id: z.int() });

/** A GitHub App, as which this installation works. */
export type GitHubApp = {
  /** A token for this repository alone, and for no more than its purpose needs. */
  token(repository: string, purpose: Purpose): Promise<GitHubResult<Credential>>;
  /** The host refused one of its tokens: true when it is asked for anew. */
  refused(credential: Credential): boolean;
  /** One for each installation that is not suspended. */
  sources(): Promise<GitHubResult<RepositorySource[]>>;
  /**
   * Its bot, by the address that GitHub knows it by.
   *
   * @param repository one that it is installed on: users are not shown to an App by itself.
   */
  author(repository: string): Promise<GitHubResult<Author>>;
};

const refused = (why: string): { is: 'failed'; failure: GitHubFailure } => ({
  is: 'failed',
  failure: { is: 'unauthorized', why },
});

const REFUSED_TOKEN =
  'GitHub refuses the token that it gave the GitHub App itself. Look at the App’s installation there.';
const AUTHOR_FOR_MS = 60 * 60_000;
/** A host that renames the App says so within the hour. */
const AUTHORS = new Map<string, { author: Author; until: number }>();

/** The App that is set; null where none is. One that is set in part fails at its first use, in words. */
export function githubApp(
  env: Pick<Env, 'GITHUB_API_URL' | 'GITHUB_APP_ID' | 'GITHUB_APP_PRIVATE_KEY'>,
  fetcher: typeof fetch,
): GitHubApp | null {
  const { GITHUB_API_URL: apiUrl, GITHUB_APP_ID: id = '', GITHUB_APP_PRIVATE_KEY: pem = '' } = env;
  if (id === '' && pem === '') return null;

  async function jwt(): Promise<GitHubResult<Credential>> {
    if (pem === '') return refused('GITHUB_APP_ID is set, and GITHUB_APP_PRIVATE_KEY is not.');
    if (id === '') return refused('GITHUB_APP_PRIVATE_KEY is set, and GITHUB_APP_ID is not.');
    const read = await readAppKey(pem);
    if (read.is === 'none') return refused(read.why);
    const token = await appJwt(id, read.key, Date.now());
    const onRefusal = `GitHub refuses the key of the GitHub App ${id}: GITHUB_APP_PRIVATE_KEY belongs to another App, or was deleted there. Make a new one in the App’s settings.`;
    return { is: 'ok', value: { scheme: 'bearer', token, holder: `app ${id}`, onRefusal } };
  }
  const ask = asking(apiUrl, { credential: jwt, refused: () => false }, fetcher);

  async function self(): Promise<GitHubResult<z.infer<typeof Self>>> {
    const known = await ask('GET /app', {}, (data) => Self.parse(data));
    // 'Integration not found': its key is never looked at.
    return known.is === 'failed' && known.failure.is === 'not_found'
      ? refused(`GitHub knows no App ${id}. GITHUB_APP_ID is the number in the App’s settings.`)
      : known;
  }

  async function installation(repository: string): Promise<GitHubResult<Installation>> {
    const [owner = '', repo = ''] = repository.split('/');
    const found = await ask('GET /repos/{owner}/{repo}/installation', { owner, repo }, (data) =>
      Installation.parse(data),
    );
    if (found.is === 'ok' || found.failure.is !== 'not_found') return found;
    const known = await self();
    if (known.is === 'failed') return known;
    const { name, html_url: url } = known.value;
    return refused(
      `The GitHub App ${name} is not installed on ${repository}, or there is no such repository. Install it: ${url}/installations/new`,
    );
  }

  /** @param opens what the token is kept under. */
  async function mint(
    { id: installationId, html_url: url, permissions: granted, ...found }: Installation,
    purpose: Purpose,
    repositories: string[] | null,
    opens: string,
  ): Promise<GitHubResult<string>> {
    const whose = found.account?.login ?? found.account?.slug ?? 'its owner';
    if (found.suspended_at != null) {
      return refused(
        `The installation of the GitHub App ${id} on ${whose} is suspended. Whoever manages ${whose} can lift that: ${url}`,
      );
    }
    const least = leastPermissions(purpose, granted);
    if (least.is === 'lacking') {
      return refused(
        `The installation of the GitHub App ${id} on ${whose} lacks permissions: ${least.missing.join(', ')}. Grant them in the App’s settings, and accept them: ${url}`,
      );
    }
    const given = await ask(
      'POST /app/installations/{installation_id}/access_tokens',
      {
        installation_id: installationId,
        permissions: least.permissions,
        ...(repositories !== null && { repositories }),
      },
      (data) => Token.parse(data),
    );
    if (given.is === 'failed') return given;
    const { token, expires_at: end } = given.value;
    keepToken(opens, { token, endsAt: Date.parse(end) });
    return { is: 'ok', value: token };
  }

  /** Where the token is kept, and whose limits count for it. */
  const place = (what: string) => `${apiUrl} ${id} ${what}`;
  const credential = (token: string, holder: string): Credential => ({
    scheme: 'token',
    token,
    holder,
    onRefusal: REFUSED_TOKEN,
  });

  async function tokenOf(repository: string, purpose: Purpose): Promise<GitHubResult<Credential>> {
    const opens = place(`${repository.toLowerCase()} ${purpose}`);
    const holder = `app ${id} ${repository.toLowerCase()}`;
    const kept = keptToken(opens, Date.now());
    if (kept !== null) return { is: 'ok', value: credential(kept.token, holder) };
    const found = await installation(repository);
    if (found.is === 'failed') return found;
    const [, name = ''] = repository.split('/');
    const minted = await mint(found.value, purpose, [name], opens);
    return minted.is === 'failed' ? minted : { is: 'ok', value: credential(minted.value, holder) };
  }
  const asInstalled = asking(
    apiUrl,
    {
      credential: (repository) => (repository === null ? jwt() : tokenOf(repository, 'fetch')),
      refused: ({ token }) => forgetToken(token),
    },
    fetcher,
  );

  return {
    token: tokenOf,
    refused: ({ token }) => forgetToken(token),

    sources: async () => {
      const all = await allPages(ask, 'GET /app/installations', {}, (data) =>
        z.array(Installation).parse(data),
      );
      if (all.is === 'failed') return all;
      const value = all.value
        .filter((one) => one.suspended_at == null)
        .map((one): RepositorySource => {
          const opens = place(`installation ${one.id}`);
          const holder = `app ${id} installation ${one.id}`;
          return {
            route: 'GET /installation/repositories',
            asker: {
              credential: async () => {
                const kept = keptToken(opens, Date.now());
                if (kept !== null) return { is: 'ok', value: credential(kept.token, holder) };
                const minted = await mint(one, 'list', null, opens);
                return minted.is === 'failed'
                  ? minted
                  : { is: 'ok', value: credential(minted.value, holder) };
              },
              refused: ({ token }) => forgetToken(token),
            },
          };
        });
      return { is: 'ok', value };
    },

    author: async (repository) => {
      const known = AUTHORS.get(place(''));
      if (known !== undefined && known.until > Date.now()) return { is: 'ok', value: known.author };
      const own = await self();
      if (own.is === 'failed') return own;
      const name = `${own.value.slug}[bot]`;
      const bot = await asInstalled(
        'GET /users/{username}',
        { username: name },
        (data) => Bot.parse(data),
        repository,
      );
      if (bot.is === 'failed') return bot;
      const email = noreplyAddress(own.value.html_url, bot.value.id, name);
      AUTHORS.set(place(''), { author: { name, email }, until: Date.now() + AUTHOR_FOR_MS });
      return { is: 'ok', value: { name, email } };
    },
  };
}
