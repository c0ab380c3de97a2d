import { describe, expect, it } from 'vitest';
import {
  type GitHubFailure,
  failureOf,
  pauseBeforeRetry,
  retryLaterMs,
  sentenceOf,
} from './failures.ts';

const AWAY: GitHubFailure = { is: 'unreachable' };
const HOPELESS: GitHubFailure[] = [
  { is: 'unauthorized' },
  { is: 'not_found' },
  { is: 'refused', status: 422, message: 'It exists.' },
];

describe('an error status', () => {
  const answer = { retryAfter: null, remaining: null, reset: null, now: 0, message: 'It exists.' };

  it.each([
    [{ status: 401 }, { is: 'unauthorized' }],
    [{ status: 404 }, { is: 'not_found' }],
    [{ status: 500 }, AWAY],
    [{ status: 503 }, AWAY],
    [{ status: 422 }, { is: 'refused', status: 422, message: 'It exists.' }],
    [{ status: 403 }, { is: 'refused', status: 403, message: 'It exists.' }],
    [
      { status: 403, remaining: '12' },
      { is: 'refused', status: 403, message: 'It exists.' },
    ],
    [
      { status: 403, remaining: '0' },
      { is: 'limited', retryAfterMs: 60_000 },
    ],
    [
      { status: 403, retryAfter: '7' },
      { is: 'limited', retryAfterMs: 7_000 },
    ],
    [{ status: 429 }, { is: 'limited', retryAfterMs: 60_000 }],
    [
      { status: 403, remaining: '0', reset: '1300', now: 1_000_000 },
      { is: 'limited', retryAfterMs: 300_000 },
    ],
    [
      { status: 403, remaining: '0', reset: 'never' },
      { is: 'limited', retryAfterMs: 60_000 },
    ],
    [
      { status: 429, retryAfter: '0' },
      { is: 'limited', retryAfterMs: 1_000 },
    ],
    [
      { status: 429, retryAfter: 'tomorrow' },
      { is: 'limited', retryAfterMs: 60_000 },
    ],
    [
      { status: 429, retryAfter: 'Thu, 01 Jan 1970 00:20:00 GMT', now: 1_000_000 },
      { is: 'limited', retryAfterMs: 200_000 },
    ],
    [
      { status: 403, retryAfter: 'Thu, 01 Jan 1970 00:00:00 GMT', now: 1_000_000 },
      { is: 'limited', retryAfterMs: 1_000 },
    ],
    [
      { status: 429, remaining: '0', reset: '1300', now: 1_000_400 },
      { is: 'limited', retryAfterMs: 299_600 },
    ],
    [
      { status: 403, message: 'You have exceeded a secondary rate limit.' },
      { is: 'limited', retryAfterMs: 60_000 },
    ],
    [
      { status: 429, retryAfter: '99999999' },
      { is: 'limited', retryAfterMs: 24 * 60 * 60_000 },
    ],
    [
      { status: 503, retryAfter: '120' },
      { is: 'limited', retryAfterMs: 120_000 },
    ],
  ])('%o means %o', (given, failure) => {
    expect(failureOf({ ...answer, ...given })).toEqual(failure);
  });
});

describe('inside a request', () => {
  it('a host that is away is tried three times, with a longer pause each time', () => {
    expect([1, 2, 3].map((tried) => pauseBeforeRetry(AWAY, tried))).toEqual([300, 600, null]);
  });

  it('a short limit is sat out, a long one is not', () => {
    const pause = (retryAfterMs: number) => pauseBeforeRetry({ is: 'limited', retryAfterMs }, 1);
    expect([pause(3_000), pause(3_001)]).toEqual([3_000, null]);
    expect(pauseBeforeRetry({ is: 'limited', retryAfterMs: 1_000 }, 3)).toBeNull();
  });

  it('what will not change is not tried again', () => {
    for (const failure of HOPELESS) expect(pauseBeforeRetry(failure, 1)).toBeNull();
  });
});

describe('outside a request', () => {
  it('what may pass is asked again when the host says', () => {
    expect(retryLaterMs(AWAY)).toBe(5_000);
    const limited = { is: 'limited', retryAfterMs: 42_000 } as const;
    expect([0, 4].map((tried) => retryLaterMs(limited, tried))).toEqual([42_000, 42_000]);
  });

  it('what is away without a word is asked more and more rarely', () => {
    const pauses = [0, 1, 2, 3, 4, 5].map((tried) => retryLaterMs(AWAY, tried));
    expect(pauses).toEqual([5_000, 15_000, 45_000, 135_000, 300_000, 300_000]);
  });

  it('what will not change is left', () => {
    for (const failure of HOPELESS) expect(retryLaterMs(failure)).toBeNull();
  });
});

describe('the sentence for the person', () => {
  it('is one of its own for each failure', () => {
    const all = [...HOPELESS, AWAY, { is: 'limited', retryAfterMs: 41_200 } as const];
    const sentences = all.map((failure) => sentenceOf(failure, 'demo/tasks'));
    expect(new Set(sentences).size).toBe(all.length);
    expect(sentences.join('\n')).toMatch(/demo\/tasks[^]+422[^]+It exists\.[^]+42 s/);
  });

  it('names no repository when none was asked for', () => {
    expect(sentenceOf({ is: 'not_found' }, null)).toBe('GitHub does not know what was asked for.');
  });
});
