import type { Asker } from '../../protocol/author.ts';
import type { ThreadStore } from './storage/thread-store.ts';

/**
 * The person as the git host may show them, at their commits and pull requests: by their own token as
 * the host knows them. Else by the address of their sign-in, in private repositories alone: what
 * everybody reads gives no address away. Null where neither holds.
 */
export function askerOf(
  { gitToken, email, repositories }: Pick<ThreadStore, 'gitToken' | 'email' | 'repositories'>,
  repository: string,
): Asker | null {
  if (gitToken !== null) {
    const { login, atHost } = gitToken;
    return atHost === undefined ? null : { name: login, ...atHost };
  }
  const isPrivate = repositories.list.some((one) => one.name === repository && one.private);
  if (!isPrivate || !/^[^<>\s@]{1,64}@[^<>\s@]{1,130}$/.test(email)) return null;
  const [name = ''] = email.split('@');
  return { name, email, url: null };
}
