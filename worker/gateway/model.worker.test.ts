import { describe, expect, it } from 'vitest';
import { forwardModel } from './model.ts';
import { ANSWER, ASKED, KEY, ask, someCaller } from './testing/ask-model.ts';
import { SCOPE, given, upstream } from './testing/upstream.ts';

const TOKEN = { ...KEY, CLAUDE_CODE_OAUTH_TOKEN: 'max-token' };
const WEB_SEARCH = { type: 'web_search_20250305', name: 'web_search' };

describe('a request that is too large', () => {
  /** A body of 400 MB, which counts what was asked of it. */
  function huge() {
    const seen = { pulled: 0, cancelled: false };
    const body = new ReadableStream(
      {
        type: 'bytes',
        pull(controller: ReadableByteStreamController) {
          if (seen.pulled === 400) return controller.close();
          seen.pulled++;
          controller.enqueue(new Uint8Array(1_000_000).fill(32));
        },
        cancel: () => void (seen.cancelled = true),
      },
      { highWaterMark: 0 },
    );
    return { body, seen };
  }

  it('is refused in the API’s own words, reaches nobody, and is given up in the end', async () => {
    const { body, seen } = huge();
    const { asked, fetcher } = upstream(() => Response.json(ANSWER));
    const request = new Request('http://gateway.test/', { method: 'POST', body });
    const { caller } = someCaller();
    const answer = given(await forwardModel(KEY, SCOPE, request, 'v1/messages', caller, fetcher));
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({
      type: 'error',
      error: { type: 'request_too_large', message: expect.stringContaining('16 MB') },
    });
    expect(asked).toEqual([]);
    expect(seen.pulled).toBeLessThan(270);
    expect(seen.cancelled).toBe(true);
  });
});

describe('a request to the model', () => {
  it('goes out with the real credential instead of the caller’s', async () => {
    const { result, asked } = await ask({
      headers: {
        authorization: 'Bearer task-token',
        'x-api-key': 'task-token',
        cookie: 'a=b',
        'cf-access-jwt-assertion': 'jwt',
        'content-type': 'application/json',
        'anthropic-version': '2023-06-01',
        'anthropic-beta': 'effort-2025-11-24',
      },
    });
    expect(await given(result).json()).toEqual(ANSWER);
    expect(asked).toMatchObject([
      {
        method: 'POST',
        url: 'http://model.test/v1/messages?beta=true',
        body: JSON.stringify(ASKED),
      },
    ]);
    expect(Object.fromEntries(asked[0]?.headers ?? [])).toEqual({
      'x-api-key': 'real-key',
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
      'anthropic-beta': 'effort-2025-11-24',
    });
  });

  it('goes out without the fields and the betas that are not known', async () => {
    const { result, asked } = await ask({
      headers: { 'anthropic-beta': 'mcp-client-2025-11-20, code-execution-2025-08-25' },
      body: {
        ...ASKED,
        mcp_servers: [{ type: 'url', name: 'evil', url: 'https://evil.test/mcp' }],
        container: 'container_1',
        fallbacks: [{ model: 'claude-sonnet-5-5' }],
      },
    });
    expect(given(result).status).toBe(200);
    expect(asked.map(({ body }) => body)).toEqual([JSON.stringify(ASKED)]);
    expect(asked[0]?.headers.has('anthropic-beta')).toBe(false);
  });

  it('goes out with a Claude Max token where there is one, and with the beta that it needs', async () => {
    const { asked } = await ask({ env: TOKEN, headers: { 'anthropic-beta': 'effort-2025-11-24' } });
    const headers = Object.fromEntries(asked[0]?.headers ?? []);
    expect(headers).toMatchObject({
      authorization: 'Bearer max-token',
      'anthropic-beta': 'effort-2025-11-24,oauth-2025-04-20',
    });
    expect(headers['x-api-key']).toBeUndefined();
    const bare = await ask({ env: TOKEN });
    expect(bare.asked[0]?.headers.get('anthropic-beta')).toBe('oauth-2025-04-20');
  });

  it.each([
    ['another path', { path: 'v1/models' }],
    ['an administrative path', { path: 'v1/organizations/api_keys' }],
    ['a path that climbs', { path: 'v1/messages/../files' }],
    ['another method', { method: 'GET' }],
    ['a tool that runs at the API', { body: { ...ASKED, tools: [WEB_SEARCH] } }],
    [
      'such a tool beside a client’s, when tokens are counted',
      {
        path: 'v1/messages/count_tokens',
        body: { ...ASKED, tools: [{ name: 'Read', input_schema: {} }, WEB_SEARCH] },
      },
    ],
    ['a model that the task may not use', { body: { ...ASKED, model: 'claude-sonnet-5-5' } }],
  ])('is forbidden for %s', async (_, changed) => {
    const { result, asked } = await ask(changed);
    expect(result).toMatchObject({ is: 'refused', error: 'forbidden' });
    expect(asked).toEqual([]);
  });

  it.each([
    ['no JSON', '{'],
    ['no model', { messages: [] }],
    ['a model that is no text', { ...ASKED, model: 5 }],
    ['no messages', { model: ASKED.model }],
  ])('is malformed with %s', async (_, body) => {
    const { result, asked } = await ask({ body });
    expect(result).toMatchObject({ is: 'refused', error: 'malformed' });
    expect(asked).toEqual([]);
  });

  it('is answered as the API would when the model is away', async () => {
    const { result, ended } = await ask({
      answer: () => {
        throw new TypeError('connection refused');
      },
    });
    expect(given(result).status).toBe(502);
    expect(await given(result).json()).toMatchObject({
      type: 'error',
      error: { type: 'api_error', message: 'The model cannot be reached.' },
    });
    expect(ended).toEqual([null]);
  });
});

describe('the Claude plan’s limit', () => {
  const limited = (headers: Record<string, string>) => () =>
    Response.json({ type: 'error', error: { type: 'rate_limit_error' } }, { status: 429, headers });

  it('is told with the time of its end, and the answer is passed on', async () => {
    const reached = {
      'anthropic-ratelimit-unified-status': 'rejected',
      'anthropic-ratelimit-unified-reset': '1795500000',
    };
    const { result, limits } = await ask({ answer: limited(reached) });
    expect(given(result).status).toBe(429);
    expect(limits).toEqual([1_795_500_000_000]);
  });

  it.each([
    [{}],
    [{ 'retry-after': '5' }],
    [{ 'anthropic-ratelimit-unified-status': 'allowed_warning' }],
    [
      {
        'anthropic-ratelimit-unified-status': 'rejected',
        'anthropic-ratelimit-unified-reset': 'soon',
      },
    ],
  ])('is not what %o says', async (headers) => {
    const { limits } = await ask({ answer: limited(headers) });
    expect(limits).toEqual([]);
  });
});
