import { describe, expect, it } from 'vitest';
import { type Credentials, credentialsFrom } from '../github/credentials.ts';
import { forwardGit } from './git.ts';
import { BEFORE, FLUSH, ZERO, bytesOf, packet, pushHead } from './testing/push.ts';
import { SCOPE, given, upstream } from './testing/upstream.ts';

const ENV = { GITHUB_URL: 'http://github.test' };
const HOST_TOKEN = credentialsFrom('host-token', 'token', 'The host refuses the token.');
const BASE = `http://gateway.test/gateway/git/${SCOPE.repository}.git`;
const REF = `refs/heads/${SCOPE.branch}`;
const FORBIDDEN = { is: 'refused', error: 'forbidden' };
const PACK = 'PACK\0\u0001 and its bytes';

/** Asks the gateway for a path of the repository, with a host behind it that says yes. */
async function ask(
  rest: string,
  init: RequestInit = {},
  changed: Partial<{
    repository: string;
    scope: typeof SCOPE;
    answer: () => Response;
    isCleared: boolean;
    credentials: Pick<Credentials, 'of' | 'refused'>;
  }> = {},
) {
  const { asked, fetcher } = upstream(changed.answer ?? (() => new Response('host says')));
  const [path = ''] = rest.split('?');
  const target = { repository: changed.repository ?? SCOPE.repository, rest: path };
  const request = new Request(`${BASE}/${rest}`, init);
  const result = await forwardGit(ENV, changed.scope ?? SCOPE, request, target, {
    isCleared: async () => changed.isCleared ?? true,
    credentials: changed.credentials ?? HOST_TOKEN,
    fetch: fetcher,
  });
  return { result, asked };
}

/** Chunks as they come off the wire. */
function stream(...chunks: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(bytesOf(chunk));
      controller.close();
    },
  });
}

const push = (body: BodyInit, changed?: Parameters<typeof ask>[2], headers: HeadersInit = {}) =>
  ask('git-receive-pack', { method: 'POST', body, headers }, changed);

describe('clone and fetch', () => {
  it('reach the task’s repository with the installation’s token, and not with the caller’s', async () => {
    const { result, asked } = await ask('info/refs?service=git-upload-pack', {
      headers: {
        authorization: 'Basic dGFzazp0b2tlbg==',
        cookie: 'a=b',
        'x-api-key': 'k',
        'git-protocol': 'version=2',
      },
    });
    expect(await given(result).text()).toBe('host says');
    expect(asked).toMatchObject([
      { url: 'http://github.test/demo/tasks.git/info/refs?service=git-upload-pack' },
    ]);
    expect(Object.fromEntries(asked[0]?.headers ?? [])).toEqual({
      authorization: `Basic ${btoa('x-access-token:host-token')}`,
      'git-protocol': 'version=2',
    });
  });

  it('send what git asks for as it is', async () => {
    const { result, asked } = await ask('git-upload-pack', { method: 'POST', body: '0032want' });
    expect(given(result).status).toBe(200);
    expect(asked).toMatchObject([{ method: 'POST', body: '0032want' }]);
  });

  it('get the host’s answer with its status, without its cookies', async () => {
    const answer = () =>
      new Response('no', {
        status: 404,
        headers: {
          'content-type': 'text/plain',
          'set-cookie': 'a=b',
          location: 'http://evil.test',
        },
      });
    const { result } = await ask('info/refs?service=git-upload-pack', {}, { answer });
    expect(given(result).status).toBe(404);
    expect(Object.fromEntries(given(result).headers)).toEqual({ 'content-type': 'text/plain' });
  });

  it('are sent again with another token, once, when the host ends the first one', async () => {
    const sent: string[] = [];
    const credentials: Pick<Credentials, 'of' | 'refused'> = {
      of: async (_, purpose) => {
        const token = `${purpose}-${sent.length}`;
        sent.push(token);
        return {
          is: 'ok',
          value: { scheme: 'token', token, holder: 'app', onRefusal: 'The host refuses that.' },
        };
      },
      refused: () => true,
    };
    const answers = [new Response('who?', { status: 401 }), new Response('host says')];
    const answer = () => answers.shift() ?? new Response('who?', { status: 401 });
    const good = await ask('info/refs?service=git-receive-pack', {}, { answer, credentials });
    expect(await given(good.result).text()).toBe('host says');
    expect(good.asked.map(({ headers }) => headers.get('authorization'))).toEqual([
      `Basic ${btoa('x-access-token:push-0')}`,
      `Basic ${btoa('x-access-token:push-1')}`,
    ]);
    const bad = await ask('info/refs?service=git-upload-pack', {}, { answer, credentials });
    expect(bad.asked).toHaveLength(2);
    expect(given(bad.result).status).toBe(403);
    expect(await given(bad.result).text()).toBe('Mainloop says: The host refuses that.\n');
  });

  it('are told in words why there is no token, with no word to the host', async () => {
    const why = 'The GitHub App Helper is not installed on demo/tasks.';
    const credentials: Pick<Credentials, 'of' | 'refused'> = {
      of: async () => ({ is: 'failed', failure: { is: 'unauthorized', why } }),
      refused: () => false,
    };
    const { result, asked } = await ask('info/refs?service=git-upload-pack', {}, { credentials });
    expect(await given(result).text()).toBe(`Mainloop says: ${why}\n`);
    expect(asked).toEqual([]);
  });

  it('are told when the host is away', async () => {
    const answer = () => {
      throw new TypeError('connection refused');
    };
    const { result } = await ask('info/refs?service=git-upload-pack', {}, { answer });
    expect(given(result).status).toBe(502);
  });
});

describe('a push', () => {
  it('of the task’s branch reaches the host whole, however it is cut', async () => {
    const text = pushHead([{ ref: REF }]) + PACK;
    for (const cut of [0, 3, 60, text.length - PACK.length, text.length - 2]) {
      const { result, asked } = await push(stream(text.slice(0, cut), text.slice(cut)));
      expect(given(result).status).toBe(200);
      expect(asked).toMatchObject([{ method: 'POST', body: text }]);
    }
  });

  it('of a great pack reaches the host whole', async () => {
    const chunks = Array.from({ length: 300 }, (_, at) => String(at % 10).repeat(10_000));
    const { asked } = await push(stream(pushHead([{ ref: REF }]), ...chunks));
    expect(asked[0]?.body.length).toBe(pushHead([{ ref: REF }]).length + 3_000_000);
  });

  it('may ask first whether it may, as git does before a large one', async () => {
    const { result, asked } = await push(FLUSH);
    expect(given(result).status).toBe(200);
    expect(asked).toMatchObject([{ body: FLUSH }]);
  });

  it('takes nothing along behind such a question', async () => {
    const { asked } = await push(FLUSH + pushHead([{ ref: 'refs/heads/main' }]) + PACK);
    expect(asked.map(({ body }) => body)).toEqual([FLUSH]);
  });

  it.each([
    ['another branch', pushHead([{ ref: 'refs/heads/main' }]) + PACK],
    ['another branch besides', pushHead([{ ref: REF }, { ref: 'refs/heads/main' }]) + PACK],
    ['what is there already, and no evidence', pushHead([{ before: BEFORE, ref: REF }]) + PACK],
    ['a tag', pushHead([{ ref: 'refs/tags/v1' }]) + PACK],
    ['a deletion', pushHead([{ before: BEFORE, after: ZERO, ref: REF }])],
    ['a head that never ends', packet(`${ZERO} ${BEFORE} ${REF}\0`)],
    ['no push at all', 'hello'],
    ['commands without end', pushHead(Array.from({ length: 20_000 }, () => ({ ref: REF })))],
  ])('with %s never reaches the host', async (_, body) => {
    const { result, asked } = await push(body);
    expect(result).toMatchObject(FORBIDDEN);
    expect(asked).toEqual([]);
  });

  it('that its task was not shown never reaches the host', async () => {
    const { result, asked } = await push(pushHead([{ ref: REF }]) + PACK, { isCleared: false });
    expect(result).toMatchObject(FORBIDDEN);
    expect(asked).toEqual([]);
  });

  it('that is compressed never reaches the host, because it cannot be read', async () => {
    const body = pushHead([{ ref: REF }]) + PACK;
    const { result, asked } = await push(body, {}, { 'content-encoding': 'gzip' });
    expect(result).toMatchObject(FORBIDDEN);
    expect(asked).toEqual([]);
  });

  it('never changes the base branch, even if that were the task’s', async () => {
    const scope = { ...SCOPE, branch: 'main' };
    const { result, asked } = await push(pushHead([{ ref: 'refs/heads/main' }]), { scope });
    expect(result).toMatchObject(FORBIDDEN);
    expect(asked).toEqual([]);
  });
});

describe('anything else', () => {
  it.each([
    ['GET', 'info/refs'],
    ['GET', 'info/refs?service=git-upload-archive'],
    ['GET', 'info/refs?service=git-upload-pack%26x'],
    ['POST', 'info/refs?service=git-upload-pack'],
    ['GET', 'git-upload-pack'],
    ['DELETE', 'git-receive-pack'],
    ['GET', 'HEAD'],
    ['GET', 'objects/info/packs'],
    ['POST', 'info/lfs/objects/batch'],
  ])('is refused without a word to the host: %s %s', async (method, rest) => {
    const { result, asked } = await ask(rest, { method });
    expect(result).toMatchObject(FORBIDDEN);
    expect(asked).toEqual([]);
  });

  it.each(['demo/other', 'other/tasks', 'DEMO/tasks', 'demo/tasks.wiki'])(
    'another repository is refused: %s',
    async (repository) => {
      const { result, asked } = await ask('info/refs?service=git-upload-pack', {}, { repository });
      expect(result).toMatchObject(FORBIDDEN);
      expect(asked).toEqual([]);
    },
  );
});
