import * as z from 'zod/mini';
import { branches, git } from './git.ts';
import { type Merges, mergeInto } from './merge.ts';
import type { ApiCall, Mirror } from './mirror.ts';

/** Calls whose effect has to be in git as well. */
const MERGE = /^\/repos\/(?<full>[^/]+\/[^/]+)\/pulls\/(?<number>\d+)\/merge$/;
const BRANCH = /^\/repos\/(?<full>[^/]+\/[^/]+)\/git\/refs\/heads\/(?<branch>.+)$/;
const REPLY =
  /^\/repos\/(?<full>[^/]+\/[^/]+)\/pulls\/(?<number>\d+)\/comments\/(?<comment>\d+)\/replies$/;

const PullRequest = z.object({
  number: z.int(),
  node_id: z.string(),
  title: z.string(),
  state: z.string(),
  draft: z.optional(z.boolean()),
  head: z.object({ ref: z.string(), sha: z.string() }),
  base: z.object({ ref: z.string() }),
});
const MergeBody = z.object({
  sha: z.optional(z.string()),
  commit_title: z.optional(z.string()),
  commit_message: z.optional(z.string()),
  merge_method: z.optional(z.enum(['merge', 'squash', 'rebase'])),
});
const GraphQlBody = z.object({
  query: z.string(),
  variables: z.optional(z.object({ id: z.string() })),
});

export type Answered = { status: number; json: unknown };
const REACTIONS =
  /^\/repos\/(?<full>[^/]+\/[^/]+)\/(?<of>pulls|issues)\/comments\/(?<comment>\d+)\/reactions$/;
type Repository = { full: string; bare: string; mirror: Mirror };

const failure = (status: number, message: string): Answered => ({ status, json: { message } });

/**
 * What GitHub does with a pull request and the emulated API does not, or not in git: merging,
 * deleting a branch, marking ready (GraphQL), answering in a thread.
 */
export class PullRequestCalls {
  readonly #repositories: ReadonlyMap<string, Repository>;
  readonly #merges: Merges;
  /** Reads and changes; changes are remembered for the next start. */
  readonly #call: ApiCall;
  /** By address; they do not outlive the host. */
  readonly #reactions = new Map<string, { id: number; content: string }[]>();

  constructor(repositories: ReadonlyMap<string, Repository>, merges: Merges, call: ApiCall) {
    this.#repositories = repositories;
    this.#merges = merges;
    this.#call = call;
  }

  /** The answer to a call of these kinds; null for all others. */
  async answer(method: string, target: string, body: string): Promise<Answered | null> {
    const merge = method === 'PUT' ? MERGE.exec(target)?.groups : undefined;
    if (merge !== undefined) return this.#merge(merge.full ?? '', Number(merge.number), body);
    const branch = method === 'DELETE' ? BRANCH.exec(target)?.groups : undefined;
    if (branch !== undefined) {
      return this.#deleteBranch(branch.full ?? '', decodeURIComponent(branch.branch ?? ''));
    }
    if (REACTIONS.test(target)) return this.#react(method, target, body);
    const reply = method === 'POST' ? REPLY.exec(target)?.groups : undefined;
    if (reply === undefined) return null;
    const { body: text } = z.object({ body: z.string() }).parse(JSON.parse(body));
    return this.#call('POST', `/repos/${reply.full}/pulls/${reply.number}/comments`, {
      body: text,
      in_reply_to_id: Number(reply.comment),
    });
  }

  /** One reaction of each kind: there is one user. */
  #react(method: string, target: string, body: string): Answered {
    const known = this.#reactions.get(target) ?? [];
    if (method !== 'POST') return { status: 200, json: known };
    const { content } = z.object({ content: z.string() }).parse(JSON.parse(body));
    const before = known.find((one) => one.content === content);
    if (before !== undefined) return { status: 200, json: before };
    const reaction = { id: known.length + 1, content };
    this.#reactions.set(target, [...known, reaction]);
    return { status: 201, json: reaction };
  }

  /** The two mutations that have no REST call. */
  async graphql(body: string): Promise<Answered> {
    const { query, variables } = GraphQlBody.parse(JSON.parse(body));
    const name = /\b(markPullRequestReadyForReview|convertPullRequestToDraft)\b/.exec(query)?.[1];
    const refused = (message: string) => ({ status: 200, json: { errors: [{ message }] } });
    if (name === undefined) return refused('This host knows two mutations only.');
    for (const full of this.#repositories.keys()) {
      const list = await this.#call('GET', `/repos/${full}/pulls?state=all&per_page=100`);
      const parsed = z.array(PullRequest).safeParse(list.json);
      const found = parsed.data?.find(({ node_id }) => node_id === variables?.id);
      if (found === undefined) continue;
      const draft = name === 'convertPullRequestToDraft';
      await this.#call('PATCH', `/repos/${full}/pulls/${found.number}`, { draft });
      const pullRequest = { id: found.node_id, isDraft: draft };
      return { status: 200, json: { data: { [name]: { pullRequest } } } };
    }
    return refused('Could not resolve to a node with the global id.');
  }

  async #merge(full: string, number: number, body: string): Promise<Answered> {
    const repository = this.#repositories.get(full);
    const known = await this.#call('GET', `/repos/${full}/pulls/${number}`);
    const parsed = PullRequest.safeParse(known.json);
    if (repository === undefined || !parsed.success) return failure(404, 'Not Found');
    const { head, base, title, state, draft } = parsed.data;
    const wanted = MergeBody.parse(body === '' ? {} : JSON.parse(body));
    if (state !== 'open') return failure(405, 'Pull Request is not mergeable');
    if (draft === true) return failure(405, 'Pull Request is still a draft');
    if (wanted.sha !== undefined && wanted.sha !== head.sha) {
      return failure(409, 'Head branch was modified. Review and try the merge again.');
    }
    const squash = wanted.merge_method !== undefined && wanted.merge_method !== 'merge';
    const usual = squash
      ? { title: `${title} (#${number})`, message: '' }
      : { title: `Merge pull request #${number} from ${head.ref}`, message: title };
    const outcome = await mergeInto(repository.bare, {
      base: base.ref,
      head: head.sha,
      message: [wanted.commit_title ?? usual.title, wanted.commit_message ?? usual.message]
        .join('\n\n')
        .trim(),
      squash,
    });
    switch (outcome.is) {
      case 'conflict':
        return failure(405, 'Pull Request is not mergeable');
      case 'moved':
        return failure(409, 'Base branch was modified. Review and try the merge again.');
      case 'merged': {
        const { commit } = outcome;
        const at = new Date().toISOString().replace(/\.\d+/, '');
        this.#merges.add({ full, number, commit, at });
        await repository.mirror.update();
        await this.#call('PATCH', `/repos/${full}/pulls/${number}`, { state: 'closed' });
        const message = 'Pull Request successfully merged';
        return { status: 200, json: { sha: commit, merged: true, message } };
      }
    }
  }

  async #deleteBranch(full: string, branch: string): Promise<Answered> {
    const repository = this.#repositories.get(full);
    if (repository === undefined) return failure(404, 'Not Found');
    if (!(await branches(repository.bare)).has(branch)) {
      return failure(422, 'Reference does not exist');
    }
    await git(repository.bare, ['update-ref', '-d', `refs/heads/${branch}`]);
    await repository.mirror.update();
    const open = await this.#call('GET', `/repos/${full}/pulls?state=open&per_page=100`);
    const pulls = z.array(PullRequest).safeParse(open.json).data ?? [];
    for (const { number, head } of pulls) {
      if (head.ref !== branch) continue;
      await this.#call('PATCH', `/repos/${full}/pulls/${number}`, { state: 'closed' });
    }
    return { status: 204, json: null };
  }
}
