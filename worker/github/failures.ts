/** Why a request to the git host did not give what was asked for. */
export type GitHubFailure =
  /** `why` is a sentence for the person: who was refused, and what can be done. */
  | { is: 'unauthorized'; why?: string }
  | { is: 'not_found' }
  | { is: 'limited'; retryAfterMs: number }
  | { is: 'refused'; status: number; message: string }
  | { is: 'unreachable' };

const TRIES_MAX = 3;
const FIRST_PAUSE_MS = 300;
/** Longer waits than this are not sat out inside a request: the caller waits in its own way. */
export const PATIENCE_MS = 3_000;

type Answer = {
  status: number;
  retryAfter: string | null;
  remaining: string | null;
  /** When the limit is lifted, in seconds since 1970. */
  reset: string | null;
  /** Milliseconds since 1970. */
  now: number;
  message: string;
};

/** Where the host limits and does not say for how long. GitHub asks for "at least one minute". */
const UNTOLD_LIMIT_MS = 60_000;
/** Longest that a host is left alone at its word: GitHub's own limits end within the hour, so more is a mistake. */
const LONGEST_LIMIT_MS = 24 * 60 * 60_000;
/** GitHub's secondary limits may come without any header; only their words tell them from a refusal. */
const SECONDARY_LIMIT = /secondary rate limit|abuse detection/i;

const SUSPENDED = /installation has been suspended/i;

/** `retry-after` in its two forms, seconds and an HTTP date (RFC 9110, 10.2.3); null when it is neither. */
function retryAfterMs(value: string | null, now: number): number | null {
  const text = value?.trim() ?? '';
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  const at = text === '' ? NaN : Date.parse(text);
  return Number.isNaN(at) ? null : at - now;
}

/** `x-ratelimit-reset`, which counts only once nothing remains. */
function untilResetMs({ remaining, reset, now }: Answer): number | null {
  const seconds = remaining === '0' && reset !== null ? Number(reset) : NaN;
  return Number.isNaN(seconds) ? null : Math.ceil(seconds * 1_000 - now);
}

/** What an answer with an error status means. https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api */
export function failureOf(answer: Answer): GitHubFailure {
  const { status, message } = answer;
  const told = retryAfterMs(answer.retryAfter, answer.now);
  const limited =
    status === 429 ||
    (status === 403 &&
      (answer.retryAfter !== null || answer.remaining === '0' || SECONDARY_LIMIT.test(message))) ||
    // A host that is down for maintenance may say for how long.
    (status >= 500 && told !== null);
  if (limited) {
    const ms = told ?? untilResetMs(answer) ?? UNTOLD_LIMIT_MS;
    return { is: 'limited', retryAfterMs: Math.min(Math.max(1_000, ms), LONGEST_LIMIT_MS) };
  }
  // What a suspended App's tokens are answered: why so stands at its installation.
  if (status === 401 || (status === 403 && SUSPENDED.test(message))) return { is: 'unauthorized' };
  if (status === 404) return { is: 'not_found' };
  if (status >= 500) return { is: 'unreachable' };
  return { is: 'refused', status, message };
}

/** How long to wait before the next try (`tried` of them are done), or null to give up. */
export function pauseBeforeRetry(failure: GitHubFailure, tried: number): number | null {
  if (tried >= TRIES_MAX) return null;
  switch (failure.is) {
    case 'unreachable':
      return FIRST_PAUSE_MS * 2 ** (tried - 1);
    case 'limited':
      return failure.retryAfterMs <= PATIENCE_MS ? failure.retryAfterMs : null;
    case 'unauthorized':
    case 'not_found':
    case 'refused':
      return null;
  }
}

/** Pauses of a caller outside a request, for a host that is away and does not say for how long. */
const AWAY_PAUSES_MS = { first: 5_000, longest: 5 * 60_000 };

/**
 * How long a caller outside a request should wait before it asks again, after `tried` tries that
 * failed before this one; null when asking again is no use. What the host says is taken as it is.
 */
export function retryLaterMs(failure: GitHubFailure, tried = 0): number | null {
  switch (failure.is) {
    case 'unreachable':
      return Math.min(AWAY_PAUSES_MS.first * 3 ** tried, AWAY_PAUSES_MS.longest);
    case 'limited':
      return failure.retryAfterMs;
    case 'unauthorized':
    case 'not_found':
    case 'refused':
      return null;
  }
}

/** The least that a caller with pauses of its own has to wait; null when asking again is no use. */
export function leastWaitMs(failure: GitHubFailure): number | null {
  return failure.is === 'unreachable' ? 0 : retryLaterMs(failure);
}

/** The failure in one plain sentence for the person, with what can be done. */
export function sentenceOf(failure: GitHubFailure, repository: string | null): string {
  switch (failure.is) {
    case 'unauthorized':
      return failure.why ?? 'GitHub refuses the token. Set a new GITHUB_TOKEN.';
    case 'not_found':
      return repository === null
        ? 'GitHub does not know what was asked for.'
        : `GitHub does not know ${repository}, or does not show it to Mainloop.`;
    case 'limited':
      return `GitHub asks to wait ${Math.ceil(failure.retryAfterMs / 1_000)} s before the next request.`;
    case 'refused':
      return `GitHub refused the request (${failure.status}): ${failure.message}`;
    case 'unreachable':
      return 'GitHub cannot be reached right now. Try again in a moment.';
  }
}
