import { setTimeout } from 'node:timers/promises';
import { Refused } from '../protocol/pages.ts';

/** Where Mainloop is, and what Cloudflare Access wants to see; every command for people takes both. */
export const WHERE = `MAINLOOP_URL           where Mainloop is (http://127.0.0.1:8787)
MAINLOOP_ACCESS_TOKEN  behind Cloudflare Access: what \`cloudflared access token -app=<url>\` prints`;

/** Without a trailing slash. @throws where it is none, in a sentence. */
export function mainloopUrl(): string {
  const url = process.env.MAINLOOP_URL || 'http://127.0.0.1:8787';
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new Error(
      `MAINLOOP_URL must be an address such as https://mainloop.example.com, not "${url}".`,
    );
  }
  return url.replace(/\/+$/, '');
}

const TOO_MANY = 429;
/** Where it is not said how long. */
const WAIT_S = 10;

/** `fetch` tells why only in its cause. */
function notReached(url: string, error: unknown): Error {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const why = cause instanceof Error ? cause.message || cause.name : String(cause);
  return new Error(
    `Nothing answers at ${url} (${why}). Is Mainloop running there? MAINLOOP_URL says where it is.`,
    { cause: error },
  );
}

/**
 * Asks a Mainloop as the person whose sign-in this is; a body must be one that can be sent twice.
 * @throws what it refuses, in its own words; a sentence where nothing answers.
 */
export async function askMainloop(
  url: string,
  path: string,
  { headers, ...init }: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {},
): Promise<Response> {
  const token = process.env.MAINLOOP_ACCESS_TOKEN;
  const ask = () =>
    fetch(`${url}${path}`, {
      ...init,
      headers: {
        origin: url,
        ...(token !== undefined && { 'cf-access-token': token }),
        ...headers,
      },
      redirect: 'manual',
    }).catch((error: unknown) => {
      throw notReached(url, error);
    });
  let answer = await ask();
  // A command asks faster than a person does: it is told how long to wait.
  while (answer.status === TOO_MANY) {
    await answer.body?.cancel();
    await setTimeout((Number(answer.headers.get('retry-after')) || WAIT_S) * 1_000);
    answer = await ask();
  }
  if (answer.ok) return answer;
  const refused = Refused.safeParse(await answer.json().catch(() => null));
  throw new Error(refused.success ? refused.data.text : `It answered with ${answer.status}.`);
}

/** The same with JSON both ways. */
export async function postMainloop(url: string, path: string, body: unknown): Promise<unknown> {
  const answer = await askMainloop(url, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return answer.json();
}
