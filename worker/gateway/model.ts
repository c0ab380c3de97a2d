import type { Env } from '../env.ts';
import { boundedText } from '../platform/http.ts';
import { log } from '../platform/log.ts';
import type { TaskScope } from './pass.ts';
import { metered, telling } from './metered.ts';
import { type CallUsage, type ModelCall, modelCall } from '../models/model-call.ts';
import { readBetas, readModelRequest } from './model-request.ts';
import { type Admitted, ok, refuse } from './refusal.ts';

type ModelEnv = Pick<Env, 'ANTHROPIC_BASE_URL' | 'ANTHROPIC_API_KEY' | 'CLAUDE_CODE_OAUTH_TOKEN'>;

/** A conversation of a million tokens has some 4 MB; the rest is for images. All of it is in memory at once. */
const BODY_MAX_BYTES = 16_000_000;
/** What is read beyond it, so that the refusal is heard. */
const BODY_DROPPED_BYTES = 250_000_000;
const PATHS = new Set(['v1/messages', 'v1/messages/count_tokens']);
/** The plan's longest limit is a week's: a time beyond is a mistake, or none at all. */
const LONGEST_LIMIT_MS = 14 * 24 * 60 * 60_000;
/** Without it the Messages API takes no OAuth token. */
const OAUTH_BETA = 'oauth-2025-04-20';
const PASSED_HEADERS = ['content-type', 'accept', 'anthropic-version', 'user-agent'];

/** The caller's own credentials stay here; the real one is put in. */
function headersFor(env: ModelEnv, given: Headers, betas: readonly string[]): Headers {
  const headers = new Headers();
  for (const name of PASSED_HEADERS) {
    const value = given.get(name);
    if (value !== null) headers.set(name, value);
  }
  if (env.CLAUDE_CODE_OAUTH_TOKEN !== undefined) {
    headers.set('authorization', `Bearer ${env.CLAUDE_CODE_OAUTH_TOKEN}`);
    headers.set('anthropic-beta', [...new Set([...betas, OAUTH_BETA])].join(','));
    return headers;
  }
  if (betas.length > 0) headers.set('anthropic-beta', betas.join(','));
  if (env.ANTHROPIC_API_KEY !== undefined) headers.set('x-api-key', env.ANTHROPIC_API_KEY);
  return headers;
}

function errorAnswer(status: number, type: string, message: string): Response {
  return Response.json({ type: 'error', error: { type, message } }, { status });
}

/**
 * When the Claude plan's limit ends, if that is what the answer says; null for a rate limit of
 * seconds, which Claude Code waits out by itself. The header is in seconds since 1970.
 */
function planLimitEnd({ status, headers }: Response, now: number): number | null {
  if (status !== 429 || headers.get('anthropic-ratelimit-unified-status') !== 'rejected') {
    return null;
  }
  const reset = Number(headers.get('anthropic-ratelimit-unified-reset'));
  if (!Number.isFinite(reset) || reset <= 0) return null;
  return Math.min(Math.round(reset * 1_000), now + LONGEST_LIMIT_MS);
}

/** The task that a call is made for, as far as the call is concerned. */
export type Caller = {
  /** Sets the call's worst case aside. False while calls under way may use up what is left. */
  reserve(call: ModelCall): Promise<Admitted<boolean>>;
  /** The call is under way, and has used this much as far as is known. */
  goesOn(id: string, usage: CallUsage | null): void;
  /** The call is over; `null` where it costs nothing. */
  ended(id: string, usage: CallUsage | null): void;
  /** The Claude plan's limit is reached, until this time. */
  planLimit(until: number): Promise<void>;
  /** Sees to its end what goes on when the caller has left. */
  later(work: Promise<unknown>): void;
};

/**
 * Passes what is known of Claude Code's request on to the Messages API, with the real credential and
 * a meter.
 */
export async function forwardModel(
  env: ModelEnv,
  scope: TaskScope,
  request: Request,
  path: string,
  caller: Caller,
  fetcher: typeof fetch,
): Promise<Admitted<Response>> {
  if (request.method !== 'POST' || !PATHS.has(path)) {
    log.warn('gateway.model_refused', { taskId: scope.taskId, path: path.slice(0, 200) });
    return refuse('forbidden', 'Only the Messages API is possible here.');
  }
  const body = await boundedText(request, BODY_MAX_BYTES, BODY_DROPPED_BYTES);
  if (body === null) {
    log.warn('gateway.model_too_large', { taskId: scope.taskId });
    const words = `A request to the model may have ${BODY_MAX_BYTES / 1_000_000} MB. Compact the session, or read large files in parts.`;
    return ok(errorAnswer(413, 'request_too_large', words));
  }
  const asked = readModelRequest(body);
  if (asked.is === 'malformed') return refuse('malformed', 'That is no request to a model.');
  if (asked.is === 'forbidden') {
    log.warn('gateway.model_refused', { taskId: scope.taskId, why: asked.text });
    return refuse('forbidden', asked.text);
  }
  if (!scope.models.includes(asked.model)) {
    log.warn('gateway.model_refused', { taskId: scope.taskId, model: asked.model.slice(0, 100) });
    return refuse('forbidden', `This task may not use the model ${asked.model.slice(0, 100)}.`);
  }
  const { betas, left } = readBetas(request.headers.get('anthropic-beta'));
  if (left.length > 0 || asked.left.length > 0) {
    const named = [...asked.left, ...left].join(' ').slice(0, 500);
    log.warn('gateway.model_trimmed', { taskId: scope.taskId, left: named });
  }
  const send = async (): Promise<Response> => {
    const { search } = new URL(request.url);
    // Not with the caller's signal: one that leaves has to be charged for what came.
    const answer = await fetcher(`${env.ANTHROPIC_BASE_URL}/${path}${search}`, {
      method: 'POST',
      headers: headersFor(env, request.headers, betas),
      body: asked.body,
      redirect: 'manual',
    });
    const until = planLimitEnd(answer, Date.now());
    if (until !== null) await caller.planLimit(until);
    const headers = new Headers(answer.headers);
    headers.delete('set-cookie');
    return new Response(answer.body, { status: answer.status, headers });
  };
  try {
    if (path !== 'v1/messages') return ok(await send());
    return await paid(modelCall(asked.model, asked.bounds), send, request.signal, caller);
  } catch (error) {
    log.error('gateway.model_unreachable', error, { taskId: scope.taskId });
    return ok(errorAnswer(502, 'api_error', 'The model cannot be reached.'));
  }
}

/** Sets money aside for a call, makes it, and tells how it goes on and ends. */
async function paid(
  call: ModelCall,
  send: () => Promise<Response>,
  left: AbortSignal,
  caller: Caller,
): Promise<Admitted<Response>> {
  const over = Promise.withResolvers<void>();
  // From here on: what is set aside for a caller that leaves while it waits would be so for nobody.
  caller.later(over.promise);
  try {
    const reserved = await caller.reserve(call);
    if (reserved.is === 'refused' || !reserved.value) {
      over.resolve();
      return reserved.is === 'refused' ? reserved : ok(busy());
    }
  } catch (error) {
    over.resolve();
    throw error;
  }
  const stop = telling(() => caller.goesOn(call.id, null));
  const ended = (usage: CallUsage | null) => {
    caller.ended(call.id, usage);
    over.resolve();
  };
  try {
    if (left.aborted) throw new Error('Whoever asked has left.');
    const goesOn = (usage: CallUsage | null) => caller.goesOn(call.id, usage);
    return ok(metered(await send(), call, left, { goesOn, ended }));
  } catch (error) {
    ended(null);
    throw error;
  } finally {
    stop();
  }
}

/** As the Messages API says that it has too much to do: Claude Code asks again. */
function busy(): Response {
  const words =
    'Calls under way may use up what is left of the budget. Ask again once they are over.';
  const answer = errorAnswer(529, 'overloaded_error', words);
  answer.headers.set('retry-after', '5');
  return answer;
}
