import { generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readOptions } from './options.ts';
import { setup } from './setup.ts';
import { expectOneOfEach } from './testing/one-of-each.ts';
import { ANSWERS, type World, HOST, world } from './testing/world.ts';

const KEY = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
let at: World;
beforeEach(async () => {
  at = await world();
});
afterEach(() => at.close());

describe('a setup that cannot end well stops before it makes anything', () => {
  it.each([
    ['--host=mainloop.example.org', /No domain of this Cloudflare account holds/],
    ['--host=nonsense', /--host should look like/],
    ['--account=1', /--account .*takes 32 letters/],
    ['--name=Has Spaces', /--name takes/],
    ['--access-aud=1', /has both/],
    ['--var=NONSENSE=1', /does not take NONSENSE. It takes .*MODEL_OPUS/],
    ['--var=GATEWAY_URL=http://x', /does not take GATEWAY_URL/],
  ])('%s', async (flag, sentence) => {
    await expect(setup(at.options(flag), at.ports)).rejects.toThrow(sentence);
    expect(at.standIn.writes()).toEqual([]);
  });

  it('names what Docker is for where it does not answer', async () => {
    at.state.hasDocker = false;
    await expect(setup(at.options(), at.ports)).rejects.toThrow(/built with Docker/);
    expect(at.account.worker).toBeNull();
    at.state.hasDocker = true;
    await setup(at.later(), at.ports);
    expectOneOfEach(at);
  });

  it('asks a person for what is missing, and for nothing that can be found', async () => {
    const asked: string[] = [];
    const given: Record<string, string> = { host: HOST, emails: 'you@example.com' };
    const ask = async ({ flag }: { flag: string }) => {
      asked.push(flag);
      return given[flag] ?? '';
    };
    const environment = {
      ...at.ports.environment,
      DATABASE_URL: 'postgres://mainloop:pass@db.example.net/history',
      ANTHROPIC_API_KEY: 'sk-ant-1',
      GITHUB_TOKEN: 'github_pat_1',
    };
    const ports = { ...at.ports, environment, terminal: { ...at.ports.terminal, ask } };
    await setup(readOptions([]), ports);
    expect(asked).toEqual(['host', 'emails']);
    asked.length = 0;
    await setup(readOptions([]), { ...ports, environment: at.ports.environment });
    expect(asked).toEqual([]);
  });

  it('asks for the key of a GitHub App where its number was said in place of the token', async () => {
    const asked: string[] = [];
    const key = KEY.export({ type: 'pkcs1', format: 'pem' }).toString();
    const said: Record<string, string> = { 'github-token': '4711', 'github-app-private-key': key };
    const ask = async ({ flag }: { flag: string }) => {
      asked.push(flag);
      return said[flag] ?? '';
    };
    const ports = { ...at.ports, terminal: { ...at.ports.terminal, ask } };
    const [, , database = '', anthropic = ''] = ANSWERS;
    await setup(
      readOptions([`--host=${HOST}`, '--emails=you@example.com', database, anthropic]),
      ports,
    );
    expect(asked).toEqual(['github-token', 'github-app-private-key']);
    const sent = at.account.worker?.secrets;
    expect(sent?.get('GITHUB_APP_ID')).toBe('4711');
    expect(sent?.get('GITHUB_APP_PRIVATE_KEY')?.replaceAll('\\n', '\n').trim()).toBe(key.trim());
    expect(sent?.has('GITHUB_TOKEN')).toBe(false);
    asked.length = 0;
    await setup(at.later(), ports);
    expect(asked).toEqual([]);
  });

  it('asks nobody for a token where an App is said, and stops where it is refused', async () => {
    const key = KEY.export({ type: 'pkcs8', format: 'pem' }).toString();
    const app = ['--github-app-id=4711', `--github-app-private-key=${key}`];
    const text = 'GitHub knows no App 4711.';
    const ports = { ...at.ports, tryGitHubApp: async () => ({ is: 'refused', text }) as const };
    const known = ANSWERS.filter((one) => !one.startsWith('--github-token'));
    const options = readOptions(['--yes', ...known, ...app]);
    await expect(setup(options, ports)).rejects.toThrow(text);
    expect(at.standIn.writes()).toEqual([]);
    await expect(setup(readOptions(['--yes', ...known, app[0] ?? '']), ports)).rejects.toThrow(
      /missing:\n  --github-app-private-key=/,
    );
  });

  it('names all answers that are missing at once', async () => {
    await expect(setup(at.later(), at.ports)).rejects.toThrow(
      /--host=.*--emails=.*--database-url=.*--anthropic-api-key=.*--github-token=/s,
    );
  });

  it('a host name that leads to another Worker is left alone', async () => {
    at.account.domains.set(HOST, 'shop');
    await expect(setup(at.options(), at.ports)).rejects.toThrow(/leads to the Worker shop/);
    expect(at.standIn.writes()).toEqual([]);
  });

  it('a host name that leads to something else is left alone, until its owner says so', async () => {
    at.account.records.add(HOST);
    await expect(setup(at.options(), at.ports)).rejects.toThrow(/leads to something else/);
    // Without the right to read records, the zone's name servers say it, or nobody does.
    at.standIn.forbid(/dns_records/);
    await expect(setup(at.options(), at.ports)).rejects.toThrow(/leads to something else/);
    at.state.isNamed = null;
    await expect(setup(at.options(), at.ports)).rejects.toThrow(/could not be seen.*--take-over/);
    at.state.isNamed = true;
    expect(at.standIn.writes()).toEqual([]);
    await setup(at.options('--take-over'), at.ports);
    expect(await setup(at.later(), at.ports)).toBe(false);
  });

  it('a GitHub token that may not write to what was tried is told of, and stops nothing', async () => {
    const text = 'The GitHub token may not write to acme/site.';
    const ports = { ...at.ports, tryGitHubToken: async () => ({ is: 'doubtful', text }) as const };
    expect(await setup(at.options(), ports)).toBe(true);
    expect(at.said).toContain(`Look at this: ${text}`);
    expectOneOfEach(at);
  });

  it('a key that is refused is told before anything is made', async () => {
    const text = 'The Anthropic API key is refused (401).';
    const ports = { ...at.ports, tryAnthropicKey: async () => ({ is: 'refused', text }) as const };
    await expect(setup(at.options(), ports)).rejects.toThrow(text);
    expect(at.standIn.writes()).toEqual([]);
  });
});
