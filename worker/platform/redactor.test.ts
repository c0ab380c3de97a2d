import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Redactor } from '../../protocol/redaction/redactor.ts';
import { secretsOf } from './redactor.ts';

const VARIABLES = {
  ANTHROPIC_API_KEY: 'the-models-key',
  CLAUDE_CODE_OAUTH_TOKEN: 'the-plans-token',
  GITHUB_TOKEN: 'the-hosts-token',
  GITHUB_APP_PRIVATE_KEY: `-----BEGIN RSA PRIVATE KEY-----\\n${'aB3d'.repeat(16)}\\n${'x9Yz'.repeat(16)}\\n-----END`,
  GITHUB_WEBHOOK_SECRET: 'the-webhooks-secret',
  ENCRYPTION_KEYS: '2:bmV3LWtleS1vZi0zMi1ieXRlcw==, 1:b2xkLWtleS1vZi0zMi1ieXRlcw==',
  DATABASE_URL: 'postgres://ada:p%40ss-w0rd@db.example:5432/main',
  LOCAL_SANDBOX_KEY: 'the-sandbox-hosts-key',
};

it('all that this installation was given is known, each part by itself', () => {
  const redactor = new Redactor();
  redactor.know(secretsOf(VARIABLES));
  for (const part of [
    'the-models-key',
    'the-plans-token',
    'the-hosts-token',
    'aB3d'.repeat(16),
    'x9Yz'.repeat(16),
    'the-webhooks-secret',
    'bmV3LWtleS1vZi0zMi1ieXRlcw==',
    'b2xkLWtleS1vZi0zMi1ieXRlcw==',
    'p@ss-w0rd',
    'the-sandbox-hosts-key',
  ]) {
    expect(redactor.text(`it is ${part}!`)).toBe('it is [secret]!');
  }
});

it('what is not set is not looked for', () => {
  expect(secretsOf({})).toEqual([]);
  expect(secretsOf({ DATABASE_URL: 'no address', ENCRYPTION_KEYS: '' })).toEqual(['no address']);
  expect(secretsOf({ DATABASE_URL: 'postgres://ada:100%@db/main' })).toContain('100%');
});

it('each variable that the Worker may hold a secret in is known', () => {
  const source = readFileSync('worker/env.ts', 'utf8');
  const names = [...source.matchAll(/^ {2}([A-Z_]+)\?: string;/gm)].map(([, name = '']) => name);
  const secret = names.filter((name) => /KEY|TOKEN(?!S)|SECRET|PASSWORD|DATABASE/.test(name));
  expect(secret.toSorted()).toEqual(Object.keys(VARIABLES).toSorted());
});
