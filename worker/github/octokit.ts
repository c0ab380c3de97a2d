import * as z from 'zod/mini';
import type { Env } from '../env.ts';
import { redactor } from '../platform/redactor.ts';
import { asking } from './ask.ts';
import { checkCalls } from './checks.ts';
import type { Credentials } from './credentials.ts';
import { issueCalls } from './issues.ts';
import type { GitHubPort, GitHubResult } from './port.ts';
import { permissionCalls } from './permission.ts';
import { repositoryCalls } from './repositories.ts';
import { graphqlUrl, reviewCalls } from './review.ts';

const PullRequestAnswer = z.object({
  number: z.int(),
  html_url: z.url(),
  state: z.string(),
  merged: z.optional(z.boolean()),
  merged_at: z.nullish(z.string()),
});

const PullRequestWhole = z.extend(PullRequestAnswer, {
  node_id: z.string(),
  draft: z.optional(z.boolean()),
  mergeable: z.nullish(z.boolean()),
  head: z.object({ sha: z.string() }),
});
const Compared = z.object({ status: z.enum(['identical', 'ahead', 'behind', 'diverged']) });
const GraphQlAnswer = z.object({ errors: z.optional(z.array(z.object({ message: z.string() }))) });

function pullRequestFrom(answer: z.infer<typeof PullRequestAnswer>) {
  const merged = answer.merged === true || (answer.merged_at ?? null) !== null;
  const state = merged ? 'merged' : answer.state === 'open' ? 'open' : 'closed';
  return { number: answer.number, url: answer.html_url, state } as const;
}

/** The git host's API, asked as whoever `credentials` says. */
export function octokitGitHub(
  { GITHUB_API_URL: apiUrl }: Pick<Env, 'GITHUB_API_URL'>,
  credentials: Credentials,
  fetcher: typeof fetch = (input, init) => fetch(input, init),
): GitHubPort {
  const ask = asking(
    apiUrl,
    {
      credential: (repository) => credentials.of(repository, 'api'),
      refused: (credential) => credentials.refused(credential),
    },
    fetcher,
  );

  const split = (repository: string) => {
    const [owner = '', repo = ''] = repository.split('/');
    return { owner, repo };
  };

  const pullRequest: GitHubPort['pullRequest'] = (repository, number) =>
    ask(
      'GET /repos/{owner}/{repo}/pulls/{pull_number}',
      { ...split(repository), pull_number: number },
      (data) => {
        const whole = PullRequestWhole.parse(data);
        return {
          ...pullRequestFrom(whole),
          draft: whole.draft ?? false,
          head: whole.head.sha,
          nodeId: whole.node_id,
          mergeable: whole.mergeable ?? null,
        };
      },
    );

  /** A mutation; GraphQL answers 200 also when it refuses. */
  async function graphql(
    repository: string,
    query: string,
    variables: Record<string, unknown>,
  ): Promise<GitHubResult<null>> {
    const answer = await ask(
      `POST ${graphqlUrl(apiUrl)}`,
      { query, variables },
      (data) => GraphQlAnswer.parse(data),
      repository,
    );
    if (answer.is === 'failed') return answer;
    const [error] = answer.value.errors ?? [];
    return error === undefined
      ? { is: 'ok', value: null }
      : {
          is: 'failed',
          failure: { is: 'refused', status: 200, message: redactor.text(error.message) },
        };
  }

  return {
    ...checkCalls(ask, split),
    ...permissionCalls(ask, split),
    ...reviewCalls(ask, split, pullRequest, graphql),
    ...issueCalls(ask, split),
    ...repositoryCalls(ask, split, { apiUrl, credentials, fetcher }),
    pullRequest,
    author: credentials.author,
    branchHead: async (repository, branch) => {
      const result = await ask(
        'GET /repos/{owner}/{repo}/git/ref/{ref}',
        { ...split(repository), ref: `heads/${branch}` },
        (data) => z.object({ object: z.object({ sha: z.string() }) }).parse(data).object.sha,
      );
      const missing = result.is === 'failed' && result.failure.is === 'not_found';
      return missing ? { is: 'ok', value: null } : result;
    },
    compare: async (repository, base, head) => {
      const result = await ask(
        'GET /repos/{owner}/{repo}/compare/{basehead}',
        { ...split(repository), basehead: `${base}...${head}`, per_page: 1 },
        (data) => Compared.parse(data).status,
      );
      const unknown = result.is === 'failed' && result.failure.is === 'not_found';
      return unknown ? { is: 'ok', value: null } : result;
    },
    pullRequestOf: (repository, branch) => {
      const { owner, repo } = split(repository);
      return ask(
        'GET /repos/{owner}/{repo}/pulls',
        { owner, repo, head: `${owner}:${branch}`, state: 'all', per_page: 1 },
        (data) => {
          const [first] = z.array(PullRequestAnswer).parse(data);
          return first === undefined ? null : pullRequestFrom(first);
        },
      );
    },
    createDraft: ({ repository, branch, baseBranch, title, body }) =>
      ask(
        'POST /repos/{owner}/{repo}/pulls',
        { ...split(repository), head: branch, base: baseBranch, title, body, draft: true },
        (data) => {
          const { number, url } = pullRequestFrom(PullRequestAnswer.parse(data));
          return { number, url };
        },
      ),
  };
}
