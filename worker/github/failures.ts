/** Why a request to the git host did not give what was asked for. */
export type GitHubFailure =
  | { is: 'unauthorized' }
  | { is: 'not_found' }
  | { is: 'limited'; retryAfterMs: number }
  | { is: 'refused'; status: number; message: string }
  | { is: 'unreachable' };

const TRIES_MAX = 3;
const FIRST_PAUSE_MS = 300;
/** Longer waits than this are not sat out inside a request: the caller waits in its own way. */
const PATIENCE_MS = 3_000;

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

/** What an answer with an error status means. https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api */
export function failureOf(answer: Answer): GitHubFailure {
  const limited =
    answer.status === 429 ||
    (answer.status === 403 && (answer.retryAfter !== null || answer.remaining === '0'));
  if (limited) {
    const untilReset =
      answer.reset === null || answer.remaining !== '0'
        ? 60
        : Math.ceil(Number(answer.reset) - answer.now / 1_000);
    const seconds = answer.retryAfter === null ? untilReset : Number(answer.retryAfter);
    return {
      is: 'limited',
      retryAfterMs: Math.max(1, Number.isFinite(seconds) ? seconds : 60) * 1_000,
    };
  }
  if (answer.status === 401) return { is: 'unauthorized' };
  if (answer.status === 404) return { is: 'not_found' };
  if (answer.status >= 500) return { is: 'unreachable' };
  return { is: 'refused', status: answer.status, message: answer.message };
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

/** How long a caller outside a request should wait before it asks again; null when asking again is no use. */
export function retryLaterMs(failure: GitHubFailure): number | null {
  switch (failure.is) {
    case 'unreachable':
      return 5_000;
    case 'limited':
      return failure.retryAfterMs;
    case 'unauthorized':
    case 'not_found':
    case 'refused':
      return null;
  }
}

/** The failure in one plain sentence for the person, with what can be done. */
export function sentenceOf(failure: GitHubFailure, repository: string | null): string {
  switch (failure.is) {
    case 'unauthorized':
      return 'GitHub refuses the token. Set a new GITHUB_TOKEN.';
    case 'not_found':
      return repository === null
        ? 'GitHub does not know what was asked for.'
        : `GitHub does not know ${repository}, or the token may not see it.`;
    case 'limited':
      return `GitHub asks to wait ${Math.ceil(failure.retryAfterMs / 1_000)} s before the next request.`;
    case 'refused':
      return `GitHub refused the request (${failure.status}): ${failure.message}`;
    case 'unreachable':
      return 'GitHub cannot be reached right now. Try again in a moment.';
  }
}
