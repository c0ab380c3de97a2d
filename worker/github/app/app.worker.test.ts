import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { credentialsOf } from '../credentials.ts';
import { sentenceOf } from '../failures.ts';
import { octokitGitHub } from '../octokit.ts';
import type { GitHubResult } from '../port.ts';
import { HOUR_MS, appHost, newAppKey } from '../testing/app-host.ts';

const MINUTE_MS = 60_000;
let key: Awaited<ReturnType<typeof newAppKey>>;
let other: Awaited<ReturnType<typeof newAppKey>>;

beforeAll(async () => {
  [key, other] = await Promise.all([newAppKey(), newAppKey()]);
});
afterEach(() => void vi.useRealTimers());

/** The host of one test, and the Worker's way to it. */
function set(name: string, pem = key.pkcs1) {
  const host = appHost(name, key.publicKey);
  const env = { ...host.env, GITHUB_APP_PRIVATE_KEY: pem };
  const credentials = credentialsOf(env, null, host.fetcher);
  return { host, credentials, port: octokitGitHub(env, credentials, host.fetcher) };
}

const said = (result: GitHubResult<unknown>) =>
  result.is === 'ok' ? 'ok' : sentenceOf(result.failure, 'demo/tasks');

describe('a GitHub App', () => {
  it.each(['pkcs1', 'pkcs8'] as const)('works with a key in %s', async (form) => {
    const { port } = set(`form-${form}`, key[form]);
    expect(said(await port.repository('demo/tasks'))).toBe('ok');
  });

  it('works with a key whose lines are written on one', async () => {
    const { port } = set('one-line', key.pkcs1.replaceAll('\n', '\\n'));
    expect(said(await port.repository('demo/tasks'))).toBe('ok');
  });

  it('asks for the repository alone, and for no more than is done with it', async () => {
    const { host, credentials, port } = set('least');
    await port.repository('demo/tasks');
    await credentials.of('demo/tasks', 'fetch');
    await credentials.of('demo/tasks', 'push');
    expect(
      host.minted.map(({ repositories, permissions }) => ({ repositories, permissions })),
    ).toEqual([
      { repositories: ['tasks'], permissions: host.granted },
      { repositories: ['tasks'], permissions: { metadata: 'read', contents: 'read' } },
      { repositories: ['tasks'], permissions: { metadata: 'read', contents: 'write' } },
    ]);
  });

  it('may push workflows where it was granted that', async () => {
    const { host, credentials } = set('workflows');
    host.granted = { ...host.granted, workflows: 'write', administration: 'write' };
    await credentials.of('demo/tasks', 'push');
    expect(host.minted.at(-1)?.permissions).toEqual({
      metadata: 'read',
      contents: 'write',
      workflows: 'write',
    });
  });

  it('keeps a token until shortly before it ends', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { host, port } = set('expiry');
    await port.repository('demo/tasks');
    await port.repository('demo/tasks');
    expect(host.minted).toHaveLength(1);
    vi.setSystemTime(Date.now() + HOUR_MS - 6 * MINUTE_MS);
    await port.repository('demo/tasks');
    expect(host.minted).toHaveLength(1);
    vi.setSystemTime(Date.now() + 2 * MINUTE_MS);
    expect(said(await port.repository('demo/tasks'))).toBe('ok');
    expect(host.minted).toHaveLength(2);
  });

  it('asks anew, once, when a token ended before its time', async () => {
    const { host, port } = set('ended');
    await port.repository('demo/tasks');
    host.ended.add(host.minted[0]?.token ?? '');
    expect(said(await port.repository('demo/tasks'))).toBe('ok');
    expect(host.minted).toHaveLength(2);
    for (const number of [1, 2, 3, 4]) host.ended.add(`ghs_ended_${number}`);
    expect(said(await port.repository('demo/tasks'))).toMatch(/refuses the token that it gave/);
    expect(host.minted).toHaveLength(3);
  });

  it('that is not installed is said, with where to install it', async () => {
    const { host, port } = set('not-installed');
    host.installedOn = ['demo/other'];
    expect(said(await port.repository('demo/tasks'))).toBe(
      'The GitHub App Helper is not installed on demo/tasks, or there is no such repository. Install it: http://host.test/apps/helper/installations/new',
    );
    host.installedOn = ['demo/tasks'];
    expect(said(await port.repository('demo/tasks'))).toBe('ok');
  });

  it('that is suspended is said, also when that happens while a token is good', async () => {
    const { host, port } = set('suspended');
    expect(said(await port.repository('demo/tasks'))).toBe('ok');
    host.suspended = true;
    const sentence =
      'The installation of the GitHub App 12 on demo is suspended. Whoever manages demo can lift that: http://host.test/settings/installations/7';
    expect(said(await port.repository('demo/tasks'))).toBe(sentence);
    expect(said(await port.repository('demo/tasks'))).toBe(sentence);
    host.suspended = false;
    expect(said(await port.repository('demo/tasks'))).toBe('ok');
  });

  it('that lacks a permission is told which', async () => {
    const { host, port } = set('lacking');
    host.granted = {
      metadata: 'read',
      contents: 'read',
      issues: 'write',
      checks: 'read',
      statuses: 'read',
    };
    expect(said(await port.repository('demo/tasks'))).toMatch(
      /lacks permissions: contents \(write\), pull requests \(write\)\. Grant them/,
    );
  });

  it('with another App’s key is said', async () => {
    const { port } = set('wrong-key', other.pkcs1);
    expect(said(await port.repository('demo/tasks'))).toMatch(
      /^GitHub refuses the key of the GitHub App 12: .*Make a new one/,
    );
  });

  it('takes a new key while the old one is good, and after that', async () => {
    const { host } = set('rotation');
    host.keys.push(other.publicKey);
    const asked = async (pem: string, repository: string) => {
      const env = { ...host.env, GITHUB_APP_PRIVATE_KEY: pem };
      host.installedOn = [repository];
      const port = octokitGitHub(env, credentialsOf(env, null, host.fetcher), host.fetcher);
      return said(await port.repository(repository));
    };
    expect(await asked(key.pkcs1, 'demo/one')).toBe('ok');
    expect(await asked(other.pkcs1, 'demo/two')).toBe('ok');
    host.keys.shift();
    expect(await asked(other.pkcs1, 'demo/three')).toBe('ok');
    // A token outlives the key that it was asked for with.
    expect(await asked(key.pkcs1, 'demo/one')).toBe('ok');
    expect(await asked(key.pkcs1, 'demo/four')).toMatch(/refuses the key/);
  });

  it('lists what it is installed on', async () => {
    const { host, port } = set('list');
    host.installedOn = ['demo/one', 'demo/two'];
    const listed = await port.repositories();
    expect(listed.is === 'ok' && listed.value.map(({ name }) => name)).toEqual(host.installedOn);
    expect(host.minted).toMatchObject([{ permissions: { metadata: 'read' } }]);
    host.suspended = true;
    expect(await port.repositories()).toEqual({ is: 'ok', value: [] });
  });

  it('commits as its bot', async () => {
    const { credentials } = set('author');
    expect(await credentials.author('demo/tasks')).toEqual({
      is: 'ok',
      value: { name: 'helper[bot]', email: '99+helper[bot]@users.noreply.host.test' },
    });
  });

  it.each([
    [{ GITHUB_APP_PRIVATE_KEY: 'x' }, /^GITHUB_APP_PRIVATE_KEY is set, and GITHUB_APP_ID is not/],
    [{ GITHUB_APP_ID: '12' }, /^GITHUB_APP_ID is set, and GITHUB_APP_PRIVATE_KEY is not/],
    [{ GITHUB_APP_ID: '12', GITHUB_APP_PRIVATE_KEY: 'MIIE' }, /is no key: it is the whole text/],
  ])('that is set in part says so: %o', async (given, sentence) => {
    const env = { GITHUB_API_URL: 'http://nowhere.test', ...given };
    const nobody = () => Promise.reject(new Error('Nobody is asked.'));
    const port = octokitGitHub(env, credentialsOf(env, null, nobody), nobody);
    expect(said(await port.repository('demo/tasks'))).toMatch(sentence);
  });
});
