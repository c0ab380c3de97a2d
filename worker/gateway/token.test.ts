import { describe, expect, it } from 'vitest';
import { formatToken, newSecret, parseToken, tokenOf } from './token.ts';

const PASS = { objectId: '0a'.repeat(32), generation: 12, secret: 'aB3_-'.padEnd(43, 'x') };
const TOKEN = formatToken(PASS);

describe('a task’s token', () => {
  it('says the same after it was written and read', () => {
    expect(parseToken(TOKEN)).toEqual(PASS);
    const fresh = { ...PASS, secret: newSecret() };
    expect(parseToken(formatToken(fresh))).toEqual(fresh);
  });

  it('has a secret of its own each time', () => {
    const secrets = new Set(Array.from({ length: 50 }, newSecret));
    expect(secrets.size).toBe(50);
  });

  it.each([
    ['nothing', null],
    ['an empty text', ''],
    ['another prefix', TOKEN.replace('mlt', 'tok')],
    ['generation 0', formatToken({ ...PASS, generation: 0 })],
    ['a negative generation', formatToken({ ...PASS, generation: -1 })],
    ['a generation with a leading zero', TOKEN.replace('.12.', '.012.')],
    ['a generation beyond all bounds', TOKEN.replace('.12.', '.1234567890.')],
    ['an object’s id that is too short', formatToken({ ...PASS, objectId: '0a' })],
    ['an object’s id in upper case', formatToken({ ...PASS, objectId: '0A'.repeat(32) })],
    ['a secret that is too short', TOKEN.slice(0, -1)],
    ['a secret that is too long', `${TOKEN}x`],
    ['a character that no secret has', `${TOKEN.slice(0, -1)}+`],
    ['a part too many', `${TOKEN}.x`],
    ['a line break at its end', `${TOKEN}\n`],
    ['space around it', ` ${TOKEN} `],
  ])('is not read from %s', (_, text) => {
    expect(parseToken(text)).toBeNull();
  });
});

describe('a request carries it', () => {
  const carried = (headers: Record<string, string>) => tokenOf(new Headers(headers));

  it.each(['Bearer', 'bearer', 'BEARER'])('as a bearer, whatever the case: %s', (scheme) => {
    expect(carried({ authorization: `${scheme} ${TOKEN}` })).toBe(TOKEN);
  });

  it.each(['x-access-token', '', 'any'])('as git’s password, whoever the user is: "%s"', (user) => {
    expect(carried({ authorization: `Basic ${btoa(`${user}:${TOKEN}`)}` })).toBe(TOKEN);
  });

  it('as an API key', () => {
    expect(carried({ 'x-api-key': TOKEN })).toBe(TOKEN);
  });

  it('as a bearer rather than as an API key when there are both', () => {
    expect(carried({ authorization: `Bearer ${TOKEN}`, 'x-api-key': 'other' })).toBe(TOKEN);
  });

  it('or carries none', () => {
    expect(parseToken(carried({}))).toBeNull();
    expect(parseToken(carried({ authorization: TOKEN }))).toBeNull();
    expect(parseToken(carried({ authorization: 'Bearer' }))).toBeNull();
    expect(parseToken(carried({ authorization: 'Basic !!!' }))).toBeNull();
    expect(parseToken(carried({ authorization: `Basic ${btoa(TOKEN)}` }))).toBeNull();
  });
});
