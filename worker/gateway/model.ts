import { ulid } from 'ulid';
import type { Env } from '../env.ts';
import type { UsageRow } from '../history/rows.ts';
import { boundedText } from '../platform/http.ts';
import { log } from '../platform/log.ts';
import type { TaskScope } from './pass.ts';
import { Meter } from './meter.ts';
import { readBetas, readModelRequest } from './model-request.ts';
import { costOf } from '../models/prices.ts';
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

/** Counts what passes and tells it once the answer ends or its reader goes away. */
function metered(
  answer: Response,
  model: string,
  record: (row: Omit<UsageRow, 'taskId'>) => void,
): Response {
  if (answer.body === null) return answer;
  const meter = new Meter(answer.headers.get('content-type'));
  let told = false;
  const tell = () => {
    if (told) return;
    told = true;
    meter.end();
    if (meter.tokens === null) return;
    const at = Date.now();
    const day = new Date(at).toISOString().slice(0, 10);
    record({ id: ulid(), model, day, at, ...meter.tokens, cost: costOf(model, meter.tokens) });
  };
  const reader = answer.body.getReader();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) {
          tell();
          controller.close();
          return;
        }
        meter.take(value);
        controller.enqueue(value);
      } catch (error) {
        tell();
        controller.error(error);
      }
    },
    async cancel(reason) {
      tell();
      await reader.cancel(reason);
    },
  });
  return new Response(body, { status: answer.status, headers: answer.headers });
}

/**
 * Passes what is known of Claude Code's request on to the Messages API, with the real credential and
 * a meter.
 */
export async function forwardModel(
  env: ModelEnv,
  scope: TaskScope,
  request: Request,
  path: string,
  tell: {
    metered(row: Omit<UsageRow, 'taskId'>): void;
    /** The Claude plan's limit is reached, until this time. */
    planLimit(until: number): Promise<void>;
  },
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
  try {
    const { search } = new URL(request.url);
    const answer = await fetcher(`${env.ANTHROPIC_BASE_URL}/${path}${search}`, {
      method: 'POST',
      headers: headersFor(env, request.headers, betas),
      body: asked.body,
      redirect: 'manual',
      signal: request.signal,
    });
    const until = planLimitEnd(answer, Date.now());
    if (until !== null) await tell.planLimit(until);
    const headers = new Headers(answer.headers);
    headers.delete('set-cookie');
    const passed = new Response(answer.body, { status: answer.status, headers });
    return ok(path === 'v1/messages' ? metered(passed, asked.model, tell.metered) : passed);
  } catch (error) {
    log.error('gateway.model_unreachable', error, { taskId: scope.taskId });
    return ok(errorAnswer(502, 'api_error', 'The model cannot be reached.'));
  }
}
