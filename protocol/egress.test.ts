import { describe, expect, it } from 'vitest';
import { EGRESS_HOSTS_MAX, EgressPolicy, egressHostParts } from './egress.ts';

describe('an entry of the list', () => {
  it.each([
    ['example.com', { name: 'example.com', under: false, port: null }],
    ['*.example.com', { name: 'example.com', under: true, port: null }],
    ['pypi.corp.example:8443', { name: 'pypi.corp.example', under: false, port: 8443 }],
    ['*.example.com:8080', { name: 'example.com', under: true, port: 8080 }],
    ['localhost:4873', { name: 'localhost', under: false, port: 4873 }],
    ['10.0.0.5', { name: '10.0.0.5', under: false, port: null }],
    ['xn--bcher-kva.example', { name: 'xn--bcher-kva.example', under: false, port: null }],
  ])('may be %s', (entry, parts) => {
    expect(egressHostParts(entry)).toEqual(parts);
  });

  it.each([
    '',
    '*',
    '*.',
    '*.com',
    '*.0.0.1',
    '*.*.example.com',
    'a.*.example.com',
    'https://example.com',
    'example.com/path',
    'user@example.com',
    'example.com:',
    'example.com:0',
    'example.com:65536',
    'example.com:http',
    'Example.com',
    'example..com',
    '.example.com',
    'example.com.',
    '-example.com',
    'example-.com',
    'exa mple.com',
    'exa\nmple.com',
    'bücher.example',
    '0x7f.1',
    '2130706433',
    '127.1',
    '256.0.0.1',
    '[::1]',
    `${'a'.repeat(64)}.com`,
    `${'a.'.repeat(140)}com`,
  ])('is not %j', (entry) => {
    expect(egressHostParts(entry)).toBeNull();
    expect(EgressPolicy.safeParse({ is: 'list', hosts: [entry] }).success).toBe(false);
  });
});

it('a list has an end', () => {
  const many = Array.from({ length: EGRESS_HOSTS_MAX + 1 }, (_, at) => `h${at}.example`);
  expect(EgressPolicy.safeParse({ is: 'list', hosts: many }).success).toBe(false);
});
