import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setup } from './setup.ts';
import { expectOneOfEach } from './testing/one-of-each.ts';
import { type World, HOST, world } from './testing/world.ts';

let at: World;
beforeEach(async () => {
  at = await world();
});
afterEach(() => at.close());

describe('a setup', () => {
  it('makes one of each, and tells the Worker who signs in where', async () => {
    expect(await setup(at.options(), at.ports)).toBe(true);
    expectOneOfEach(at);
    expect(at.database.migrated).toBe(1);
    const [app] = [...at.account.accessApps.values()];
    const { bindings = [] } = at.account.worker?.versions[0] ?? {};
    expect(bindings).toContainEqual({ type: 'plain_text', name: 'ACCESS_AUD', text: app?.aud });
    const team = { type: 'plain_text', name: 'ACCESS_TEAM_DOMAIN', text: at.account.team };
    expect(bindings).toContainEqual(team);
    const [hyperdriveId] = [...at.account.hyperdrives.keys()];
    expect(bindings).toContainEqual({ type: 'hyperdrive', name: 'HYPERDRIVE', id: hyperdriveId });
    expect(at.ports.folder.read()).toMatchObject({ hyperdriveId, host: HOST });
  });

  it('that is run again, with answers or without, writes nothing', async () => {
    await setup(at.options(), at.ports);
    for (const again of [at.options(), at.later()]) {
      at.standIn.calls.length = 0;
      expect(await setup(again, at.ports)).toBe(false);
      expect(at.standIn.writes()).toEqual([]);
      expect(at.said.at(-1)).toMatch(/^Nothing had to be changed/);
    }
  });

  it('that changes who may sign in changes that and nothing else', async () => {
    await setup(at.options(), at.ports);
    at.standIn.calls.length = 0;
    await setup(at.later('--emails=you@example.com'), at.ports);
    expect(at.standIn.writes()).toEqual([expect.stringMatching(/^PUT .*\/policies\//)]);
    const [app] = [...at.account.accessApps.values()];
    expect(app?.policies[0]?.include).toEqual([{ email: { email: 'you@example.com' } }]);
  });

  it('with a new token deploys it', async () => {
    await setup(at.options(), at.ports);
    await setup(at.later('--github-token=github_pat_2'), at.ports);
    expect(at.account.worker?.secrets.get('GITHUB_TOKEN')).toBe('github_pat_2');
    expect(at.account.worker?.secrets.get('ANTHROPIC_API_KEY')).toBe('sk-ant-1');
  });

  it('with changed code deploys it, and every secret stays', async () => {
    await setup(at.options(), at.ports);
    const secrets = new Map(at.account.worker?.secrets);
    at.state.sources = 'v2';
    await setup(at.later(), at.ports);
    expect(at.account.worker?.versions).toHaveLength(2);
    expect(at.account.worker?.secrets).toEqual(secrets);
    expectOneOfEach(at);
  });

  it('keeps variables that its owner set, until they are taken back', async () => {
    const value = () =>
      at.account.worker?.versions[0]?.bindings.find(({ name }) => name === 'MODEL_OPUS')?.text;
    await setup(at.options('--var=MODEL_OPUS=claude-next', '--var=EGRESS_MIRRORS={}'), at.ports);
    expect(value()).toBe('claude-next');
    expect(await setup(at.later(), at.ports)).toBe(false);
    await setup(at.later('--var=MODEL_OPUS='), at.ports);
    expect(value()).toMatch(/^claude-opus/);
    expect(at.ports.folder.read()?.vars).toEqual({ EGRESS_MIRRORS: '{}' });
  });

  it('switches caching off where somebody switched it on, and leads to the database that is meant', async () => {
    await setup(at.options(), at.ports);
    const [drive] = [...at.account.hyperdrives.values()];
    if (drive !== undefined) drive.caching = {};
    await setup(at.later(), at.ports);
    expectOneOfEach(at);
  });

  it('in a dry run says what a lost Access application would come to', async () => {
    await setup(at.options(), at.ports);
    at.account.accessApps.clear();
    at.standIn.calls.length = 0;
    expect(await setup(at.later('--dry-run'), at.ports)).toBe(true);
    expect(at.said.at(-1)).toMatch(/^Would deploy/);
    expect(at.standIn.writes()).toEqual([]);
  });

  it('in a dry run of nothing says so', async () => {
    await setup(at.options(), at.ports);
    expect(await setup(at.later('--dry-run'), at.ports)).toBe(false);
    expect(at.said.at(-1)).toBe('Nothing would be changed.');
  });

  it('in a dry run without a sign-in lists what can be known, and says what cannot', async () => {
    const { standIn, ports } = at;
    const environment = { GITHUB_TOKEN: 'github_pat_1' };
    const signedOut = async () => ({ code: 1, output: 'Not logged in.' });
    const here = { ...ports, environment, wrangler: () => signedOut };
    expect(await setup(at.options('--dry-run'), here)).toBe(true);
    const all = at.said.join('\n');
    expect(all).toMatch(/^You are not signed in.*Would do: Migrate Postgres \(0000_history\)/s);
    for (const part of [
      'Hyperdrive',
      'queue',
      'R2 bucket',
      `Access in front of ${HOST}, for you@`,
    ]) {
      expect(all).toContain(part);
    }
    expect(all).toMatch(/Would deploy: The Worker mainloop.*only a sign-in shows.*wrangler login/s);
    expect(all).not.toContain('Not said yet');
    at.said.length = 0;
    await setup(at.later('--dry-run'), here);
    expect(at.said.join('\n')).toMatch(/Not said yet.*--host \(MAINLOOP_HOST\), --emails/);
    expect(at.said.join('\n')).not.toMatch(/Not said yet.*--github-token/);
    expect(standIn.calls).toEqual([]);
    expect(ports.folder.read()).toBeNull();
    await expect(setup(at.options(), here)).rejects.toThrow(/not signed in/);
  });

  it('in a dry run says what it would do, and does nothing', async () => {
    await setup(at.options('--dry-run'), at.ports);
    expect(at.standIn.writes()).toEqual([]);
    expect(at.ports.folder.read()).toBeNull();
    expect(at.database.migrated).toBe(0);
    expect(at.said.filter((line) => line.startsWith('Would '))).toHaveLength(9);
  });
});

describe('where the token may not change Access', () => {
  beforeEach(() => at.standIn.forbid(/\/access\//));

  /** Its owner makes an application in the dashboard. */
  function byHand(domain: string): void {
    const decision = domain === HOST ? 'allow' : 'bypass';
    const policies = [{ id: 'p', decision, include: [] }];
    at.account.accessApps.set(domain, { name: domain, domain, aud: 'by-hand', policies });
  }

  it('setup says what to do by hand, and goes on once it is told of it', async () => {
    await expect(setup(at.options(), at.ports)).rejects.toThrow(/Self-hosted.*--access-aud=/s);
    expect(at.account.worker).toBeNull();
    for (const domain of [HOST, `${HOST}/webhooks/github`]) byHand(domain);
    await setup(
      at.options('--access-team=acme.cloudflareaccess.com', '--access-aud=by-hand'),
      at.ports,
    );
    const aud = { type: 'plain_text', name: 'ACCESS_AUD', text: 'by-hand' };
    expect(at.account.worker?.versions[0]?.bindings).toContainEqual(aud);
    expect(await setup(at.later(), at.ports)).toBe(false);
  });

  it('a person is shown what to do, and goes on with the same command', async () => {
    const given: Record<string, string> = {
      'access-team': at.account.team,
      'access-aud': 'by-hand',
    };
    const ask = async ({ flag }: { flag: string }) => {
      for (const domain of [HOST, `${HOST}/webhooks/github`]) byHand(domain);
      return given[flag] ?? '';
    };
    const ports = { ...at.ports, terminal: { ...at.ports.terminal, ask } };
    const options = at.options();
    options.switches.yes = false;
    await setup(options, ports);
    expect(at.said.join('\n')).toMatch(/Public hostname: mainloop.example.com.*AUD/s);
    expect(at.account.worker).not.toBeNull();
    expect(await setup(at.later(), at.ports)).toBe(false);
  });
});

describe('a migration that fails', () => {
  it('leaves the version that runs as it is, and the next setup goes on', async () => {
    await setup(at.options(), at.ports);
    const before = at.account.worker?.versions.length;
    at.database.pending = ['0009_next'];
    at.database.fails = true;
    const elsewhere = '--database-url=postgres://mainloop:pass@new.example.net/history';
    at.standIn.calls.length = 0;
    await expect(setup(at.later('--github-token=new', elsewhere), at.ports)).rejects.toThrow();
    expect(at.account.worker?.versions.length).toBe(before);
    // The Worker that runs is not led to a database that is not ready.
    expect(at.standIn.writes()).toEqual([]);
    at.database.fails = false;
    await setup(at.later(), at.ports);
    expect(at.account.worker?.secrets.get('GITHUB_TOKEN')).toBe('new');
  });
});
