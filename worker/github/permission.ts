import * as z from 'zod/mini';
import type { Ask } from './pages.ts';
import type { GitHubPort } from './port.ts';

/**
 * `permission` has the older base roles, to which GitHub maps `maintain`, `triage` and an
 * organization's own roles; other hosts say `maintain` itself.
 * https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user
 */
const Permission = z.object({ permission: z.string() });
const WRITES = new Set(['write', 'maintain', 'admin']);
/** A login, also of an enterprise's managed user (`mona_octo`): all else would be another address. */
const LOGIN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/;

/** What somebody may do to a repository. */
export function permissionCalls(
  ask: Ask,
  split: (repository: string) => { owner: string; repo: string },
): Pick<GitHubPort, 'mayWrite'> {
  return {
    mayWrite: async (repository, login) => {
      if (!LOGIN.test(login)) return { is: 'ok', value: false };
      const answer = await ask(
        'GET /repos/{owner}/{repo}/collaborators/{username}/permission',
        { ...split(repository), username: login },
        (data) => WRITES.has(Permission.parse(data).permission),
      );
      // Nobody has that name, or nobody any longer.
      const unknown = answer.is === 'failed' && answer.failure.is === 'not_found';
      return unknown ? { is: 'ok', value: false } : answer;
    },
  };
}
