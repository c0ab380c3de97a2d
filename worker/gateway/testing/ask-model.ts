import { expect } from 'vitest';
import type { CallUsage, ModelCall } from '../../models/model-call.ts';
import { type Caller, forwardModel } from '../model.ts';
import { type Admitted, ok } from '../refusal.ts';
import { SCOPE, upstream } from './upstream.ts';

export const KEY = { ANTHROPIC_BASE_URL: 'http://model.test', ANTHROPIC_API_KEY: 'real-key' };
export const ASKED = { model: 'claude-opus-5-5', max_tokens: 5, messages: [] };
export const ANSWER = {
  type: 'message',
  usage: { input_tokens: 1_000, output_tokens: 100, cache_read_input_tokens: 0 },
};

/** A task that has money, unless it is said otherwise, and writes down what becomes of its calls. */
export function someCaller(reserved: Admitted<boolean> = ok(true)) {
  const calls: ModelCall[] = [];
  const underWay: (CallUsage | null)[] = [];
  const ended: (CallUsage | null)[] = [];
  const limits: number[] = [];
  const later: Promise<unknown>[] = [];
  const caller: Caller = {
    reserve: async (call) => {
      calls.push(call);
      return reserved;
    },
    goesOn: (_, usage) => void underWay.push(usage),
    ended: (id, usage) => {
      expect(id).toBe(calls.at(-1)?.id);
      ended.push(usage);
    },
    planLimit: async (until) => void limits.push(until),
    later: (work) => void later.push(work),
  };
  return { caller, calls, underWay, ended, limits, later };
}

/** Asks the gateway for a model. */
export async function ask(
  changed: Partial<{
    env: typeof KEY;
    path: string;
    method: string;
    headers: HeadersInit;
    body: unknown;
    answer: () => Response | Promise<Response>;
    reserved: Admitted<boolean>;
    signal: AbortSignal;
  }> = {},
) {
  const { path = 'v1/messages', method = 'POST', headers = {}, body = ASKED } = changed;
  const { asked, fetcher } = upstream(changed.answer ?? (() => Response.json(ANSWER)));
  const request = new Request(`http://gateway.test/gateway/model/${path}?beta=true`, {
    method,
    headers,
    ...(changed.signal !== undefined && { signal: changed.signal }),
    ...(method === 'POST' && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const told = someCaller(changed.reserved);
  const env = changed.env ?? KEY;
  const result = await forwardModel(env, SCOPE, request, path, told.caller, fetcher);
  return { ...told, result, asked };
}
