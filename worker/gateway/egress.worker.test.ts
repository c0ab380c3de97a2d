import type { Leads } from '../../protocol/local-egress.ts';
import { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import { EGRESS_HEADERS } from '../../protocol/local-egress.ts';
import {
  CANCEL,
  type OpenTask,
  ask as askTask,
  queuedTask,
  startedTask,
} from '../tasks/testing/open-task.ts';
import { gateway } from './app.ts';
import { forwardEgress } from './egress.ts';
import type { EgressRequest, EgressVerdict } from './egress-decision.ts';
import { readMirrors } from '../platform/mirrors.ts';
import { ok } from './refusal.ts';
import { formatToken } from './token.ts';

const SCOPE = { taskId: '01JZZZZZZZZZZZZZZZZZZZ0001', generation: 1 };
const encoder = new TextEncoder();

/** Sends a request on to a host that is asked for it in memory. */
async function forward(
  url: string,
  init: RequestInit,
  answer: (request: Request) => Response | Promise<Response>,
  given: { verdict?: EgressVerdict; mirrors?: string; leads?: Leads; own?: string } = {},
) {
  const seen: Request[] = [];
  const asked: EgressRequest[] = [];
  const looked: string[] = [];
  const { host } = new URL(url);
  const response = await forwardEgress(
    given.mirrors === undefined ? {} : { EGRESS_MIRRORS: given.mirrors },
    new Request('http://worker.test/gateway/egress', init),
    url,
    {
      ask: async (one) => {
        asked.push(one);
        return ok({ scope: SCOPE, verdict: given.verdict ?? { is: 'allowed', host } });
      },
      leads: async (hostname) => {
        looked.push(hostname);
        return given.leads ?? 'outside';
      },
      isMainloop: ({ port }, isPrivate) => isPrivate && port === given.own,
      fetch: async (input, sent) => {
        const request = new Request(input, sent);
        seen.push(request);
        return answer(request);
      },
    },
  );
  return { response, seen, asked, looked };
}

describe('a request that may leave', () => {
  it('goes out as it is, without what belongs to the way here', async () => {
    const headers = {
      authorization: 'Bearer of-a-private-index',
      accept: 'application/vnd.npm.install-v1+json',
      connection: 'keep-alive, x-hop',
      'x-hop': '1',
      te: 'trailers',
      'proxy-authorization': 'Basic secret',
      [EGRESS_HEADERS.token]: 'mlt.secret',
      [EGRESS_HEADERS.key]: 'key',
      'cf-connecting-ip': '10.0.0.1',
    };
    const url = 'https://registry.example/a?b=%2f';
    const { seen } = await forward(url, { headers }, () => new Response('ok'));
    expect(seen[0]?.url).toBe(url);
    expect(Object.fromEntries(seen[0]?.headers ?? [])).toEqual({
      authorization: headers.authorization,
      accept: headers.accept,
    });
    expect(seen[0]?.redirect).toBe('manual');
  });

  it('streams both ways, a part at a time', async () => {
    const body = new ReadableStream({
      start: (controller) => {
        controller.enqueue(encoder.encode('sent'));
        controller.close();
      },
    });
    const { promise: more, resolve: goOn } = Promise.withResolvers<void>();
    const { response, seen } = await forward('https://a.example/', { method: 'POST', body }, () => {
      const parts = new ReadableStream({
        start: async (controller) => {
          controller.enqueue(encoder.encode('one '));
          await more;
          controller.enqueue(encoder.encode('two'));
          controller.close();
        },
      });
      return new Response(parts);
    });
    expect(await seen[0]?.text()).toBe('sent');
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect(await reader?.read()).toEqual({ done: false, value: 'one ' });
    goOn();
    expect(await reader?.read()).toEqual({ done: false, value: 'two' });
  });

  it('hands back status, headers, length and a redirect that the sandbox has to follow itself', async () => {
    const { response } = await forward('https://a.example/', {}, () => {
      const headers = { location: 'http://169.254.169.254/', 'content-length': '5' };
      return new Response('moved', { status: 302, headers });
    });
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('http://169.254.169.254/');
    expect(response.headers.get('content-length')).toBe('5');
    expect(await response.text()).toBe('moved');
  });

  it.each([
    ['HEAD', 200, '1000000'],
    ['GET', 204, null],
    ['GET', 304, null],
  ])('%s answered with %i has no body', async (method, status, length) => {
    const { response } = await forward('https://a.example/', { method }, () => {
      return new Response(null, {
        status,
        ...(length && { headers: { 'content-length': length } }),
      });
    });
    expect(response.status).toBe(status);
    expect(await response.text()).toBe('');
  });

  it('is one line in the log, with the bytes that came', async () => {
    const lines = vi.spyOn(console, 'info');
    const { response } = await forward('https://a.example/x', {}, () => new Response('12345'));
    await response.text();
    const said = lines.mock.calls.map(([line]) => JSON.parse(String(line)));
    expect(said.filter(({ event }) => event === 'gateway.egress')).toEqual([
      {
        level: 'info',
        event: 'gateway.egress',
        ...SCOPE,
        host: 'a.example',
        method: 'GET',
        status: 200,
        bytes: 5,
      },
    ]);
    lines.mockRestore();
  });

  it('to a host that is away is answered in words', async () => {
    const { response } = await forward('https://a.example/', {}, () => {
      throw new TypeError('connection refused');
    });
    expect(response.status).toBe(502);
    expect(await response.text()).toBe('a.example cannot be reached: it does not answer.\n');
  });

  it('of a mirrored registry goes to the mirror', async () => {
    const mirrors = JSON.stringify({ 'registry.npmjs.org': 'http://mirror.example:81/npm/' });
    const url = 'https://registry.npmjs.org/@a%2fb?c=1';
    const { seen } = await forward(url, {}, () => new Response('ok'), { mirrors });
    expect(seen[0]?.url).toBe('http://mirror.example:81/npm/@a%2fb?c=1');
    const other = await forward('https://pypi.org/', {}, () => new Response('ok'), { mirrors });
    expect(other.seen[0]?.url).toBe('https://pypi.org/');
  });
});

it('a name that leads to a private address is asked for as such', async () => {
  const answer = () => new Response('ok');
  const { asked, looked } = await forward('https://a.example/', {}, answer, { leads: 'inside' });
  expect(looked).toEqual(['a.example']);
  const one = { method: 'GET', url: 'https://a.example/' };
  expect(asked).toEqual([
    { ...one, leadsTo: 'anywhere' },
    { ...one, leadsTo: 'inside' },
  ]);
});

it('a public name that leads back to Mainloop is asked for as Mainloop, listed or not', async () => {
  const url = 'http://back.example:8787/api';
  const given = { leads: 'inside', own: '8787' } as const;
  const { asked } = await forward(url, {}, () => new Response('ok'), given);
  expect(asked.map(({ leadsTo }) => leadsTo)).toEqual(['anywhere', 'mainloop']);
});

it('a name that nobody knows now is not gone to, whatever it leads to later', async () => {
  const given = { leads: 'nowhere' } as const;
  const { response, seen } = await forward('https://a.example/', {}, () => new Response(), given);
  expect(seen).toEqual([]);
  expect(response.status).toBe(502);
  expect(await response.text()).toBe('a.example cannot be reached: its name is not known.\n');
});

it('mirrors that cannot be read are none', () => {
  for (const text of ['{', '[]', '{"a": 1}', '{"a": "file:///etc"}']) {
    expect(readMirrors('EGRESS_MIRRORS', text).hosts.size).toBe(0);
  }
  expect([...readMirrors('EGRESS_MIRRORS', '{"a": "http://b:81/c"}').hosts]).toEqual(['b:81']);
});

it('a request that may not leave goes nowhere', async () => {
  const text = 'a.example cannot be reached.';
  const verdict = { is: 'refused', host: 'a.example', asked: 'a.example', text } as const;
  const answer = () => new Response('ok');
  const { response, seen, looked } = await forward('https://a.example/', {}, answer, { verdict });
  expect(seen).toEqual([]);
  // Looked up, a name is told to whoever serves it.
  expect(looked).toEqual([]);
  expect([response.status, response.statusText]).toEqual([403, 'Forbidden by Mainloop']);
  expect(await response.text()).toBe(`${text}\n`);
  const upgrade = { headers: { upgrade: 'websocket', connection: 'upgrade' } };
  const asked = await forward('https://a.example/', upgrade, () => new Response('ok'));
  expect(asked.seen).toEqual([]);
  expect(await asked.response.text()).toContain('WebSockets');
});

describe('a local sandbox’s host', () => {
  const ask = (task: OpenTask, url: string, changed: Record<string, string> = {}, init = {}) => {
    const headers = {
      [EGRESS_HEADERS.key]: 'test-sandbox-key',
      [EGRESS_HEADERS.token]: formatToken(task.pass()),
      [EGRESS_HEADERS.url]: url,
      authorization: 'Bearer of-a-private-index',
      ...changed,
    };
    const request = new Request('http://gateway.test/gateway/egress', { ...init, headers });
    return gateway.fetch(request, env);
  };

  it('is let in with its key and the token of a task that is at work only', async () => {
    const task = await startedTask();
    const url = 'https://example.com/';
    expect((await ask(task, url, { [EGRESS_HEADERS.key]: 'another' })).status).toBe(404);
    expect((await ask(task, url, { [EGRESS_HEADERS.key]: '' })).status).toBe(404);
    expect((await ask(task, url, { [EGRESS_HEADERS.token]: 'mlt.x' })).status).toBe(401);
    const { LOCAL_SANDBOX_URL: _, ...without } = env;
    const bare = new Request('http://gateway.test/gateway/egress');
    expect((await gateway.fetch(bare, without)).status).toBe(404);
    expect((await ask(task, url)).status).toBe(403);
    await askTask(task.stub, CANCEL);
    expect((await ask(task, url)).status).toBe(410);
  });

  it('gets nowhere with the address of Mainloop itself, whatever is listed', async () => {
    const task = await queuedTask();
    task.fakes.settings = {
      ...task.fakes.settings,
      egress: { is: 'list', hosts: ['localhost:8787', 'localhost:8788'] },
    };
    await task.stub.advance(1, 1);
    const at = 'http://127.0.0.1:8787/gateway/egress';
    const headers = {
      [EGRESS_HEADERS.key]: 'test-sandbox-key',
      [EGRESS_HEADERS.token]: formatToken(task.pass()),
    };
    const status = async (url: string) =>
      (
        await gateway.fetch(
          new Request(at, { headers: { ...headers, [EGRESS_HEADERS.url]: url } }),
          env,
        )
      ).status;
    expect(await status('http://localhost:8787/api/messages')).toBe(403);
    expect(await task.stub.egressRefusals()).toMatchObject([{ asked: 'localhost:8787' }]);
    expect(await status('http://localhost:8788/')).toBe(502);
  });
});
