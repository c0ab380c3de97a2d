import { describe, expect, it } from 'vitest';
import type { EgressPolicy } from '../../protocol/egress.ts';
import { decideEgress } from './egress-decision.ts';

const NONE: EgressPolicy = { is: 'none' };
const REGISTRIES: EgressPolicy = { is: 'registries' };
const OPEN: EgressPolicy = { is: 'open' };
const LIST: EgressPolicy = {
  is: 'list',
  hosts: [
    'example.com',
    '*.corp.example',
    'pypi.corp.internal',
    'index.example:8443',
    'localhost:4873',
    '10.1.2.3',
  ],
};
const ask = (policy: EgressPolicy, url: string, method = 'GET', isPrivate = false) =>
  decideEgress(policy, { method, url, leadsTo: isPrivate ? 'inside' : 'anywhere' });

describe.each([
  ['registries', REGISTRIES],
  ['list', LIST],
  ['open', OPEN],
])('the policy %s', (_, policy) => {
  it.each([
    'https://registry.npmjs.org/left-pad',
    'https://registry.npmjs.org/@scope%2fname',
    'https://pypi.org/simple/idna/',
    'https://files.pythonhosted.org/packages/aa/idna.whl',
    'https://index.crates.io/se/rd/serde',
    'https://static.crates.io/crates/serde/serde-1.0.0.crate',
    'https://proxy.golang.org/golang.org/x/text/@v/list',
    'https://sum.golang.org/lookup/golang.org/x/text@v0.3.0',
    'http://deb.debian.org/debian/dists/trixie/InRelease',
    'http://archive.ubuntu.com/ubuntu/dists/noble/InRelease',
    'https://rubygems.org/versions',
    'https://nodejs.org/download/release/v24.0.0/node-v24.0.0-headers.tar.gz',
  ])('reads %s', (url) => {
    expect(ask(policy, url)).toMatchObject({ is: 'allowed' });
    expect(ask(policy, url, 'HEAD')).toMatchObject({ is: 'allowed' });
  });
});

describe.each([
  ['none', NONE],
  ['registries', REGISTRIES],
  ['list', LIST],
  ['open', OPEN],
])('under the policy %s', (_, policy) => {
  it.each([
    'http://localhost/',
    'http://localhost:8787/api/thread',
    'http://anything.localhost/',
    'http://127.0.0.1/',
    'http://127.1.2.3:80/',
    'http://2130706433/',
    'http://0x7f.0.0.1/',
    'http://017700000001/',
    'http://0.0.0.0/',
    'http://10.0.0.1/',
    'http://172.16.0.1/',
    'http://192.168.0.1/',
    'http://100.64.0.1/',
    'http://169.254.169.254/latest/meta-data/',
    'http://[::1]/',
    'http://[::]/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::ffff:a00:1]/',
    'http://[fd00::1]/',
    'http://[fe80::1]/',
    'http://[64:ff9b::7f00:1]/',
    'http://metadata.google.internal/',
    'http://printer.local/',
    'http://router.home.arpa/',
    'http://db.internal./',
    'http://postgres/',
    'http://postgres.:5432/',
    'ftp://example.com/',
    'file:///etc/passwd',
    'example.com',
    '',
  ])('%s is out of reach', (url) => {
    expect(ask(policy, url)).toMatchObject({ is: 'refused' });
  });
});

describe('nothing', () => {
  it.each(['https://registry.npmjs.org/left-pad', 'https://example.com/'])('is %s', (url) => {
    expect(ask(NONE, url)).toMatchObject({
      is: 'refused',
      text: expect.stringContaining('reach nothing'),
    });
  });
});

describe('package registries', () => {
  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('take no %s', (method) => {
    expect(ask(REGISTRIES, 'https://registry.npmjs.org/left-pad', method)).toEqual({
      is: 'refused',
      host: 'registry.npmjs.org',
      asked: `${method} registry.npmjs.org`,
      text: expect.stringContaining('read from'),
    });
  });

  it.each([
    'https://example.com/',
    'https://registry.npmjs.org.example.com/',
    'https://evil-registry.npmjs.org/',
    'https://npmjs.org/',
    'https://registry.npmjs.org:8443/',
    'https://registry.npmjs.org./',
    'https://user@example.com/registry.npmjs.org',
    'https://1.1.1.1/',
  ])('are not %s', (url) => {
    const { host } = new URL(url);
    const verdict = ask(REGISTRIES, url);
    expect(verdict).toMatchObject({ is: 'refused', host, asked: host });
    // Who is refused is told what, why, and who can change it.
    const text = verdict.is === 'refused' ? verdict.text : '';
    expect(text).toContain(`${host} cannot be reached`);
    expect(text).toContain('package registries');
    expect(text).toContain('Mainloop’s settings');
  });
});

describe('a list', () => {
  it.each([
    ['https://example.com/a', 'POST'],
    ['http://example.com/', 'GET'],
    ['https://a.corp.example/', 'PUT'],
    ['https://a.b.corp.example/', 'GET'],
    ['https://index.example:8443/simple/', 'GET'],
    // By its whole name, what is the owner's own, too.
    ['http://pypi.corp.internal/simple/', 'GET'],
    ['http://localhost:4873/left-pad', 'GET'],
    ['http://10.1.2.3/', 'POST'],
  ])('opens %s to %s', (url, method) => {
    expect(ask(LIST, url, method)).toMatchObject({ is: 'allowed' });
  });

  it('opens a whole name also where it leads to a private address, and no other', () => {
    expect(ask(LIST, 'https://example.com/', 'GET', true)).toMatchObject({ is: 'allowed' });
    expect(ask(LIST, 'https://a.corp.example/', 'GET', true)).toMatchObject({ is: 'refused' });
    expect(ask(LIST, 'https://pypi.org/', 'GET', true)).toMatchObject({ is: 'refused' });
  });

  it.each([
    'https://corp.example/',
    'https://notcorp.example/',
    'https://example.com:8443/',
    'https://index.example/',
    'https://other.corp.internal/',
    'http://localhost:4874/',
    'http://10.1.2.4/',
  ])('leaves out %s', (url) => {
    expect(ask(LIST, url)).toMatchObject({ is: 'refused' });
  });

  it('opens a registry that stands on it for more than reading', () => {
    const policy: EgressPolicy = { is: 'list', hosts: ['registry.npmjs.org'] };
    expect(ask(policy, 'https://registry.npmjs.org/x', 'PUT')).toMatchObject({ is: 'allowed' });
  });
});

describe('the whole internet', () => {
  it('is any public host at its usual ports', () => {
    for (const method of ['GET', 'POST']) {
      expect(ask(OPEN, 'https://example.com/', method)).toMatchObject({ is: 'allowed' });
      expect(ask(OPEN, 'http://93.184.216.34/', method)).toMatchObject({ is: 'allowed' });
    }
    expect(ask(OPEN, 'https://example.com:22/')).toMatchObject({
      is: 'refused',
      text: expect.stringContaining('ports 80'),
    });
  });

  it('is no name that leads to a private address', () => {
    expect(ask(OPEN, 'https://localtest.example/', 'GET', true)).toMatchObject({ is: 'refused' });
  });
});

it('the owner’s mirrors count as registries, to read from', () => {
  const mirrors = new Set(['npm.corp.internal:4873']);
  const at = (policy: EgressPolicy, url: string, method = 'GET') =>
    decideEgress(policy, { method, url, leadsTo: 'inside' }, mirrors);
  const url = 'http://npm.corp.internal:4873/left-pad/-/left-pad-1.0.0.tgz';
  expect(at(REGISTRIES, url)).toMatchObject({ is: 'allowed' });
  expect(at(REGISTRIES, url, 'PUT')).toMatchObject({ is: 'refused' });
  expect(at(NONE, url)).toMatchObject({ is: 'refused' });
  expect(at(REGISTRIES, 'http://npm.corp.internal/')).toMatchObject({ is: 'refused' });
});

it('Mainloop itself is on no list', () => {
  const url = 'http://localhost:4873/api/messages';
  expect(ask(LIST, url)).toMatchObject({ is: 'allowed' });
  const own = decideEgress(LIST, { method: 'GET', url, leadsTo: 'mainloop' });
  expect(own).toMatchObject({ is: 'refused', asked: 'localhost:4873' });
});

it('a host of any length is named in bounds', () => {
  const verdict = ask(REGISTRIES, `https://${'a'.repeat(60)}.${'b.'.repeat(500)}com/`);
  expect(verdict.host.length).toBeLessThanOrEqual(260);
});

it.each([NONE, REGISTRIES, LIST, OPEN])(
  'a look-up is refused and named as such ($is)',
  (policy) => {
    expect(ask(policy, 'dns://registry.npmjs.org/')).toMatchObject({
      is: 'refused',
      host: 'registry.npmjs.org',
      asked: 'DNS registry.npmjs.org',
    });
  },
);
