import * as z from 'zod/mini';
import { type Feedback, hasMark, marked } from '../tasks/delivery/feedback.ts';
import { type Ask, allPages } from './pages.ts';
import type { GitHubPort, GitHubResult, MergeOutcome } from './port.ts';
import type { GitHubFailure } from './failures.ts';

/** Of a comment: the mark of one of ours stands at its end. */
const BODY_HEAD_CHARS = 8_000;
const BODY_TAIL_CHARS = 1_000;

const User = z.nullish(z.object({ login: z.string(), type: z.nullish(z.string()) }));
const Comment = z.object({
  id: z.int(),
  body: z.nullish(z.string()),
  user: User,
  created_at: z.string(),
  path: z.nullish(z.string()),
  line: z.nullish(z.int()),
});
const Review = z.object({
  id: z.int(),
  body: z.nullish(z.string()),
  user: User,
  submitted_at: z.nullish(z.string()),
});

const REPOSITORY = '/repos/{owner}/{repo}';
const READY =
  'mutation($id: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $id}) { pullRequest { isDraft } } }';

/** GitHub's GraphQL address for a REST one: the same host, `/api/graphql` for GitHub Enterprise. */
export function graphqlUrl(apiUrl: string): string {
  return apiUrl.endsWith('/api/v3')
    ? `${apiUrl.slice(0, -'/v3'.length)}/graphql`
    : `${apiUrl}/graphql`;
}

/** A new text, so that the long one need not stay in memory. */
function shortened(body: string | null | undefined): string {
  const text = body ?? '';
  if (text.length <= BODY_HEAD_CHARS + BODY_TAIL_CHARS) return text;
  return [text.slice(0, BODY_HEAD_CHARS), '\n[…]\n', text.slice(-BODY_TAIL_CHARS)]
    .join('')
    .toWellFormed();
}

function feedbackFrom(
  kind: Feedback['kind'],
  one: z.infer<typeof Comment> | z.infer<typeof Review>,
): Feedback {
  const at = 'created_at' in one ? one.created_at : one.submitted_at;
  return {
    id: `${kind}:${one.id}`,
    kind,
    commentId: kind === 'review' ? null : one.id,
    author: one.user?.login ?? 'somebody',
    // One who was deleted there has no name that the host could be asked about.
    isBot: one.user?.type !== 'User',
    body: shortened(one.body),
    path: 'path' in one ? (one.path ?? null) : null,
    line: 'line' in one ? (one.line ?? null) : null,
    at: at ? Date.parse(at) : 0,
  };
}

function mergeOutcome(failure: GitHubFailure): MergeOutcome | null {
  if (failure.is !== 'refused') return null;
  if (failure.status === 405) return { is: 'not_mergeable', message: failure.message };
  return failure.status === 409 ? { is: 'moved' } : null;
}

/** What a pull request needs between its opening and its end. */
export function reviewCalls(
  ask: Ask,
  split: (repository: string) => { owner: string; repo: string },
  pullRequest: GitHubPort['pullRequest'],
  graphql: (
    repository: string,
    query: string,
    variables: Record<string, unknown>,
  ) => Promise<GitHubResult<null>>,
): Pick<
  GitHubPort,
  | 'feedback'
  | 'acknowledge'
  | 'reply'
  | 'issueComments'
  | 'comment'
  | 'markReady'
  | 'merge'
  | 'closePullRequest'
> {
  const comments = (repository: string, number: number, route: string) =>
    allPages(ask, `GET ${route}`, { ...split(repository), number }, (data) =>
      z
        .array(Comment)
        .parse(data)
        .map((one) => ({ ...one, body: shortened(one.body) })),
    );

  const INLINE = `${REPOSITORY}/pulls/{number}/comments`;
  const ISSUE = `${REPOSITORY}/issues/{number}/comments`;

  return {
    feedback: async (repository, number) => {
      const reviews = await allPages(
        ask,
        `GET ${REPOSITORY}/pulls/{number}/reviews`,
        { ...split(repository), number },
        (data) => z.array(Review).parse(data),
      );
      if (reviews.is === 'failed') return reviews;
      const inline = await comments(repository, number, INLINE);
      if (inline.is === 'failed') return inline;
      const plain = await comments(repository, number, ISSUE);
      if (plain.is === 'failed') return plain;
      const value = [
        ...reviews.value.map((one) => feedbackFrom('review', one)),
        ...inline.value.map((one) => feedbackFrom('inline', one)),
        ...plain.value.map((one) => feedbackFrom('comment', one)),
      ];
      return { is: 'ok', value };
    },

    acknowledge: async (repository, { kind, commentId }) => {
      if (commentId === null) return { is: 'ok', value: null };
      const of = kind === 'inline' ? 'pulls' : 'issues';
      const answer = await ask(
        `POST ${REPOSITORY}/${of}/comments/{comment}/reactions`,
        { ...split(repository), comment: commentId, content: 'eyes' },
        () => null,
      );
      const none = answer.is === 'failed' && answer.failure.is === 'not_found';
      return none ? { is: 'ok', value: null } : answer;
    },

    reply: async (repository, number, { kind, commentId, id }, text) => {
      const isInline = kind === 'inline' && commentId !== null;
      const known = await comments(repository, number, isInline ? INLINE : ISSUE);
      if (known.is === 'failed') return known;
      const key = `reply:${id}`;
      // A lost answer is no reason to say it twice.
      if (known.value.some(({ body }) => hasMark(body ?? '', key)))
        return { is: 'ok', value: null };
      const body = marked(text, key);
      return isInline
        ? ask(
            `POST ${INLINE}/{comment}/replies`,
            { ...split(repository), number, comment: commentId, body },
            () => null,
          )
        : ask(`POST ${ISSUE}`, { ...split(repository), number, body }, () => null);
    },

    issueComments: async (repository, number) => {
      const known = await comments(repository, number, ISSUE);
      return known.is === 'failed'
        ? known
        : { is: 'ok', value: known.value.map((one) => feedbackFrom('comment', one)) };
    },

    comment: async (repository, number, key, text) => {
      const known = await comments(repository, number, ISSUE);
      if (known.is === 'failed') return known;
      if (known.value.some(({ body }) => hasMark(body ?? '', key))) {
        return { is: 'ok', value: null };
      }
      const body = marked(text, key);
      return ask(`POST ${ISSUE}`, { ...split(repository), number, body }, () => null);
    },

    markReady: async (repository, number) => {
      const known = await pullRequest(repository, number);
      if (known.is === 'failed') return known;
      if (!known.value.draft) return { is: 'ok', value: null };
      return graphql(repository, READY, { id: known.value.nodeId });
    },

    merge: async (repository, number, head, words) => {
      const answer = await ask(
        `PUT ${REPOSITORY}/pulls/{number}/merge`,
        {
          ...split(repository),
          number,
          sha: head,
          commit_title: words.title,
          commit_message: words.message,
        },
        () => null,
      );
      if (answer.is === 'ok') return { is: 'ok', value: { is: 'merged' } };
      const outcome = mergeOutcome(answer.failure);
      // It may have been merged before, by us with the answer lost, or by somebody else.
      const known = await pullRequest(repository, number);
      if (known.is === 'ok' && known.value.state === 'merged') {
        return { is: 'ok', value: { is: 'merged' } };
      }
      return outcome === null ? answer : { is: 'ok', value: outcome };
    },

    closePullRequest: (repository, number) =>
      ask(
        `PATCH ${REPOSITORY}/pulls/{number}`,
        { ...split(repository), number, state: 'closed' },
        () => null,
      ),
  };
}
