import { describe, expect, it } from 'vitest';
import { EGRESS_HOSTS_MAX } from '../../protocol/egress.ts';
import { readEgressHosts } from './egress-hosts.ts';

describe('what a person wrote', () => {
  it('is an entry a line, in any case, with empty lines and twice', () => {
    expect(readEgressHosts(' Example.com\n\n*.corp.example, example.com\r\n')).toEqual({
      is: 'hosts',
      hosts: ['example.com', '*.corp.example'],
    });
    expect(readEgressHosts('')).toEqual({ is: 'hosts', hosts: [] });
  });

  it('is refused with the line that is wrong, and how one is written', () => {
    expect(readEgressHosts('example.com\nhttps://other.example/x')).toEqual({
      is: 'wrong',
      text: expect.stringMatching(/“https:\/\/other.example\/x” is no host. Write example.com/),
    });
  });

  it('is refused when it is too much', () => {
    const many = Array.from({ length: EGRESS_HOSTS_MAX + 1 }, (_, at) => `h${at}.example`);
    expect(readEgressHosts(many.join('\n'))).toMatchObject({ is: 'wrong' });
    expect(readEgressHosts(many.slice(1).join('\n'))).toMatchObject({ is: 'hosts' });
  });
});
