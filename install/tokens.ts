import * as z from 'zod/mini';
import { reasonOf } from './reason.ts';

const TIMEOUT_MS = 10_000;

/** How a token was taken by whom it is for. */
export type Tried =
  | { is: 'good' }
  | { is: 'refused'; text: string }
  /** It is taken, but may not do all that it is for. */
  | { is: 'doubtful'; text: string }
  /** Nothing can be said: nobody answered. */
  | { is: 'unknown'; text: string };

async function ask(url: string, headers: Record<string, string>): Promise<Response | string> {
  try {
    return await fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    return reasonOf(error);
  }
}

/** Lists the models: costs nothing, and needs a valid key. */
export async function tryAnthropicKey(base: string, key: string): Promise<Tried> {
  const answer = await ask(`${base}/v1/models?limit=1`, {
    'x-api-key': key,
    'anthropic-version': '2023-06-01',
  });
  if (typeof answer === 'string')
    return { is: 'unknown', text: `${base} does not answer: ${answer}.` };
  await answer.body?.cancel();
  if (answer.ok) return { is: 'good' };
  const { status } = answer;
  if (status === 401 || status === 403) {
    return { is: 'refused', text: `The Anthropic API key is refused (${status}).` };
  }
  return { is: 'unknown', text: `${base} answered with ${status}.` };
}

const Repositories = z.array(
  z.object({ full_name: z.string(), archived: z.optional(z.boolean()) }),
);
/** A token is good for some repositories, and the list of those that it sees has others as well. */
const TRIED_MAX = 8;
/** No commit has this name: a branch at it is never made, and is refused only after the permission was looked at. */
const NO_COMMIT = '0'.repeat(40);

/** True when the token may push to a repository. */
async function mayWrite(api: string, repository: string, headers: Record<string, string>) {
  const answer = await fetch(`${api}/repos/${repository}/git/refs`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ ref: 'refs/heads/mainloop-doctor', sha: NO_COMMIT }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  await answer.body?.cancel();
  return answer.status !== 403 && answer.status !== 404;
}

/**
 * Who the token is, when it ends, and whether it may write to any repository that it sees. That it may
 * to none of the first few proves nothing: it may be for another.
 */
export async function tryGitHubToken(api: string, token: string, now: number): Promise<Tried> {
  const headers = {
    authorization: `Bearer ${token}`,
    accept: 'application/vnd.github+json',
    'user-agent': 'mainloop',
  };
  const answer = await ask(`${api}/user/repos?per_page=50&sort=pushed`, headers);
  if (typeof answer === 'string') {
    return { is: 'unknown', text: `${api} does not answer: ${answer}.` };
  }
  const { status } = answer;
  if (status === 401) {
    return { is: 'refused', text: 'The GitHub token is refused: it is wrong, revoked or expired.' };
  }
  if (!answer.ok) return { is: 'unknown', text: `${api} answered with ${status}.` };
  const ends = answer.headers.get('github-authentication-token-expiration');
  const endsAt =
    ends === null ? Number.NaN : Date.parse(ends.replace(' UTC', 'Z').replace(' ', 'T'));
  if (endsAt < now) return { is: 'refused', text: `The GitHub token expired on ${ends}.` };
  const seen = Repositories.parse(await answer.json());
  // Nobody writes to those.
  const tried = seen.filter(({ archived }) => archived !== true).slice(0, TRIED_MAX);
  if (tried.length === 0) {
    return { is: 'doubtful', text: 'The GitHub token sees no repository that could be worked on.' };
  }
  for (const { full_name } of tried) {
    const writes = await mayWrite(api, full_name, headers).catch(() => null);
    if (writes === null) return { is: 'unknown', text: `${api} does not answer.` };
    if (writes) return { is: 'good' };
  }
  const names = tried.map(({ full_name }) => full_name).join(', ');
  return {
    is: 'doubtful',
    text: `The GitHub token may not write to ${names}. If it is for another repository, all is well.`,
  };
}
