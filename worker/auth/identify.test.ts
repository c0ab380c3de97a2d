import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identify, isLoopback } from './identify.ts';
import { type KeyServer, startKeyServer } from './testing/key-server.ts';
import { type SigningKey, newKey, seconds, sign } from './testing/keys.ts';

let key: SigningKey;
let server: KeyServer;

beforeAll(async () => {
  key = await newKey('key-1');
  server = await startKeyServer([key.jwk]);
});
afterAll(() => server.close());

const LOCAL = 'http://127.0.0.1:8787/api/messages';
const PUBLIC = 'https://mainloop.example.com/api/messages';
const ask = (url: string, headers: Record<string, string> = {}) => new Request(url, { headers });
const access = () => ({ ACCESS_TEAM_DOMAIN: server.origin, ACCESS_AUD: 'app' });
const tokenOf = (sub: string, aud = 'app') =>
  sign(key, { iss: server.origin, aud, sub, exp: seconds(600) });

describe('with nothing configured', () => {
  it.each([LOCAL, PUBLIC])('nobody comes in at %s', async (url) => {
    expect(await identify({}, ask(url))).toEqual({ is: 'not_configured' });
  });

  it.each([
    ['only a team', { ACCESS_TEAM_DOMAIN: 'team.cloudflareaccess.com' }],
    ['only an audience', { ACCESS_AUD: 'app' }],
  ])('nobody comes in with %s either, not even the local person', async (_, half) => {
    expect(await identify(half, ask(LOCAL))).toEqual({ is: 'not_configured' });
    expect(await identify({ ...half, LOCAL_PERSON: 'you@localhost' }, ask(LOCAL))).toEqual({
      is: 'not_configured',
    });
  });
});

describe('the local person', () => {
  const env = { LOCAL_PERSON: 'you@localhost' };

  it.each([LOCAL, 'http://localhost:1/', 'http://[::1]:1/'])('comes in at %s', async (url) => {
    expect(await identify(env, ask(url))).toEqual({
      is: 'person',
      person: { id: 'local:you@localhost', email: 'you@localhost', expiresAt: null },
    });
  });

  it.each([
    PUBLIC,
    'http://192.168.1.7:8787/',
    'http://0.0.0.0:8787/',
    'http://localhost.evil.test/',
    'http://127.0.0.1.evil.test/',
    'http://mainloop.workers.dev/',
  ])('is not believed at %s', async (url) => {
    expect(await identify(env, ask(url))).toEqual({ is: 'nobody' });
  });

  it('is not brought in by headers', async () => {
    const headers = {
      'x-forwarded-host': 'localhost',
      'x-forwarded-for': '127.0.0.1',
      'cf-connecting-ip': '127.0.0.1',
      'cf-access-authenticated-user-email': 'you@localhost',
    };
    expect(await identify(env, ask(PUBLIC, headers))).toEqual({ is: 'nobody' });
  });
});

describe('with Cloudflare Access configured', () => {
  it('the person of the token comes in', async () => {
    const headers = { 'cf-access-jwt-assertion': await tokenOf('subject-1') };
    const identity = await identify(access(), ask(PUBLIC, headers));
    expect(identity).toMatchObject({ is: 'person', person: { id: 'subject-1' } });
  });

  it('nobody comes in without a token, on loopback neither, however the Worker was told', async () => {
    for (const env of [access(), { ...access(), LOCAL_PERSON: 'you@localhost' }]) {
      expect(await identify(env, ask(PUBLIC))).toEqual({ is: 'nobody' });
      expect(await identify(env, ask(LOCAL))).toEqual({ is: 'nobody' });
    }
  });

  it('a name in a header is never believed', async () => {
    const headers = { 'cf-access-authenticated-user-email': 'ada@example.com' };
    expect(await identify(access(), ask(PUBLIC, headers))).toEqual({ is: 'nobody' });
  });

  it('a token for another application opens nothing', async () => {
    const headers = { 'cf-access-jwt-assertion': await tokenOf('subject-1', 'another') };
    expect(await identify(access(), ask(PUBLIC, headers))).toEqual({ is: 'nobody' });
  });
});

it('loopback is told from an address that only looks like it', () => {
  expect(isLoopback('http://localhost/')).toBe(true);
  expect(isLoopback('http://localhost@evil.test/')).toBe(false);
  expect(isLoopback('http://evil.test/?localhost')).toBe(false);
});
