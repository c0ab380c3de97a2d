import { Octokit } from '@octokit/core';
import * as z from 'zod/mini';
import { cutToBytes } from '../../protocol/cut.ts';
import { Repository } from '../../protocol/repository.ts';
import type { Env } from '../env.ts';
import { redactor } from '../platform/redactor.ts';
import { boundedFetch } from './bounded-fetch.ts';
import { checkCalls } from './checks.ts';
import { issueCalls } from './issues.ts';
import type { GitHubPort, GitHubResult } from './port.ts';
import { permissionCalls } from './permission.ts';
import { PATIENCE_MS, failureOf, pauseBeforeRetry } from './failures.ts';
import { type Gate, heed, limited } from './gate.ts';
import { graphqlUrl, reviewCalls } from './review.ts';

const REQUEST_TIMEOUT_MS = 15_000;
const DESCRIPTION_MAX_BYTES = 1_000;
const MESSAGE_MAX_BYTES = 500;
/** What of a request people read at the host. */
const WORDS = ['title', 'body', 'commit_title', 'commit_message'];

const RepositoryAnswer = z.object({
  full_name: z.string(),
  default_branch: z.string(),
  description: z.nullish(z.string()),
  private: z.boolean(),
  permissions: z.optional(z.object({ push: z.boolean() })),
});

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

const Failed = z.object({
  status: z.int(),
  message: z.optional(z.string()),
  response: z.optional(z.object({ headers: z.record(z.string(), z.unknown()) })),
});

function repositoryFrom(answer: z.infer<typeof RepositoryAnswer>): Repository {
  return {
    name: answer.full_name,
    defaultBranch: answer.default_branch,
    description:
      answer.description == null ? null : cutToBytes(answer.description, DESCRIPTION_MAX_BYTES),
    private: answer.private,
  };
}

function pullRequestFrom(answer: z.infer<typeof PullRequestAnswer>) {
  const merged = answer.merged === true || (answer.merged_at ?? null) !== null;
  const state = merged ? 'merged' : answer.state === 'open' ? 'open' : 'closed';
  return { number: answer.number, url: answer.html_url, state } as const;
}

function header(headers: Record<string, unknown> | undefined, name: string): string | null {
  const value = headers?.[name];
  return value === undefined || value === null ? null : String(value);
}

function failureFrom(error: unknown) {
  const parsed = Failed.safeParse(error);
  // A timeout, a refused connection and an answer that is not GitHub's all mean: not there now.
  if (!parsed.success || parsed.data.response === undefined) return { is: 'unreachable' } as const;
  const { status, message, response } = parsed.data;
  return failureOf({
    status,
    message: cutToBytes(redactor.text(message ?? ''), MESSAGE_MAX_BYTES),
    retryAfter: header(response.headers, 'retry-after'),
    remaining: header(response.headers, 'x-ratelimit-remaining'),
    reset: header(response.headers, 'x-ratelimit-reset'),
    now: Date.now(),
  });
}

/** Answers of the host with their ETags, the oldest first: what has not changed is not sent again. */
const ETAGS = new Map<string, { etag: string; data: unknown }>();
const ETAGS_MAX = 300;
const ETAG_MAX_CHARS = 50_000;

function keepEtag(place: string, answer: { etag: string; data: unknown }): void {
  ETAGS.delete(place);
  // All tasks of an isolate share its memory: a long answer is asked for again.
  if (JSON.stringify(answer.data).length > ETAG_MAX_CHARS) return;
  ETAGS.set(place, answer);
  const [oldest] = ETAGS.keys();
  if (ETAGS.size > ETAGS_MAX && oldest !== undefined) ETAGS.delete(oldest);
}

/** For each API that asked for it, until when nobody in this isolate asks it anything: its limits are the token's. */
const CLOSED_UNTIL = new Map<string, number>();

/** What is written for people, without secrets: whoever may read the repository reads it. */
function withoutSecrets(parameters: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      typeof value === 'string' && WORDS.includes(name) ? redactor.text(value) : value,
    ]),
  );
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function isNotModified(error: unknown): boolean {
  const parsed = Failed.safeParse(error);
  return parsed.success && parsed.data.status === 304;
}

/** The git host's API through Octokit. Reads are tried again (`failures.ts` says when); creating is not: callers look first. */
export function octokitGitHub(
  env: Pick<Env, 'GITHUB_API_URL' | 'GITHUB_TOKEN'>,
  fetcher: typeof fetch = (input, init) => fetch(input, init),
): GitHubPort {
  const octokit = new Octokit({
    baseUrl: env.GITHUB_API_URL,
    ...(env.GITHUB_TOKEN !== undefined && { auth: env.GITHUB_TOKEN }),
    userAgent: 'mainloop',
    request: { fetch: boundedFetch(fetcher) },
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  });

  const gate: Gate = {
    opensAt: () => CLOSED_UNTIL.get(env.GITHUB_API_URL) ?? 0,
    close: (until) => void CLOSED_UNTIL.set(env.GITHUB_API_URL, until),
  };

  async function ask<T>(
    route: string,
    parameters: Record<string, unknown>,
    read: (data: unknown) => T,
  ): Promise<GitHubResult<T>> {
    const isRead = route.startsWith('GET');
    const place = `${env.GITHUB_API_URL} ${route} ${JSON.stringify(parameters)}`;
    const known = isRead ? ETAGS.get(place) : undefined;
    for (let tried = 1; ; tried++) {
      const shutFor = gate.opensAt() - Date.now();
      if (shutFor > PATIENCE_MS) return limited(shutFor);
      if (shutFor > 0) await sleep(shutFor);
      try {
        const answer = await octokit.request(route, {
          ...(isRead ? parameters : withoutSecrets(parameters)),
          ...(known !== undefined && { headers: { 'if-none-match': known.etag } }),
          request: { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) },
        });
        const value = read(answer.data);
        // Only what was understood: otherwise the host would say 'not modified' to it for ever.
        const { etag } = answer.headers;
        if (isRead && etag !== undefined) keepEtag(place, { etag, data: answer.data });
        return { is: 'ok', value };
      } catch (error) {
        // Nothing has changed since: such an answer does not count against the host's limit.
        if (known !== undefined && isNotModified(error)) {
          return { is: 'ok', value: read(known.data) };
        }
        const failure = failureFrom(error);
        heed(gate, failure, Date.now());
        const pause = isRead ? pauseBeforeRetry(failure, tried) : null;
        if (pause === null) return { is: 'failed', failure };
        await sleep(pause);
      }
    }
  }

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
    query: string,
    variables: Record<string, unknown>,
  ): Promise<GitHubResult<null>> {
    const url = graphqlUrl(env.GITHUB_API_URL);
    const answer = await ask(`POST ${url}`, { query, variables }, (data) =>
      GraphQlAnswer.parse(data),
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
    pullRequest,
    repository: (name) =>
      ask('GET /repos/{owner}/{repo}', split(name), (data) =>
        repositoryFrom(RepositoryAnswer.parse(data)),
      ),
    repositories: () =>
      ask('GET /user/repos', { per_page: 100, sort: 'pushed' }, (data) =>
        z
          .array(RepositoryAnswer)
          .parse(data)
          .filter((one) => one.permissions?.push !== false)
          .map(repositoryFrom)
          // One name that cannot be worked with would take the whole list from every page.
          .filter((one) => Repository.safeParse(one).success),
      ),
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
