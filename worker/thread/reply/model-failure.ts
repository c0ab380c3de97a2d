import { APIConnectionError, APIError, APIUserAbortError } from '@anthropic-ai/sdk';
import type { StopReason } from '@anthropic-ai/sdk/resources/messages';

export type ModelFailure =
  | { is: 'stopped' }
  | { is: 'unauthorized' }
  | { is: 'limited'; retryAfterMs: number }
  | { is: 'overloaded' }
  | { is: 'unreachable' }
  | { is: 'silent' }
  | { is: 'cut' }
  | { is: 'too_long' }
  | { is: 'empty' }
  | { is: 'refused'; message: string };

/** Tries of one model call. */
const TRIES_MAX = 3;
const FIRST_PAUSE_MS = 500;
/** A person waits in front of the screen: longer pauses are said rather than sat out. */
const PATIENCE_MS = 5_000;

function retryAfterMs(headers: Headers | undefined): number {
  const seconds = Number(headers?.get('retry-after') ?? 1);
  return (Number.isFinite(seconds) ? seconds : 1) * 1_000;
}

/** What an error of the SDK means for the person. `why` says whether we ended the stream ourselves. */
export function modelFailure(error: unknown, why: 'stopped' | 'silent' | null): ModelFailure {
  if (why !== null) return { is: why };
  if (error instanceof APIUserAbortError) return { is: 'stopped' };
  if (error instanceof APIConnectionError) return { is: 'unreachable' };
  if (error instanceof APIError && error.status !== undefined) {
    const { status } = error;
    if (status === 401 || status === 403) return { is: 'unauthorized' };
    if (status === 429) return { is: 'limited', retryAfterMs: retryAfterMs(error.headers) };
    if (status === 529) return { is: 'overloaded' };
    if (status >= 500) return { is: 'unreachable' };
    return { is: 'refused', message: `${status}` };
  }
  if (error instanceof APIError) {
    return error.type === 'overloaded_error' ? { is: 'overloaded' } : { is: 'cut' };
  }
  return { is: 'cut' };
}

/** What is wrong with an answer that came whole: how it ended, or that it says and does nothing. */
export function answerFailure(
  stopReason: StopReason | null,
  isEmpty: boolean,
): ModelFailure | null {
  switch (stopReason) {
    case 'refusal':
      return { is: 'refused', message: 'refusal' };
    // A tool call at the end of such an answer has half an input.
    case 'max_tokens':
    case 'model_context_window_exceeded':
      return { is: 'too_long' };
    case 'end_turn':
    case 'stop_sequence':
    case 'tool_use':
    case 'pause_turn':
    case null:
      return isEmpty ? { is: 'empty' } : null;
  }
}

/**
 * The pause before the next try, or null when there is none. `isFinal` says that what was said so far
 * has to stay: another try would say things twice.
 */
export function pauseBeforeTry(
  failure: ModelFailure,
  tried: number,
  isFinal: boolean,
): number | null {
  if (isFinal || tried >= TRIES_MAX) return null;
  switch (failure.is) {
    case 'limited':
      return failure.retryAfterMs <= PATIENCE_MS ? failure.retryAfterMs : null;
    case 'overloaded':
    case 'unreachable':
    case 'cut':
      return FIRST_PAUSE_MS * 2 ** (tried - 1);
    case 'stopped':
    case 'unauthorized':
    case 'silent':
    case 'too_long':
    case 'empty':
    case 'refused':
      return null;
  }
}

/** The failure in one plain sentence, with what the person can do. */
export function failureSentence(failure: ModelFailure): string {
  switch (failure.is) {
    case 'stopped':
      return 'Stopped.';
    case 'unauthorized':
      return 'The model refuses the key. Set a valid ANTHROPIC_API_KEY and ask again.';
    case 'limited':
      return `The model’s rate limit is reached. Ask again in ${Math.ceil(failure.retryAfterMs / 1_000)} s.`;
    case 'overloaded':
      return 'The model is overloaded right now. Ask again in a moment.';
    case 'unreachable':
      return 'The model cannot be reached. Check ANTHROPIC_BASE_URL and the network, then ask again.';
    case 'silent':
      return 'The model said nothing for too long. Ask again.';
    case 'cut':
      return 'The model’s answer was cut off in the middle. Ask again.';
    case 'too_long':
      return 'The answer became too long and was cut off. Ask for it in parts.';
    case 'empty':
      return 'The model gave no answer. Ask again in other words.';
    case 'refused':
      return `The model refused the request (${failure.message}). Ask again in other words.`;
  }
}
