import { expect, describe, it } from 'vitest';
import { REDACTED, Redactor } from './redactor.ts';
import { KEY_BLOCK, SECRETS } from './testing/secrets.ts';

const redactor = new Redactor();

describe('without being told what is secret', () => {
  it.each(Object.entries(SECRETS))('%s goes, and what stands around it stays', (_, secret) => {
    for (const [before, after] of [
      ['before ', ' after'],
      ['a="', '"'],
      ['{"command":"line\\n', '\\nnext"}'],
      ['(', ')'],
      ['\n', '\n'],
    ]) {
      const shown = redactor.text(`${before}${secret}${after}`);
      expect(shown).not.toContain(secret.slice(-10));
      expect(shown.startsWith(before ?? '')).toBe(true);
      expect(shown.endsWith(after ?? '')).toBe(true);
      expect(shown).toContain(REDACTED);
    }
  });

  it('takes out every one of several', () => {
    const shown = redactor.text(Object.values(SECRETS).join(' and '));
    expect(shown.split(REDACTED)).toHaveLength(Object.keys(SECRETS).length + 1);
  });

  it.each([
    ['postgres://ada:hunter2@db.example:5432/main', 'postgres://ada:[secret]@db.example:5432/main'],
    ['https://x-access-token:abc@host/r.git', 'https://x-access-token:[secret]@host/r.git'],
    ['redis://:p@ss@host', 'redis://:[secret]@host'],
    ['amqp://u:a%40b@host/v', 'amqp://u:[secret]@host/v'],
    ['https://0123456789abcdef0123456789@sentry.example/1', 'https://[secret]@sentry.example/1'],
    ['authorization: bearer abc12345', 'authorization: bearer [secret]'],
    ['//registry.npmjs.org/:_authToken=abcdef-12345', '//registry.npmjs.org/:_authToken=[secret]'],
  ])('of %s it leaves what says where that led', (text, shown) => {
    expect(redactor.text(text)).toBe(shown);
  });

  it('takes a private key out whole, as JSON writes it, and also where its end was cut off', () => {
    expect(redactor.text(`a\n${KEY_BLOCK}\nb`)).toBe('a\n[secret]\nb');
    const json = JSON.stringify({ key: `${KEY_BLOCK}\n`, next: 'b' });
    expect(redactor.text(json)).toBe('{"key":"[secret]\\n","next":"b"}');
    expect(redactor.text(`${KEY_BLOCK.slice(0, 200)} and so on`)).toBe('[secret] and so on');
  });

  it.each([
    'The bearer of the basic plan asked for gateway.internal twice.',
    'Bearer authentication is missing; Basic authentication/authorization, too.',
    'commit 4d0d6c4f2b1a09876543210fedcba9876543210f',
    '7f1f3f0e-9c39-4f8c-9d0e-1b2c3d4e5f60 and 01ARZ3NDEKTSV4RRFFQ69G5FAV',
    '"integrity": "sha512-z6D6x8vFqkTqF0aBqDk0Yg6kq3W1Yl1v9w8b3Q2xkAKIA0123456789ABCDEFs0w=="',
    'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'npm_config_user_agent npm_lifecycle_event npm_package_json',
    'http://localhost:5173/@vite/client http://127.0.0.1:8787/chat git@github.com:octo/repo.git',
    'ssh://git@github.com:22/octo/repo https://github.com/octo/repo/compare/a@b...c',
    'postgres://ada@db.example/main and https://$USER:$PASSWORD@host, https://u:${TOKEN}@host',
    'const BEGINS = "-----BEGIN PRIVATE KEY-----"; // up to -----END PRIVATE KEY-----',
    'A `-----BEGIN PRIVATE KEY-----` line and a -----END PRIVATE KEY----- line',
    '-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUYxk3\n-----END CERTIFICATE-----',
    'ghp_ and github_pat_ and sk-ant- and xoxb- begin tokens',
    '_authToken=${NPM_TOKEN}',
    'secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY',
    'AKIA is not one, nor is ASIATIC_COUNTRIES_LIST_1',
    'eyJhbGciOiJSUzI1NiJ9 alone is a header',
    'cGxhbnRlZA== and 日本 🎉 \u0000',
    '',
  ])('leaves %j', (text) => {
    expect(redactor.text(text)).toBe(text);
  });

  it('finds nothing more in what it has shown', () => {
    const shown = redactor.text(Object.values(SECRETS).join('\n'));
    expect(redactor.text(shown)).toBe(shown);
  });

  it('is quick with a long text', () => {
    const text =
      'https://host:8080/aaaa Bearer of -----BEGIN ghp_ eyJ.eyJ. secret_access_key '.repeat(15_000);
    const began = performance.now();
    expect(redactor.text(text)).toBe(text);
    // Some tens of milliseconds; one that tried each beginning anew would take minutes.
    expect(performance.now() - began).toBeLessThan(5_000);
  });
});

describe('what it is told', () => {
  const told = new Redactor();
  told.know(['correct horse battery']);
  told.know(['hunter2-hunter2', 'hunter2-hunter2-and-more', 'short']);

  it('goes in each form, the longer one whole', () => {
    const forms = ['correct horse battery', 'correct%20horse%20battery', 'correct+horse+battery'];
    for (const form of forms) expect(told.text(`a ${form} b`)).toBe('a [secret] b');
    const base64 = btoa('user:hunter2-hunter2');
    expect(told.text(base64)).not.toContain(base64.slice(-12, -4));
    expect(told.text('hunter2-hunter2-and-more')).toBe('[secret]');
    expect(told.text('hunter2-hunter2.')).toBe('[secret].');
  });

  it('stays where it is too short to be told from anything else', () => {
    expect(told.text('in short')).toBe('in short');
  });

  it('goes from every text of a value, and not from what is named', () => {
    const value = {
      type: 'hunter2-hunter2',
      at: 3,
      none: null,
      list: [{ text: 'my hunter2-hunter2' }, 'hunter2-hunter2', true],
    };
    expect(told.within(value, new Set(['type']))).toEqual({
      type: 'hunter2-hunter2',
      at: 3,
      none: null,
      list: [{ text: 'my [secret]' }, '[secret]', true],
    });
  });
});
