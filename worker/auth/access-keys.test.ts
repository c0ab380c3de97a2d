import { type JWTPayload, createRemoteJWKSet } from 'jose';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { verifyAccess } from './access.ts';
import { type KeyServer, startKeyServer } from './testing/key-server.ts';
import { type SigningKey, newKey, seconds, sign } from './testing/keys.ts';

let old: SigningKey;
let server: KeyServer;

beforeEach(async () => {
  old = await newKey('old');
  server = await startKeyServer([old.jwk]);
});
afterEach(() => server.close());

const claims = (): JWTPayload => ({
  iss: server.origin,
  aud: 'app',
  sub: 'subject-1',
  exp: seconds(600),
});
const settings = () => ({ teamDomain: server.origin, audience: 'app' });
const idOf = async (token: string) => (await verifyAccess(token, settings()))?.id ?? null;

it('keys come from the team’s own address, once for many tokens', async () => {
  expect(await idOf(await sign(old, claims()))).toBe('subject-1');
  expect(await idOf(await sign(old, claims()))).toBe('subject-1');
  expect(server.asked).toBe(1);
});

it('a rotation loses nobody: the new key passes at once and the old one still does', async () => {
  const keys = createRemoteJWKSet(new URL('/cdn-cgi/access/certs', server.origin), {
    cooldownDuration: 0,
  });
  const verify = async (token: string) => (await verifyAccess(token, settings(), keys))?.id;
  expect(await verify(await sign(old, claims()))).toBe('subject-1');
  const fresh = await newKey('fresh');
  server.keys = [old.jwk, fresh.jwk];
  expect(await verify(await sign(fresh, claims()))).toBe('subject-1');
  expect(await verify(await sign(old, claims()))).toBe('subject-1');
});

it('a rotation passes with the key set of the Worker too, after its short cooldown', async () => {
  expect(await idOf(await sign(old, claims()))).toBe('subject-1');
  const fresh = await newKey('fresh');
  server.keys = [fresh.jwk];
  const token = await sign(fresh, claims());
  await expect.poll(() => idOf(token), { timeout: 5_000, interval: 200 }).toBe('subject-1');
});

it('a key that was taken away counts no more once the keys are fetched again', async () => {
  const keys = createRemoteJWKSet(new URL('/cdn-cgi/access/certs', server.origin), {
    cooldownDuration: 0,
    cacheMaxAge: 0,
  });
  const token = await sign(old, claims());
  expect(await verifyAccess(token, settings(), keys)).not.toBeNull();
  server.keys = [];
  expect(await verifyAccess(token, settings(), keys)).toBeNull();
});

it('nobody comes in while the key server is away', async () => {
  const token = await sign(old, claims());
  const { origin } = server;
  await server.close();
  expect(await verifyAccess(token, { teamDomain: origin, audience: 'app' })).toBeNull();
});

it('while it is away, who has a known key still comes in, and an unknown one means no', async () => {
  const token = await sign(old, claims());
  expect(await idOf(token)).toBe('subject-1');
  const fresh = await newKey('fresh');
  server.keys = [old.jwk, fresh.jwk];
  await server.close();
  expect(await idOf(token)).toBe('subject-1');
  expect(await idOf(await sign(fresh, claims()))).toBeNull();
  // No stranger by the known id, either.
  expect(await idOf(await sign({ ...fresh, kid: 'old' }, claims()))).toBeNull();
});

it('a key that was known is not believed for ever while nobody answers for it', async () => {
  const keys = createRemoteJWKSet(new URL('/cdn-cgi/access/certs', server.origin), {
    cacheMaxAge: 0,
  });
  const token = await sign(old, claims());
  expect(await verifyAccess(token, settings(), keys)).not.toBeNull();
  const team = settings();
  await server.close();
  expect(await verifyAccess(token, team, keys)).toBeNull();
});

it('nobody comes in when the key server answers with something else', async () => {
  server.keys = [{ kty: 'nonsense', kid: 'old' }];
  expect(await idOf(await sign(old, claims()))).toBeNull();
});
