import { generateKeyPairSync } from 'node:crypto';
import { expect, it } from 'vitest';
import { readAppKey } from './key.ts';

const PAIR = generateKeyPairSync('rsa', { modulusLength: 2048 });
const EC = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const locked = { cipher: 'aes-256-cbc', passphrase: 'of the test' };

it.each(['pkcs1', 'pkcs8'] as const)('reads a key of %s', async (type) => {
  const pem = PAIR.privateKey.export({ type, format: 'pem' }).toString();
  expect(await readAppKey(pem)).toMatchObject({ is: 'key' });
});

it.each([
  ['its address', '/home/me/app.pem', /is no key: it is the whole text of the \.pem/],
  [
    'half of it',
    PAIR.privateKey.export({ type: 'pkcs1', format: 'pem' }).slice(0, 400),
    /is no key/,
  ],
  [
    'the public half',
    PAIR.publicKey.export({ type: 'spki', format: 'pem' }),
    /is a PUBLIC KEY, and not the RSA PRIVATE KEY/,
  ],
  [
    'one with a passphrase',
    PAIR.privateKey.export({ type: 'pkcs8', format: 'pem', ...locked }),
    /has a passphrase.*openssl pkcs8 -topk8 -nocrypt/,
  ],
  [
    'an older one with a passphrase',
    PAIR.privateKey.export({ type: 'pkcs1', format: 'pem', ...locked }),
    /has a passphrase/,
  ],
  [
    'one for signing otherwise',
    EC.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    /is damaged, or not an RSA key/,
  ],
  [
    'one that lost a line',
    PAIR.privateKey
      .export({ type: 'pkcs1', format: 'pem' })
      .toString()
      .replace(/\n.{64}\n/, '\n'),
    /is damaged/,
  ],
])('says what is wrong with %s, and nothing of what is in it', async (_, given, sentence) => {
  const read = await readAppKey(given.toString());
  expect(read).toMatchObject({ is: 'none', why: expect.stringMatching(sentence) });
  expect(JSON.stringify(read).length).toBeLessThan(250);
});
