import { expect, it } from 'vitest';
import { credentialsOf } from './credentials.ts';
import { sentenceOf } from './failures.ts';
import { octokitGitHub } from './octokit.ts';
import { redactor } from '../platform/redactor.ts';
import { type Own, type OwnToken, ownerOf } from './own-token.ts';

const ENV = { GITHUB_API_URL: 'http://own.test/api', GITHUB_TOKEN: 'of-the-installation' };
const ANSWER = { full_name: 'demo/tasks', default_branch: 'main', private: true };

/** A person with this token, and a host that takes all but some. */
function at(url: string, kept: OwnToken, refuses: string[] = []) {
  const asked: string[] = [];
  const refused: string[] = [];
  const own: Own = { token: async () => kept, refused: (token) => void refused.push(token) };
  const fetcher: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const token = request.headers.get('authorization')?.split(' ')[1] ?? '';
    asked.push(`${new URL(request.url).pathname} ${token}`);
    if (refuses.includes(token))
      return Response.json({ message: 'Bad credentials' }, { status: 401 });
    return Response.json(
      request.url.includes('/user/repos')
        ? [ANSWER]
        : { ...ANSWER, login: 'ada', id: 7, html_url: 'http://own.test/ada' },
    );
  };
  const env = { ...ENV, GITHUB_API_URL: url };
  return {
    asked,
    refused,
    fetcher,
    port: octokitGitHub(env, credentialsOf(env, own, fetcher), fetcher),
  };
}

it('a person’s own token is used for all that is done for them', async () => {
  const { port, asked } = at('http://own.test/1', { is: 'token', token: 'of-ada' });
  await port.repository('demo/tasks');
  await port.repositories();
  expect(asked).toEqual(['/1/repos/demo/tasks of-ada', '/1/user/repos of-ada']);
});

it('who has none works as the installation does', async () => {
  const { port, asked } = at('http://own.test/2', { is: 'none' });
  await port.repository('demo/tasks');
  expect(asked).toEqual(['/2/repos/demo/tasks of-the-installation']);
});

it('one that is refused is told where it is kept, and nobody’s takes its place', async () => {
  const { port, asked, refused } = at('http://own.test/3', { is: 'token', token: 'old' }, ['old']);
  const answer = await port.repository('demo/tasks');
  expect(answer.is === 'failed' && sentenceOf(answer.failure, 'demo/tasks')).toMatch(
    /^GitHub refuses your own token: .*settings/,
  );
  expect(refused).toEqual(['old']);
  expect(asked).toHaveLength(1);
});

it('one that cannot be opened is said, and the host is not asked', async () => {
  const why = 'Your GitHub token cannot be used.';
  const { port, asked } = at('http://own.test/4', { is: 'closed', why });
  for (const answer of [await port.repository('demo/tasks'), await port.repositories()]) {
    expect(answer.is === 'failed' && sentenceOf(answer.failure, null)).toBe(why);
  }
  expect(asked).toEqual([]);
});

it('what the host said to one person is not taken for what it says to another', async () => {
  const answer = (token: string) => {
    const asked: (string | null)[] = [];
    const own: Own = { token: async () => ({ is: 'token', token }), refused: () => {} };
    const fetcher: typeof fetch = async (input, init) => {
      asked.push(new Request(input, init).headers.get('if-none-match'));
      return Response.json(ANSWER, { headers: { etag: '"1"' } });
    };
    const env = { GITHUB_API_URL: 'http://own.test/5' };
    return { asked, port: octokitGitHub(env, credentialsOf(env, own, fetcher), fetcher) };
  };
  const [ada, eve] = [answer('of-ada'), answer('of-eve')];
  for (const { port } of [ada, eve, ada]) await port.repository('demo/tasks');
  expect(ada.asked).toEqual([null, '"1"']);
  expect(eve.asked).toEqual([null]);
});

it('a new token is asked whose it is', async () => {
  const { fetcher } = at('http://own.test/6', { is: 'none' }, ['bad']);
  expect(await ownerOf('http://own.test/6', 'good', fetcher)).toEqual({
    is: 'ok',
    value: { login: 'ada', email: '7+ada@users.noreply.own.test', url: 'http://own.test/ada' },
  });
  expect(await ownerOf('http://own.test/6', 'bad', fetcher)).toMatchObject({
    failure: { why: 'GitHub does not take that token.' },
  });
});

it('that is used is a secret of this process from then on', async () => {
  const token = 'a-token-of-no-known-shape';
  const { port } = at('http://own.test/7', { is: 'token', token });
  await port.repository('demo/tasks');
  expect(redactor.text(`the host said ${token}`)).toBe('the host said [secret]');
});
