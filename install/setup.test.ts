import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setup } from './setup.ts';
import type { Fault } from './testing/stand-in.ts';
import { type World, HOST, world } from './testing/world.ts';

let at: World;
beforeEach(async () => {
  at = await world();
});
afterEach(() => at.close());

/** One of each part, and nothing beside. */
function expectOneOfEach({ account, standIn }: World): void {
  expect([...account.hyperdrives.values()]).toEqual([
    {
      name: 'mainloop',
      origin: {
        scheme: 'postgres',
        host: 'db.example.net',
        port: 5432,
        database: 'history',
        user: 'mainloop',
      },
      caching: { disabled: true },
    },
  ]);
  const consumers = (name: string) =>
    [...account.queues.values()].find((queue) => queue.name === name)?.consumers;
  expect(account.queues.size).toBe(2);
  expect(consumers('mainloop-dispatch')).toMatchObject([
    { script: 'mainloop', deadLetterQueue: 'mainloop-dispatch-dead' },
  ]);
  expect(consumers('mainloop-dispatch-dead')).toMatchObject([{ script: 'mainloop' }]);
  expect([...account.buckets]).toEqual(['mainloop-checkpoints']);
  expect([...account.accessApps.values()]).toMatchObject([
    {
      domain: HOST,
      policies: [
        {
          decision: 'allow',
          include: [
            { email: { email: 'you@example.com' } },
            { email: { email: 'ada@example.com' } },
          ],
        },
      ],
    },
    { domain: `${HOST}/webhooks/github`, policies: [{ decision: 'bypass' }] },
  ]);
  expect([...account.domains]).toEqual([[HOST, 'mainloop']]);
  expect([...account.workflows]).toEqual([['mainloop-task', 'mainloop']]);
  expect(account.applications.size).toBe(1);
  expect(account.subdomain).toBe('mainloop-example-com');
  expect(account.worker).toMatchObject({ name: 'mainloop', workersDev: false });
  expect([...(account.worker?.secrets.keys() ?? [])].toSorted()).toEqual([
    'ANTHROPIC_API_KEY',
    'ENCRYPTION_KEYS',
    'GITHUB_TOKEN',
    'GITHUB_WEBHOOK_SECRET',
  ]);
  expect(standIn.wrong).toEqual([]);
}

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

  it('on another machine, without this folder, adopts what is there', async () => {
    await setup(at.options(), at.ports);
    const secrets = new Map(at.account.worker?.secrets);
    const other = await world();
    const ports = { ...at.ports, folder: other.ports.folder };
    await setup(at.options(), ports);
    expectOneOfEach(at);
    // Keys that are there are never made anew: what is encrypted with them could not be read again.
    expect(at.account.worker?.secrets).toEqual(secrets);
    await other.close();
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

  it('switches caching off where somebody switched it on, and leads to the database that is meant', async () => {
    await setup(at.options(), at.ports);
    const [drive] = [...at.account.hyperdrives.values()];
    if (drive !== undefined) drive.caching = {};
    await setup(at.later(), at.ports);
    expectOneOfEach(at);
  });

  it('in a dry run says what it would do, and does nothing', async () => {
    await setup(at.options('--dry-run'), at.ports);
    expect(at.standIn.writes()).toEqual([]);
    expect(at.ports.folder.read()).toBeNull();
    expect(at.database.migrated).toBe(0);
    expect(at.said.filter((line) => line.startsWith('Would do'))).toHaveLength(9);
  });
});

describe('a setup that cannot end well stops before it makes anything', () => {
  it.each([
    ['--host=mainloop.example.org', /No domain of this Cloudflare account holds/],
    ['--host=nonsense', /--host should look like/],
    ['--name=Has Spaces', /--name takes/],
    ['--access-aud=1', /has both/],
  ])('%s', async (flag, sentence) => {
    await expect(setup(at.options(flag), at.ports)).rejects.toThrow(sentence);
    expect(at.standIn.writes()).toEqual([]);
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

  it('a key that is refused is told before anything is made', async () => {
    const text = 'The Anthropic API key is refused (401).';
    const ports = { ...at.ports, tryAnthropicKey: async () => ({ is: 'refused', text }) as const };
    await expect(setup(at.options(), ports)).rejects.toThrow(text);
    expect(at.standIn.writes()).toEqual([]);
  });
});

describe('where the token may not change Access', () => {
  beforeEach(() => at.standIn.forbid(/\/access\//));

  it('setup says what to do by hand, and goes on once it is told of it', async () => {
    await expect(setup(at.options(), at.ports)).rejects.toThrow(/Self-hosted.*--access-aud=/s);
    expect(at.account.worker).toBeNull();
    for (const [domain, decision] of [
      [HOST, 'allow'],
      [`${HOST}/webhooks/github`, 'bypass'],
    ] as const) {
      at.account.accessApps.set(domain, {
        name: domain,
        domain,
        aud: 'by-hand',
        policies: [{ id: 'p', decision, include: [] }],
      });
    }
    await setup(
      at.options('--access-team=acme.cloudflareaccess.com', '--access-aud=by-hand'),
      at.ports,
    );
    const aud = { type: 'plain_text', name: 'ACCESS_AUD', text: 'by-hand' };
    expect(at.account.worker?.versions[0]?.bindings).toContainEqual(aud);
    expect(await setup(at.later(), at.ports)).toBe(false);
  });
});

describe('a migration that fails', () => {
  it('leaves the version that runs as it is, and the next setup goes on', async () => {
    await setup(at.options(), at.ports);
    const before = at.account.worker?.versions.length;
    at.database.pending = ['0009_next'];
    at.database.fails = true;
    await expect(setup(at.later('--github-token=new'), at.ports)).rejects.toThrow();
    expect(at.account.worker?.versions.length).toBe(before);
    at.database.fails = false;
    await setup(at.later(), at.ports);
    expect(at.account.worker?.secrets.get('GITHUB_TOKEN')).toBe('new');
  });
});

/** A setup that is cut off at a call, and another one after it; null when there was no such call. */
async function cutOff(fault: Fault): Promise<World | null> {
  const one = await world();
  one.standIn.spoil(fault);
  const ended = await setup(one.options(), one.ports).then(
    () => true,
    () => false,
  );
  one.standIn.spoil(null);
  if (!ended) {
    await setup(one.options(), one.ports);
    return one;
  }
  await one.close();
  return null;
}

describe('cut off after any call that writes', () => {
  it.each([false, true])(
    'and run again, it ends with one of each (done: %s)',
    async (done) => {
      let call = 1;
      for (let one = await cutOff({ at: call, done }); one !== null; call += 1) {
        expectOneOfEach(one);
        expect(await setup(one.later(), one.ports)).toBe(false);
        await one.close();
        one = await cutOff({ at: call + 1, done });
      }
      // 8 parts, and what wrangler writes.
      expect(call).toBeGreaterThan(18);
    },
    60_000,
  );
});

describe('what deploying left undone', () => {
  it.each<[string, (at: World) => void]>([
    [
      'a queue that nobody takes from',
      ({ account }) => [...account.queues.values()].map((one) => (one.consumers = [])),
    ],
    ['a host name that leads nowhere', ({ account }) => account.domains.clear()],
    ['a Workflow that was not registered', ({ account }) => account.workflows.clear()],
    [
      'a Worker at workers.dev',
      ({ account }) => Object.assign(account.worker ?? {}, { workersDev: true }),
    ],
    [
      'a Worker without its image',
      ({ account }) => Object.assign(account.worker ?? {}, { containers: null }),
    ],
  ])('is made good by the next setup: %s', async (_, spoil) => {
    await setup(at.options(), at.ports);
    spoil(at);
    await setup(at.later(), at.ports);
    expectOneOfEach(at);
    expect(at.account.worker?.versions).toHaveLength(2);
  });
});
