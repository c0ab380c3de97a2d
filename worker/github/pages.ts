import { log } from '../platform/log.ts';
import type { GitHubResult } from './port.ts';

/**
 * Sends one request and reads its answer.
 *
 * @param repository what it is about, where `parameters` do not say so by `owner` and `repo`.
 */
export type Ask = <T>(
  route: string,
  parameters: Record<string, unknown>,
  read: (data: unknown) => T,
  repository?: string | null,
) => Promise<GitHubResult<T>>;

/** Most that the host gives at once. https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api */
const PAGE = 100;
/** 3,000 entries: a bound for what is held in memory, far beyond what a task's pull request has. */
const PAGES_MAX = 30;

/** A list to its last page. One that goes on beyond the bound is cut, and the log says so. */
export async function allPages<T>(
  ask: Ask,
  route: string,
  where: Record<string, unknown>,
  read: (data: unknown) => T[],
): Promise<GitHubResult<T[]>> {
  const found: T[] = [];
  for (let page = 1; page <= PAGES_MAX; page++) {
    const answer = await ask(route, { ...where, per_page: PAGE, page }, read);
    if (answer.is === 'failed') return answer;
    found.push(...answer.value);
    if (answer.value.length < PAGE) return { is: 'ok', value: found };
  }
  log.warn('github.list_cut', { route, where: JSON.stringify(where), entries: found.length });
  return { is: 'ok', value: found };
}
