import { describe, expect, it } from 'vitest';
import { isOwnOrigin, needsOrigin } from './origin.ts';

const URL_HERE = 'https://mainloop.example.com/api/socket';
const from = (origin: string | null) =>
  new Request(URL_HERE, { headers: origin === null ? {} : { origin } });

describe('isOwnOrigin', () => {
  it('takes this very origin', () => {
    expect(isOwnOrigin(from('https://mainloop.example.com'))).toBe(true);
  });

  it.each([
    null,
    'null',
    '',
    'https://evil.test',
    'http://mainloop.example.com',
    'https://mainloop.example.com:8443',
    'https://mainloop.example.com.evil.test',
    'https://evil.test/https://mainloop.example.com',
    'https://sub.mainloop.example.com',
    'https://example.com',
  ])('refuses %j', (origin) => {
    expect(isOwnOrigin(from(origin))).toBe(false);
  });
});

describe('needsOrigin', () => {
  it.each(['GET', 'HEAD'])('a plain %s needs none', (method) => {
    expect(needsOrigin(new Request(URL_HERE, { method }))).toBe(false);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s does', (method) => {
    expect(needsOrigin(new Request(URL_HERE, { method }))).toBe(true);
  });

  it.each(['websocket', 'WebSocket'])('so does a GET that opens a socket: %s', (upgrade) => {
    expect(needsOrigin(new Request(URL_HERE, { headers: { upgrade } }))).toBe(true);
  });
});
