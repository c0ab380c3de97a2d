import { runInDurableObject } from 'cloudflare:test';
import { env, exports } from 'cloudflare:workers';
import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import { adaOwns } from './github/testing/ada.ts';
import { PRODUCT_VERSION } from '../protocol/version.ts';
import { Refused } from '../protocol/pages.ts';
import { app } from './app.ts';
import { formatToken } from './gateway/token.ts';
import { startedTask } from './tasks/testing/open-task.ts';
import { ThreadClient } from './thread/testing/client.ts';
import { fakeModel } from './thread/testing/fake-model.ts';
import { says } from './thread/testing/model-answers.ts';
import { fakeGitHub, fakeTasks } from './thread/testing/open-thread.ts';

const HERE = 'http://localhost';
const OTHERS = ['https://evil.test', 'null', 'http://localhost:1', 'https://localhost', ''];
const upgrade = { upgrade: 'websocket' };

const ask = (path: string, init: RequestInit = {}) => exports.default.fetch(`${HERE}${path}`, init);

/** The status and the code of a refusal, which must come with a sentence. */
async function refusal(response: Response): Promise<{ status: number; error: string }> {
  const { error, text } = Refused.parse(await response.json());
  expect(text).toMatch(/^\w.+\.$/);
  return { status: response.status, error };
}

it('that the Worker is up can be asked for by anyone, and nothing more', async () => {
  const response = await app.fetch(new Request('https://mainloop.example.com/api/live'), env);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ up: true, version: PRODUCT_VERSION });
});

describe('a route that is not there', () => {
  it.each(['/api/nothing', '/api/tasks', '/api/tasks/1/2/3', '/api/', '/api/messages/1'])(
    'is answered in JSON: %s',
    async (path) => {
      expect(await refusal(await ask(path))).toEqual({ status: 404, error: 'not_found' });
    },
  );

  it('is answered in the same way for other methods', async () => {
    const headers = { origin: HERE };
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const response = await ask('/api/messages', { method, headers });
      expect(await refusal(response)).toEqual({ status: 404, error: 'not_found' });
    }
  });
});

it.each([
  ['/tasks/1?tab=plan', '/tasks/1?tab=plan'],
  ['//evil.test/x', '/'],
  ['https://evil.test', '/'],
  ['/\\evil.test', '/'],
  ['javascript:alert(1)', '/'],
  ['', '/'],
])('after a sign-in it goes on here, wherever one is sent: %j', async (to, goesTo) => {
  const path = `/api/sign-in?to=${encodeURIComponent(to)}`;
  const answer = await ask(path, { redirect: 'manual' });
  expect(answer.status).toBe(302);
  expect(answer.headers.get('location')).toBe(goesTo);
});

describe('another origin', () => {
  const feed = `/api/tasks/${ulid()}/feed`;

  it.each(OTHERS)('cannot open a socket: %j', async (origin) => {
    for (const path of ['/api/socket', feed]) {
      const response = await ask(path, { headers: { ...upgrade, origin } });
      expect(await refusal(response)).toEqual({ status: 403, error: 'origin' });
    }
  });

  it('is not taken for ours when none is named', async () => {
    for (const path of ['/api/socket', feed]) {
      const response = await ask(path, { headers: upgrade });
      expect(await refusal(response)).toEqual({ status: 403, error: 'origin' });
    }
  });

  it.each(['application/x-www-form-urlencoded', 'text/plain', 'application/json'])(
    'cannot write, with a form neither: %s',
    async (type) => {
      for (const origin of OTHERS) {
        const headers = { 'content-type': type, origin };
        const response = await ask('/api/messages', { method: 'POST', headers, body: 'a=b' });
        expect(await refusal(response)).toEqual({ status: 403, error: 'origin' });
      }
    },
  );

  it('gets no permission to read', async () => {
    const response = await ask('/api/messages', { headers: { origin: 'https://evil.test' } });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    const preflight = await ask('/api/messages', {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.test', 'access-control-request-method': 'POST' },
    });
    expect(preflight.status).toBe(403);
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('the local person', () => {
  it('is not there for a request to any other address', async () => {
    for (const origin of ['https://mainloop.example.com', 'http://192.168.1.7:8787']) {
      for (const path of ['/api/messages', '/api/socket', `/api/tasks/${ulid()}`, '/api/nothing']) {
        const request = new Request(`${origin}${path}`, { headers: { ...upgrade, origin } });
        const response = await app.fetch(request, env);
        expect(await refusal(response)).toEqual({ status: 401, error: 'signed_out' });
      }
    }
  });

  it('is not there when the Worker was not told so', async () => {
    const { LOCAL_PERSON: _local, ...untold } = env;
    const response = await app.fetch(new Request(`${HERE}/api/messages`), untold);
    expect(await refusal(response)).toEqual({ status: 403, error: 'not_configured' });
  });

  it('opens the conversation from a page of this origin', async () => {
    const stub = env.MAIN_THREAD.get(env.MAIN_THREAD.idFromName('local:you@localhost'));
    await runInDurableObject(stub, (instance) => {
      instance.ports = () => ({
        github: fakeGitHub(),
        owner: adaOwns,
        model: fakeModel(() => says('Hello.')).model,
        task: fakeTasks().task,
        history: null,
        push: async () => ({ is: 'accepted' }),
        attachments: { read: async () => null, delete: async () => {} },
        webhooks: async () => ({ configured: true, lastAt: null, unsigned: [] }),
      });
    });
    const { status, webSocket } = await ask('/api/socket', {
      headers: { ...upgrade, origin: HERE, 'x-mainloop-expires-at': '1' },
    });
    expect(status).toBe(101);
    if (webSocket === null) throw new Error('No socket was opened.');
    const page = new ThreadClient(webSocket);
    page.hello();
    expect(await page.first('welcome')).toMatchObject({
      installation: { person: 'you@localhost' },
    });
    expect(page.closed).toBeNull();
    page.close();
  });
});

describe('what cannot be answered', () => {
  it.each([
    'before=x',
    'before=-1',
    'before=1.5',
    'limit=0',
    'limit=101',
    'limit=',
    'before=1e999',
  ])('is refused in words: /api/messages?%s', async (query) => {
    expect(await refusal(await ask(`/api/messages?${query}`))).toEqual({
      status: 400,
      error: 'malformed',
    });
  });

  it('is refused in words: a socket’s address without an upgrade', async () => {
    for (const path of ['/api/socket', `/api/tasks/${ulid()}/feed`]) {
      expect(await refusal(await ask(path))).toEqual({ status: 426, error: 'upgrade' });
    }
  });

  it.each(['x', '%00', '..%2f..', '01jzzzzzzzzzzzzzzzzzabcdef', '%F0%9F%98%80', '%ff'])(
    'is not there: a task called %s',
    async (id) => {
      expect(await refusal(await ask(`/api/tasks/${id}`))).toEqual({
        status: 404,
        error: 'not_found',
      });
    },
  );

  it('is not there: a task with a name without end', async () => {
    expect(await refusal(await ask(`/api/tasks/${'x'.repeat(3_000)}`))).toEqual({
      status: 404,
      error: 'not_found',
    });
  });
});

it('the gateway is nowhere to be found from outside where sandboxes are handed to it', async () => {
  const { stub, pass } = await startedTask();
  const asked = (GATEWAY_URL: string) =>
    app.fetch(
      new Request('https://mainloop.example.com/gateway/brief', {
        headers: { authorization: `Bearer ${formatToken(pass())}` },
      }),
      { ...env, GATEWAY_URL },
    );
  const closed = await asked('http://gateway.internal');
  expect(await refusal(closed)).toEqual({ status: 404, error: 'not_found' });
  expect((await asked('http://gateway.test')).status).toBe(200);
  expect(await stub.summary()).not.toBe(null);
});
