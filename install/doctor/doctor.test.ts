import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { setup } from '../setup.ts';
import { HOST, type World, world } from '../testing/world.ts';
import { doctor } from './doctor.ts';

const Report = z.object({
  good: z.boolean(),
  findings: z.array(
    z.object({
      is: z.string(),
      what: z.string(),
      text: z.optional(z.string()),
      mend: z.optional(z.string()),
    }),
  ),
});

let at: World;
beforeEach(async () => {
  at = await world();
  await setup(at.options(), at.ports);
});
afterEach(() => at.close());

/** What doctor says is wrong, by what it looked at. */
async function wrong(): Promise<Map<string, { text: string; mend: string }>> {
  const good = await doctor(at.later('--json'), at.ports);
  const report = Report.parse(JSON.parse(at.said.at(-1) ?? ''));
  expect(report.good).toBe(good);
  const found = report.findings.filter(({ is }) => is === 'wrong');
  expect(good).toBe(found.length === 0);
  return new Map(found.map(({ what, text = '', mend = '' }) => [what, { text, mend }]));
}

/** Somebody changes the Worker in the dashboard: another version, without our tag. */
function inDashboard({ account }: World, change: Record<string, Record<string, unknown> | null>) {
  const [version] = account.worker?.versions ?? [];
  if (version === undefined) throw new Error('nothing is deployed');
  const bindings = version.bindings.filter(({ name }) => !(String(name) in change));
  for (const binding of Object.values(change)) if (binding !== null) bindings.push(binding);
  account.worker?.versions.unshift({
    ...version,
    id: `${version.id.slice(0, -1)}9`,
    bindings,
    tag: null,
  });
}

const text = (name: string, value: string) => ({
  [name]: { type: 'plain_text', name, text: value },
});
const queueNamed = ({ account }: World, name: string) => {
  const found = [...account.queues].find(([, queue]) => queue.name === name);
  if (found === undefined) throw new Error('no such queue');
  return found;
};
const secrets = ({ account }: World) => account.worker?.secrets ?? new Map<string, string>();
const refused = (sentence: string) => async () => ({ is: 'refused', text: sentence }) as const;

it('finds nothing wrong with what setup made', async () => {
  expect([...(await wrong()).keys()]).toEqual([]);
});

type Planted = [what: string, plant: (at: World) => void, says: RegExp];

/** Those that the next setup mends, as their mend says. */
const MENDED_BY_SETUP: Planted[] = [
  ['Secrets', (one) => secrets(one).delete('GITHUB_TOKEN'), /lacks GITHUB_TOKEN/],
  ['Secrets', (one) => secrets(one).delete('GITHUB_WEBHOOK_SECRET'), /lacks GITHUB_WEBHOOK_SECRET/],
  ['Webhook secret', (one) => secrets(one).set('GITHUB_WEBHOOK_SECRET', 'x'), /another secret/],
  [
    'Access team',
    (one) => inDashboard(one, text('ACCESS_TEAM_DOMAIN', 'evil.example')),
    /nobody can come in/,
  ],
  ['Access audience', (one) => inDashboard(one, text('ACCESS_AUD', 'old')), /nobody can come in/],
  ['Access', ({ account }) => account.accessApps.clear(), /No Access application/],
  [
    'Webhooks through Access',
    ({ account }) => {
      for (const [id, { domain }] of account.accessApps) {
        if (domain !== HOST) account.accessApps.delete(id);
      }
    },
    /Access stops GitHub/,
  ],
  [
    'workers.dev',
    ({ account }) => Object.assign(account.worker ?? {}, { workersDev: true }),
    /past Access/,
  ],
  [
    'Hyperdrive',
    ({ account }) => [...account.hyperdrives.values()].map((one) => (one.caching = {})),
    /its caching is on/,
  ],
  [
    'Hyperdrive',
    ({ account }) =>
      [...account.hyperdrives.values()].map((one) => (one.origin.host = 'old.example.net')),
    /another host/,
  ],
  ['Hyperdrive', ({ account }) => account.hyperdrives.clear(), /no Hyperdrive configuration/],
  [
    'Hyperdrive binding',
    (one) =>
      inDashboard(one, {
        HYPERDRIVE: { type: 'hyperdrive', name: 'HYPERDRIVE', id: 'f'.repeat(32) },
      }),
    /bound to the Hyperdrive configuration f+/,
  ],
  [
    'Queue of dead letters',
    (one) => one.account.queues.delete(queueNamed(one, 'mainloop-dispatch-dead')[0]),
    /lost in silence/,
  ],
  [
    'Consumers',
    (one) =>
      queueNamed(one, 'mainloop-dispatch')[1].consumers.map(
        (each) => (each.deadLetterQueue = null),
      ),
    /does not go to mainloop-dispatch-dead/,
  ],
  ['Bucket', ({ account }) => account.buckets.clear(), /no R2 bucket/],
  ['Containers', ({ account }) => account.applications.clear(), /have no application/],
  ['Workflow', ({ account }) => account.workflows.clear(), /not the Worker’s/],
  ['Host name', ({ account }) => account.domains.clear(), /leads to no Worker/],
  [
    'Gateway',
    (one) => inDashboard(one, text('GATEWAY_URL', 'https://mainloop.example.com')),
    /sandboxes find nobody/,
  ],
  [
    'Local variables',
    (one) => inDashboard(one, text('LOCAL_PERSON', 'you@localhost')),
    /LOCAL_PERSON/,
  ],
  ['Image', ({ account }) => Object.assign(account.worker ?? {}, { containers: null }), /no image/],
  [
    'Compatibility date',
    ({ account }) => {
      Object.assign(account.worker ?? {}, { compatibilityDate: '2024-01-01' });
      for (const version of account.worker?.versions ?? []) version.tag = null;
    },
    /2024-01-01/,
  ],
  [
    'Version',
    ({ account }) => account.worker?.versions.map((one) => (one.tag = 'mainloop-old')),
    /not what this folder/,
  ],
  ['Postgres', (one) => (one.database.pending = ['0009_next']), /0009_next/],
];

describe('finds what was planted, and its mend mends it', () => {
  it.each(MENDED_BY_SETUP)('%s (%#)', async (what, plant, says) => {
    plant(at);
    const found = (await wrong()).get(what);
    expect(found?.text).toMatch(says);
    expect(found?.mend).toMatch(/npm run (?:setup|deploy)/);
    const flags = /setup -- (--[a-z-]+)`/.exec(found?.mend ?? '')?.slice(1) ?? [];
    await setup(at.later(...flags), at.ports);
    expect([...(await wrong()).keys()]).toEqual([]);
  });
});

/** Those that a person has to mend, or the machine. */
const MENDED_BY_HAND: [...Planted, mend: RegExp][] = [
  [
    'Who may sign in',
    ({ account }) =>
      [...account.accessApps.values()].map(({ policies }) =>
        policies.push({ id: 'open', decision: 'bypass', include: [{ everyone: {} }] }),
      ),
    /everyone through/,
    /Remove that policy/,
  ],
  [
    'Anthropic API key',
    (one) => (one.ports.tryAnthropicKey = refused('The Anthropic API key is refused (401).')),
    /refused \(401\)/,
    /--anthropic-api-key=/,
  ],
  [
    'GitHub token',
    (one) => (one.ports.tryGitHubToken = refused('The GitHub token may not write to acme/site.')),
    /may not write/,
    /--github-token=/,
  ],
  [
    'GitHub App',
    (one) => {
      const app = { GITHUB_APP_ID: '4711', GITHUB_APP_PRIVATE_KEY: 'of the test' };
      one.ports.folder.writeSecrets({ ...one.ports.folder.readSecrets(), ...app });
      one.ports.tryGitHubApp = refused('The GitHub App Helper is installed nowhere.');
    },
    /is installed nowhere/,
    /Mend that at GitHub/,
  ],
  ['workerd', (one) => (one.state.copies = 2), /2 copies/, /npm ci/],
  ['Docker', (one) => (one.state.hasDocker = false), /Docker does not answer/, /Start Docker/],
  [
    'Node',
    (one) => (one.ports.environment.MAINLOOP_SYSTEM_NODE = '18.20.0'),
    /Node 18.20.0 is too old/,
    /nodejs.org/,
  ],
  [
    'Encryption keys',
    (one) =>
      one.ports.folder.writeSecrets({ ...one.ports.folder.readSecrets(), ENCRYPTION_KEYS: 'abc' }),
    /not written as/,
    /your copy/,
  ],
  [
    'Host name',
    ({ account }) => account.domains.set(HOST, 'shop'),
    /leads to the Worker shop/,
    /--take-over/,
  ],
];

describe('finds what was planted, and says who has to do what', () => {
  it.each(MENDED_BY_HAND)('%s', async (what, plant, says, mend) => {
    plant(at);
    const found = (await wrong()).get(what);
    expect(found?.text).toMatch(says);
    expect(found?.mend).toMatch(mend);
  });
});

it('says so where it cannot look, instead of calling it good', async () => {
  at.standIn.forbid(/\/access\//);
  at.ports.folder.writeSecrets({});
  await doctor(at.later(), at.ports);
  const lines = at.said.filter((line) => line.includes('not tried'));
  expect(lines.join('\n')).toMatch(/Access.*Postgres.*Anthropic API key.*GitHub token/s);
});

describe('looks at the machine', () => {
  it('where there is no installation, and says so', async () => {
    const none = await world();
    none.state.hasDocker = false;
    expect(await doctor(none.later(), none.ports)).toBe(false);
    expect(none.said.join('\n')).toMatch(
      /good {3}Node.*WRONG {2}Docker: .*WRONG {2}Installation: There is none in .*npm run setup/s,
    );
    await none.close();
  });

  it.each<[string, (at: World) => void, RegExp]>([
    ['nobody is signed in', (one) => (one.ports.wrangler = () => signedOut), /not signed in/],
    ['the token is wrong', (one) => (one.ports.environment.CLOUDFLARE_API_TOKEN = 'x'), /misspelt/],
    ['there is no network', (one) => void one.standIn.close(), /did not answer/],
  ])('where %s', async (_, plant, says) => {
    at.ports.environment = { ...at.ports.environment };
    if (says.source.includes('signed')) delete at.ports.environment.CLOUDFLARE_API_TOKEN;
    plant(at);
    const found = await wrong();
    expect([...found.keys()]).toEqual(['Cloudflare']);
    expect(found.get('Cloudflare')?.text).toMatch(says);
  });
});

const signedOut = async () => ({ code: 1, output: 'Not logged in.' });
