import { Octokit } from '@octokit/core';
import * as z from 'zod/mini';
import { cutToBytes } from '../../protocol/cut.ts';
import { redactor } from '../platform/redactor.ts';
import { boundedFetch } from './bounded-fetch.ts';
import type { Asker } from './asker.ts';
import { PATIENCE_MS, failureOf, pauseBeforeRetry } from './failures.ts';
import { type Gate, heed, limited } from './gate.ts';
import type { Ask } from './pages.ts';

const REQUEST_TIMEOUT_MS = 15_000;
const MESSAGE_MAX_BYTES = 500;
/** What of a request people read at the host. */
const WORDS = ['title', 'body', 'commit_title', 'commit_message'];

const Failed = z.object({
  status: z.int(),
  message: z.optional(z.string()),
  response: z.optional(z.object({ headers: z.record(z.string(), z.unknown()) })),
});

function header(headers: Record<string, unknown> | undefined, name: string): string | null {
  const value = headers?.[name];
  return value === undefined || value === null ? null : String(value);
}

function failureFrom(error: unknown) {
  const parsed = Failed.safeParse(error);
  // A timeout, a refused connection and an answer that is not GitHub's all mean: not there now.
  if (!parsed.success || parsed.data.response === undefined) return { is: 'unreachable' } as const;
  const { status, message, response } = parsed.data;
  return failureOf({
    status,
    message: cutToBytes(redactor.text(message ?? ''), MESSAGE_MAX_BYTES),
    retryAfter: header(response.headers, 'retry-after'),
    remaining: header(response.headers, 'x-ratelimit-remaining'),
    reset: header(response.headers, 'x-ratelimit-reset'),
    now: Date.now(),
  });
}

/** Answers of the host with their ETags, the oldest first: what has not changed is not sent again. */
const ETAGS = new Map<string, { etag: string; data: unknown }>();
const ETAGS_MAX = 300;
const ETAG_MAX_CHARS = 50_000;

function keepEtag(place: string, answer: { etag: string; data: unknown }): void {
  ETAGS.delete(place);
  // All tasks of an isolate share its memory: a long answer is asked for again.
  if (JSON.stringify(answer.data).length > ETAG_MAX_CHARS) return;
  ETAGS.set(place, answer);
  const [oldest] = ETAGS.keys();
  if (ETAGS.size > ETAGS_MAX && oldest !== undefined) ETAGS.delete(oldest);
}

/** Of each holder that an API asked for it, until when nobody in this isolate asks it anything as that one. */
const CLOSED_UNTIL = new Map<string, number>();

/** What is written for people, without secrets: whoever may read the repository reads it. */
function withoutSecrets(parameters: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      typeof value === 'string' && WORDS.includes(name) ? redactor.text(value) : value,
    ]),
  );
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function isNotModified(error: unknown): boolean {
  const parsed = Failed.safeParse(error);
  return parsed.success && parsed.data.status === 304;
}

/** `{owner}` and `{repo}` of a route. */
function repositoryOf({ owner, repo }: Record<string, unknown>): string | null {
  return typeof owner === 'string' && typeof repo === 'string' ? `${owner}/${repo}` : null;
}

/**
 * Requests to the host's API through Octokit. Reads are tried again (`failures.ts` says when);
 * creating is not: callers look first.
 *
 * @param apiUrl without a trailing slash.
 */
export function asking(apiUrl: string, asker: Asker, fetcher: typeof fetch): Ask {
  const octokit = new Octokit({
    baseUrl: apiUrl,
    userAgent: 'mainloop',
    request: { fetch: boundedFetch(fetcher) },
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  });

  return async (route, parameters, read, repository = repositoryOf(parameters)) => {
    const isRead = route.startsWith('GET');
    let isSecond = false;
    for (let tried = 1; ; tried++) {
      const given = await asker.credential(repository);
      if (given.is === 'failed') return given;
      const credential = given.value;
      // What one may see, and how often, is not what another may.
      const holder = `${apiUrl} ${credential?.holder ?? ''}`;
      const gate: Gate = {
        opensAt: () => CLOSED_UNTIL.get(holder) ?? 0,
        close: (until) => void CLOSED_UNTIL.set(holder, until),
      };
      const place = `${holder} ${route} ${JSON.stringify(parameters)}`;
      const known = isRead ? ETAGS.get(place) : undefined;
      const shutFor = gate.opensAt() - Date.now();
      if (shutFor > PATIENCE_MS) return limited(shutFor);
      if (shutFor > 0) await sleep(shutFor);
      try {
        const answer = await octokit.request(route, {
          ...(isRead ? parameters : withoutSecrets(parameters)),
          headers: {
            ...(credential !== null && {
              authorization: `${credential.scheme} ${credential.token}`,
            }),
            ...(known !== undefined && { 'if-none-match': known.etag }),
          },
          request: { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) },
        });
        const value = read(answer.data);
        // Only what was understood: otherwise the host would say 'not modified' to it for ever.
        const { etag } = answer.headers;
        if (isRead && etag !== undefined) keepEtag(place, { etag, data: answer.data });
        return { is: 'ok', value };
      } catch (error) {
        // Nothing has changed since: such an answer does not count against the host's limit.
        if (known !== undefined && isNotModified(error)) {
          return { is: 'ok', value: read(known.data) };
        }
        const failure = failureFrom(error);
        heed(gate, failure, Date.now());
        if (failure.is === 'unauthorized' && credential !== null) {
          // What was refused changed nothing, so that this goes for writes, too.
          if (!isSecond && asker.refused(credential)) {
            isSecond = true;
            continue;
          }
          return { is: 'failed', failure: { ...failure, why: credential.onRefusal } };
        }
        const pause = isRead ? pauseBeforeRetry(failure, tried) : null;
        if (pause === null) return { is: 'failed', failure };
        await sleep(pause);
      }
    }
  };
}
