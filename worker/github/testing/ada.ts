import type { TokenOwner } from '../own-token.ts';
import type { GitHubResult } from '../port.ts';

/** Whose every token is, where a test asks no host. */
export const adaOwns = async (): Promise<GitHubResult<TokenOwner>> => ({
  is: 'ok',
  value: {
    login: 'ada',
    email: '7+ada@users.noreply.github.test',
    url: 'http://github.test/ada',
  },
});
