import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accessIn } from './access-of.ts';
import { doctor } from './doctor/doctor.ts';
import { setup } from './setup.ts';
import type { AccessApp } from './testing/account.ts';
import { type World, HOST, world } from './testing/world.ts';
import { uninstall } from './uninstall.ts';

const TEAM = 'acme.cloudflareaccess.com';
let at: World;
beforeEach(async () => {
  at = await world();
});
afterEach(() => at.close());

const appOf = (domain: string): AccessApp => {
  const app = [...at.account.accessApps.values()].find((one) => one.domain === domain);
  if (app === undefined) throw new Error(`no application of ${domain}`);
  return app;
};
const domains = () => [...at.account.accessApps.values()].map(({ domain }) => domain).toSorted();
const bound = (name: string) =>
  at.account.worker?.versions[0]?.bindings.find((one) => one.name === name);
const byEmail = (email: string) => ({ email: { email } });
const said = () => at.said.join('\n');
const told = async () => {
  at.said.length = 0;
  await doctor(at.later(), at.ports);
  return said();
};

describe('the tag of the Access application', () => {
  it('that was said wrong is noticed: the Worker is told the real one, and doctor agrees', async () => {
    await setup(at.options(`--access-team=${TEAM}`, '--access-aud=wrong'), at.ports);
    expect(bound('ACCESS_AUD')?.text).toBe(appOf(HOST).aud);
    expect(at.ports.folder.read()?.access ?? null).not.toMatchObject({ aud: 'wrong' });
    expect(await setup(at.later(), at.ports)).toBe(false);
    expect(await told()).toMatch(/Nothing is wrong/);
  });

  it('that was kept wrong, where Access could not be read, is mended once it can be', async () => {
    at.standIn.forbid(/\/access\//);
    at.account.accessApps.set('1', { name: 'x', domain: HOST, aud: 'real', policies: [] });
    const path = `${HOST}/webhooks/github`;
    const policies = [{ id: 'p', decision: 'bypass', include: [] }];
    at.account.accessApps.set('2', { name: 'y', domain: path, aud: 'open', policies });
    const flags = [`--access-team=${TEAM}`, '--access-aud=wrong'];
    // Who is sent to the sign-in shows which application is really there.
    await expect(setup(at.options(...flags), at.ports)).rejects.toThrow(
      /application real, and the Worker expects wrong.*--access-aud=real/,
    );
    expect(await told()).toMatch(/WRONG {2}Strangers: .*expects wrong.*\n.*--access-aud=real/);
    at.standIn.forbid(null);
    expect(await told()).toMatch(/WRONG {2}Access audience/);
    await setup(at.later(), at.ports);
    expect(bound('ACCESS_AUD')?.text).toBe('real');
    expect(at.ports.folder.read()?.access?.aud).toBe('real');
    expect(await told()).toMatch(/Nothing is wrong/);
  });

  it('that was changed on the Worker alone, under the version of this folder, is put back', async () => {
    await setup(at.options(), at.ports);
    Object.assign(bound('ACCESS_AUD') ?? {}, { text: 'old' });
    expect(await told()).toMatch(/WRONG {2}Access audience.*\n.*npm run setup/);
    await setup(at.later(), at.ports);
    expect(said()).toMatch(/Deploy: It believes the sign-ins of another Access application/);
    expect(bound('ACCESS_AUD')?.text).toBe(appOf(HOST).aud);
  });

  it('of an application that is in front of more than this host is the one that was said', async () => {
    const domain = 'wide.example.com';
    const policies = [{ id: 'p', decision: 'allow', include: [byEmail('you@example.com')] }];
    at.account.accessApps.set('1', {
      name: 'x',
      domain,
      aud: 'wide',
      policies,
      self_hosted_domains: [domain, HOST],
    });
    await setup(at.options('--emails=you@example.com'), at.ports);
    expect(bound('ACCESS_AUD')?.text).toBe('wide');
    expect(domains()).not.toContain(HOST);
  });
});

it('a tag that was said counts where Access has it, or cannot be read', () => {
  const named = { team: 'said', aud: 'wide' };
  const all = [{ id: '1', domain: '*.example.com', aud: 'wide' }];
  const readable = { is: 'readable', team: TEAM, app: null, webhooks: null } as const;
  expect(accessIn({ ...readable, all }, named)).toEqual({ team: TEAM, aud: 'wide' });
  expect(accessIn({ ...readable, all: [] }, named)).toBeNull();
  expect(accessIn({ is: 'unreadable', why: '' }, named)).toEqual(named);
});

describe('who may sign in', () => {
  const people = () => appOf(HOST).policies;
  const change = () => setup(at.later('--emails=new@example.com'), at.ports);

  it('is changed, and all else that its owner said in the policy stays', async () => {
    await setup(at.options(), at.ports);
    const extra = {
      require: [{ auth_method: { auth_method: 'mfa' } }],
      exclude: [{ geo: { country_code: 'AQ' } }],
      session_duration: '24h',
      precedence: 3,
    };
    Object.assign(people()[0] ?? {}, extra);
    await change();
    expect(people()).toMatchObject([{ ...extra, include: [byEmail('new@example.com')] }]);
    expect(at.standIn.wrong).toEqual([]);
    expect(said()).toContain('Let in new@example.com, and nobody else');
  });

  it('is changed beside a policy that other applications use, which is left alone and named', async () => {
    await setup(at.options(), at.ports);
    const shared = {
      id: 'shared',
      name: 'Contractors',
      decision: 'allow',
      reusable: true,
      include: [byEmail('guest@example.com')],
    };
    people().unshift({ ...shared });
    await change();
    expect(people()).toMatchObject([shared, { include: [byEmail('new@example.com')] }]);
    expect(said()).toContain('Let in new@example.com, and leave Contractors as it is');
    expect(await setup(at.later(), at.ports)).toBe(false);
  });

  it('is left alone and said to be where only such policies say it', async () => {
    await setup(at.options(), at.ports);
    appOf(HOST).policies = [
      { id: 's', name: 'Staff', decision: 'allow', reusable: true, include: [{ group: {} }] },
    ];
    at.standIn.calls.length = 0;
    expect(await change()).toBe(false);
    expect(at.standIn.writes()).toEqual([]);
    expect(said()).toMatch(/is said by Staff, which is left as it is.*lets in new@example.com/);
  });
});

describe('another host name', () => {
  const NEW = 'agents.example.com';
  const moved = ['--host=agents.example.com'];
  beforeEach(() => setup(at.options(), at.ports).then(() => {}));

  it('leaves no Access application of the old one behind that setup made', async () => {
    at.account.accessApps.set('mine', {
      name: 'x',
      domain: 'old.example.com',
      aud: 'a',
      policies: [],
    });
    at.edge.host = NEW;
    await setup(at.later(...moved), at.ports);
    expect(domains()).toEqual([NEW, `${NEW}/webhooks/github`, 'old.example.com']);
    expect([...at.account.domains.keys()]).toEqual([NEW]);
    expect(said()).toContain(`Do: Remove the Access application of ${HOST}, which led here before`);
    // One that its owner makes there from now on is not setup's.
    at.account.accessApps.set('own', { name: 'x', domain: HOST, aud: 'b', policies: [] });
    expect(await setup(at.later(), at.ports)).toBe(false);
    expect(domains()).toContain(HOST);
  });

  it('keeps the old ones until the new name answers', async () => {
    await expect(setup(at.later(...moved), at.ports)).rejects.toThrow(/not as it should be/);
    expect(domains()).toContain(HOST);
    at.edge.host = NEW;
    await setup(at.later(), at.ports);
    expect(domains()).not.toContain(HOST);
  });

  it('in a dry run says what would be removed', async () => {
    await setup(at.later('--dry-run', ...moved), at.ports);
    expect(said()).toContain(`Would do: Remove the Access application of ${HOST}`);
    expect(domains()).toContain(HOST);
  });

  it('where Access may not be changed says what to remove by hand', async () => {
    at.standIn.forbid(/\/access\//);
    await setup(
      at.later('--dry-run', ...moved, `--access-team=${TEAM}`, '--access-aud=a'),
      at.ports,
    );
    expect(said()).toMatch(/of mainloop\.example\.com and that of .*stays: .*may not remove it/);
  });

  it('that was cut off before the end leaves nothing that uninstall does not find', async () => {
    await expect(setup(at.later(...moved), at.ports)).rejects.toThrow();
    await uninstall(at.later(), at.ports);
    expect(domains()).toEqual([]);
  });
});
