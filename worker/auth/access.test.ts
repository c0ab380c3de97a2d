import {
  type JWTPayload,
  type JWTVerifyGetKey,
  SignJWT,
  UnsecuredJWT,
  createLocalJWKSet,
  exportPKCS8,
  exportSPKI,
  importPKCS8,
  importSPKI,
  jwtVerify,
} from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { teamOrigin, verifyAccess } from './access.ts';
import { type SigningKey, newKey, seconds, sign } from './testing/keys.ts';

const SETTINGS = { teamDomain: 'team.cloudflareaccess.com', audience: 'the-application' };
const ISSUER = 'https://team.cloudflareaccess.com';

let key: SigningKey;
let stranger: SigningKey;
let spki: string;

beforeAll(async () => {
  [key, stranger] = await Promise.all([newKey('key-1'), newKey('key-9')]);
  spki = await exportSPKI(key.publicKey);
});

const claims = (changed: JWTPayload = {}): JWTPayload => ({
  iss: ISSUER,
  aud: ['the-application'],
  sub: 'subject-1',
  email: 'ada@example.com',
  iat: seconds(-10),
  nbf: seconds(-10),
  exp: seconds(600),
  ...changed,
});

const verify = (token: string) =>
  verifyAccess(token, SETTINGS, createLocalJWKSet({ keys: [key.jwk] }));

describe('a valid token', () => {
  it('gives the person, named by the subject', async () => {
    const exp = seconds(600);
    expect(await verify(await sign(key, claims({ exp })))).toEqual({
      id: 'subject-1',
      email: 'ada@example.com',
      expiresAt: exp * 1_000,
    });
  });

  it('may have no e-mail address, as a service token has none', async () => {
    const { email: _email, ...without } = claims();
    expect(await verify(await sign(key, without))).toMatchObject({ email: 'subject-1' });
  });

  it('may be a few seconds old by our clock, and no more', async () => {
    expect(await verify(await sign(key, claims({ exp: seconds(-1) })))).not.toBeNull();
    expect(await verify(await sign(key, claims({ exp: seconds(-30) })))).toBeNull();
  });
});

describe('a token is refused', () => {
  const WRONG: Record<string, JWTPayload> = {
    'for another application': { aud: ['another'] },
    'for no application': { aud: [] },
    'from another team': { iss: 'https://evil.cloudflareaccess.com' },
    'from the team over plain HTTP': { iss: 'http://team.cloudflareaccess.com' },
    'that expired': { exp: seconds(-3_600) },
    'that is not valid yet': { nbf: seconds(3_600) },
    'with an empty subject': { sub: '' },
    'with an endless subject': { sub: 's'.repeat(301) },
  };

  it.each(Object.entries(WRONG))('%s', async (_, changed) => {
    expect(await verify(await sign(key, claims(changed)))).toBeNull();
  });

  it.each(['iss', 'aud', 'sub', 'exp'])('without %s', async (claim) => {
    const { [claim]: _left, ...without } = claims();
    expect(await verify(await sign(key, without))).toBeNull();
  });

  it.each(['none', 'None', 'NONE', 'nOnE', ''])('with alg %j', async (alg) => {
    expect(await verify(new UnsecuredJWT(claims()).encode())).toBeNull();
    const header = { alg, kid: key.kid, typ: 'JWT' };
    const [, body, signature] = (await sign(key, claims())).split('.');
    const begins = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${body}`;
    for (const ends of ['', signature]) expect(await verify(`${begins}.${ends}`)).toBeNull();
  });

  it.each(['PS256', 'RS384', 'RS512'])('that our key signed as %s', async (alg) => {
    const secret = await importPKCS8(await exportPKCS8(key.privateKey), alg);
    const header = { alg, kid: key.kid };
    const token = await new SignJWT(claims()).setProtectedHeader(header).sign(secret);
    const open: JWTVerifyGetKey = () => importSPKI(spki, alg);
    // Signed well, and with a key for it: it is the algorithm that is refused.
    expect((await jwtVerify(token, open)).payload.sub).toBe('subject-1');
    expect(await verifyAccess(token, SETTINGS, open)).toBeNull();
    expect(await verify(token)).toBeNull();
  });

  it('that is signed with the public key as an HMAC secret', async () => {
    const pem = await exportSPKI(key.publicKey);
    for (const secret of [pem, JSON.stringify(key.jwk), key.jwk.n ?? '']) {
      const token = await new SignJWT(claims())
        .setProtectedHeader({ alg: 'HS256', kid: key.kid })
        .sign(new TextEncoder().encode(secret));
      expect(await verify(token)).toBeNull();
    }
  });

  it('that a stranger signed under our key id', async () => {
    expect(await verify(await sign({ ...stranger, kid: key.kid }, claims()))).toBeNull();
  });

  it('with a key id that nobody knows', async () => {
    expect(await verify(await sign(stranger, claims()))).toBeNull();
    expect(await verify(await sign({ ...key, kid: 'key-2' }, claims()))).toBeNull();
  });

  it('without a key id, or with one that is none', async () => {
    for (const kid of ['', '../key-1', 'key-1\u0000', 'https://evil.test/key-1']) {
      expect(await verify(await sign({ ...key, kid }, claims()))).toBeNull();
    }
    const nameless = new SignJWT(claims()).setProtectedHeader({ alg: 'RS256' });
    expect(await verify(await nameless.sign(stranger.privateKey))).toBeNull();
  });

  it('that demands what nobody here knows', async () => {
    const crit = { crit: ['evil'], evil: true };
    const token = new SignJWT(claims()).setProtectedHeader({ alg: 'RS256', kid: key.kid, ...crit });
    expect(await verify(await token.sign(key.privateKey, { crit: { evil: true } }))).toBeNull();
  });

  it('that brings its own key or says where to fetch one', async () => {
    const jku = 'http://evil.test/keys';
    const x5u = 'http://evil.test/certificate';
    expect(await verify(await sign(stranger, claims(), { x5u }))).toBeNull();
    expect(await verify(await sign(stranger, claims(), { jwk: stranger.jwk }))).toBeNull();
    expect(await verify(await sign(stranger, claims(), { jku }))).toBeNull();
    const asOurs = { ...stranger, kid: key.kid };
    expect(await verify(await sign(asOurs, claims(), { jwk: stranger.jwk, jku }))).toBeNull();
  });

  it('whose claims were changed after signing', async () => {
    const [header, , signature] = (await sign(key, claims())).split('.');
    const changed = Buffer.from(JSON.stringify(claims({ sub: 'subject-2' }))).toString('base64url');
    expect(await verify(`${header}.${changed}.${signature}`)).toBeNull();
  });

  it.each(['', 'x', 'a.b.c', '..', 'null'])('that is no token: %j', async (token) => {
    expect(await verify(token)).toBeNull();
  });
});

describe('teamOrigin', () => {
  it('takes a host name or an origin', () => {
    expect(teamOrigin('team.cloudflareaccess.com')).toBe(ISSUER);
    expect(teamOrigin('http://127.0.0.1:9000/')).toBe('http://127.0.0.1:9000');
  });
});
