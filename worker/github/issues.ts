import * as z from 'zod/mini';
import { hasMark, marked } from '../tasks/delivery/feedback.ts';
import { type Ask, allPages } from './pages.ts';
import type { GitHubPort } from './port.ts';

const Issue = z.object({
  number: z.int(),
  html_url: z.url(),
  body: z.nullish(z.string()),
  pull_request: z.optional(z.unknown()),
});
const REPOSITORY = '/repos/{owner}/{repo}';
/** By how much the host's clock may be behind ours. */
const CLOCKS_MS = 60 * 60_000;

/** What an issue needs that goes with a task. */
export function issueCalls(
  ask: Ask,
  split: (repository: string) => { owner: string; repo: string },
): Pick<GitHubPort, 'openIssue' | 'editIssue' | 'closeIssue'> {
  return {
    openIssue: async (repository, { title, body, key, since }) => {
      const where = split(repository);
      // The host lists pull requests among them, and a repository may see many of both in a day.
      const from = new Date(since - CLOCKS_MS).toISOString();
      const known = await allPages(
        ask,
        `GET ${REPOSITORY}/issues`,
        { ...where, state: 'all', sort: 'created', direction: 'desc', since: from },
        (data) => z.array(Issue).parse(data),
      );
      if (known.is === 'failed') return known;
      const found = known.value.find(
        (one) => one.pull_request === undefined && hasMark(one.body ?? '', key),
      );
      if (found !== undefined) {
        return { is: 'ok', value: { number: found.number, url: found.html_url } };
      }
      return ask(
        `POST ${REPOSITORY}/issues`,
        { ...where, title, body: marked(body, key) },
        (data) => {
          const { number, html_url: url } = Issue.parse(data);
          return { number, url };
        },
      );
    },
    editIssue: (repository, number, { body, key }) =>
      ask(
        `PATCH ${REPOSITORY}/issues/{number}`,
        { ...split(repository), number, body: marked(body, key) },
        () => null,
      ),
    closeIssue: (repository, number) =>
      ask(
        `PATCH ${REPOSITORY}/issues/{number}`,
        { ...split(repository), number, state: 'closed' },
        () => null,
      ),
  };
}
