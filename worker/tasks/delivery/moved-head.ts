import type { GitHubPort, GitHubResult } from '../../github/port.ts';

/**
 * Whether the branch's tip at the host came after this commit of the task's: somebody pushed on top of
 * it, or rewrote the branch since, and their version is what stands now. A tip that the commit is on
 * top of is an older one, which a host may show for a while; so is one that it does not know to compare.
 */
export async function isNewer(
  github: Pick<GitHubPort, 'compare'>,
  repository: string,
  commit: string,
  tip: string,
): Promise<GitHubResult<boolean>> {
  const compared = await github.compare(repository, commit, tip);
  if (compared.is === 'failed') return compared;
  return { is: 'ok', value: compared.value === 'ahead' || compared.value === 'diverged' };
}
