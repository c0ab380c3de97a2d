import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTokenHosts } from './testing/edge.ts';
import { tryAnthropicKey, tryGitHubToken } from './tokens.ts';

const NOW = Date.parse('2026-11-30T12:00:00Z');
let hosts: Awaited<ReturnType<typeof startTokenHosts>>;
beforeEach(async () => {
  hosts = await startTokenHosts();
});
afterEach(() => hosts.close());

const github = () => tryGitHubToken(hosts.github, 'token', NOW);
const anthropic = () => tryAnthropicKey(hosts.anthropic, 'key');

describe('a GitHub token', () => {
  it('that may write is good, for as long as it has not expired', async () => {
    expect(await github()).toEqual({ is: 'good' });
    hosts.state.expires = '2026-11-30 12:00:01 UTC';
    expect(await github()).toEqual({ is: 'good' });
    hosts.state.expires = '2026-11-30 11:59:59 UTC';
    expect(await github()).toMatchObject({
      is: 'refused',
      text: expect.stringMatching(/expired on 2026-11-30/),
    });
  });

  it.each([403, 404])(
    'that may only read (%s) is doubtful, and the repository is named',
    async (status) => {
      hosts.state.write.set('acme/site', status);
      expect(await github()).toMatchObject({
        is: 'doubtful',
        text: expect.stringMatching(/may not write to acme\/site\./),
      });
    },
  );

  it('that may write to one of several is good', async () => {
    hosts.state.repositories = ['you/public', 'you/old', 'acme/site'];
    hosts.state.archived = ['you/old'];
    expect(await github()).toEqual({ is: 'good' });
    expect(hosts.state.written).toEqual(['you/public', 'acme/site']);
  });

  it('that sees many and may write to none is not tried at all of them', async () => {
    hosts.state.repositories = Array.from({ length: 40 }, (_, n) => `you/public-${n}`);
    expect(await github()).toMatchObject({ is: 'doubtful' });
    expect(hosts.state.written).toHaveLength(8);
  });

  it('that sees no repository is doubtful', async () => {
    hosts.state.repositories = [];
    expect(await github()).toMatchObject({
      is: 'doubtful',
      text: expect.stringMatching(/sees no repository/),
    });
  });

  it('that is revoked is refused, and one that nobody could look at is neither', async () => {
    hosts.state.github = 401;
    expect(await github()).toMatchObject({ is: 'refused' });
    hosts.state.github = 502;
    expect(await github()).toMatchObject({ is: 'unknown' });
    await hosts.close();
    expect(await github()).toMatchObject({ is: 'unknown' });
  });
});

describe('an Anthropic key', () => {
  it.each([
    [200, 'good'],
    [401, 'refused'],
    [403, 'refused'],
    [529, 'unknown'],
  ])('that is answered with %s is %s', async (status, is) => {
    hosts.state.anthropic = status;
    expect(await anthropic()).toMatchObject({ is });
  });
});
