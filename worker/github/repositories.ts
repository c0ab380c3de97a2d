import * as z from 'zod/mini';
import { cutToBytes } from '../../protocol/cut.ts';
import { Repository } from '../../protocol/repository.ts';
import { asking } from './ask.ts';
import type { Credentials } from './credentials.ts';
import { type Ask, allPages } from './pages.ts';
import type { GitHubPort, GitHubResult } from './port.ts';

const DESCRIPTION_MAX_BYTES = 1_000;
/** Most that are listed. */
const LISTED_MAX = 100;

const RepositoryAnswer = z.object({
  full_name: z.string(),
  default_branch: z.string(),
  description: z.nullish(z.string()),
  private: z.boolean(),
  pushed_at: z.nullish(z.string()),
  permissions: z.optional(z.object({ push: z.boolean() })),
});
type RepositoryAnswer = z.infer<typeof RepositoryAnswer>;
const OfInstallation = z.object({ repositories: z.array(RepositoryAnswer) });

function repositoryFrom(answer: RepositoryAnswer): Repository {
  return {
    name: answer.full_name,
    defaultBranch: answer.default_branch,
    description:
      answer.description == null ? null : cutToBytes(answer.description, DESCRIPTION_MAX_BYTES),
    private: answer.private,
  };
}

/** One repository, and all that may be worked with. */
export function repositoryCalls(
  ask: Ask,
  split: (repository: string) => { owner: string; repo: string },
  from: { apiUrl: string; credentials: Pick<Credentials, 'sources'>; fetcher: typeof fetch },
): Pick<GitHubPort, 'repository' | 'repositories'> {
  async function known(): Promise<GitHubResult<RepositoryAnswer[]>> {
    const sources = await from.credentials.sources();
    if (sources.is === 'failed') return sources;
    const all: RepositoryAnswer[] = [];
    for (const { route, asker } of sources.value) {
      const askAs = asking(from.apiUrl, asker, from.fetcher);
      const list =
        route === 'GET /user/repos'
          ? await askAs(route, { per_page: LISTED_MAX, sort: 'pushed' }, (data) =>
              z.array(RepositoryAnswer).parse(data),
            )
          : // In no order: the newest may be on the last page.
            await allPages(askAs, route, {}, (data) => OfInstallation.parse(data).repositories);
      if (list.is === 'failed') return list;
      all.push(...list.value);
    }
    if (sources.value.every(({ route }) => route === 'GET /user/repos')) {
      return { is: 'ok', value: all };
    }
    const pushedAt = (one: RepositoryAnswer) => Date.parse(one.pushed_at ?? '') || 0;
    const newest = all.toSorted((one, other) => pushedAt(other) - pushedAt(one));
    return { is: 'ok', value: newest.slice(0, LISTED_MAX) };
  }

  return {
    repository: (name) =>
      ask('GET /repos/{owner}/{repo}', split(name), (data) =>
        repositoryFrom(RepositoryAnswer.parse(data)),
      ),
    repositories: async () => {
      const all = await known();
      if (all.is === 'failed') return all;
      const value = all.value
        .filter((one) => one.permissions?.push !== false)
        .map(repositoryFrom)
        // One name that cannot be worked with would take the whole list from every page.
        .filter((one) => Repository.safeParse(one).success);
      return { is: 'ok', value };
    },
  };
}
