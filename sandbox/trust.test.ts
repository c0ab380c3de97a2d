import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { childEnvironment } from './trust.ts';

const OWN = '-----BEGIN CERTIFICATE-----\nof the host\n-----END CERTIFICATE-----\n';
let home: string;

beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'mainloop-trust-'));
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

it('every program trusts the system’s certificates and the host’s, in one file', () => {
  const ca = path.join(home, 'ca.pem');
  writeFileSync(ca, OWN);
  const environment = childEnvironment({ MAINLOOP_CA: ca });
  const bundle = environment.SSL_CERT_FILE ?? '';
  const text = readFileSync(bundle, 'utf8');
  expect(text.endsWith(OWN)).toBe(true);
  expect(text.split('BEGIN CERTIFICATE').length).toBeGreaterThan(20);
  for (const name of ['NODE_EXTRA_CA_CERTS', 'GIT_SSL_CAINFO', 'PIP_CERT', 'CURL_CA_BUNDLE']) {
    expect(environment[name]).toBe(bundle);
  }
});

it('a proxy is for all but the sandbox’s own loopback', () => {
  const proxy = 'http://127.0.0.1:41080';
  const environment = childEnvironment({ MAINLOOP_PROXY: proxy });
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy']) {
    expect(environment[name]).toBe(proxy);
  }
  expect(environment.NO_PROXY).toContain('127.0.0.1');
  expect(environment.NODE_USE_ENV_PROXY).toBe('1');
});

it('without either nothing is said of them, and no file is written', () => {
  const environment = childEnvironment({ MAINLOOP_CA: path.join(home, 'none.pem') });
  expect(Object.keys(environment).filter((name) => /PROXY|CERT|CA/.test(name))).toEqual([]);
  expect(environment.npm_config_audit).toBe('false');
});
