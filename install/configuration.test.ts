import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { configurationFor, readConfiguration } from './configuration.ts';
import { ROOT } from './testing/world.ts';

const base = readConfiguration(readFileSync(path.join(ROOT, 'wrangler.toml'), 'utf8'));
const place = {
  name: 'second',
  accountId: 'a'.repeat(32),
  host: 'second.example.com',
  access: { team: 'acme.cloudflareaccess.com', aud: 'tag' },
  vars: { GITHUB_URL: 'https://git.example.com' },
  hyperdriveId: 'b'.repeat(32),
};
const made = configurationFor(base, ROOT, place);

it('a second installation shares nothing with the first', () => {
  const text = JSON.stringify({ ...made, vars: {} });
  expect(text).not.toMatch(/"mainloop/);
  expect(made.queues.consumers.map(({ queue }) => queue)).toEqual([
    'second-dispatch',
    'second-dispatch-dead',
  ]);
  expect(made).toMatchObject({ name: 'second', workers_dev: false, account_id: place.accountId });
});

it('all that wrangler.toml says beside names and variables stays', () => {
  const { durable_objects, migrations, observability, compatibility_date } = base;
  expect(made).toMatchObject({ durable_objects, migrations, observability, compatibility_date });
  expect(made.vars).toEqual({
    ...base.vars,
    GITHUB_URL: 'https://git.example.com',
    ACCESS_TEAM_DOMAIN: 'acme.cloudflareaccess.com',
    ACCESS_AUD: 'tag',
  });
  // The local stack's: containers are off there.
  expect(made).not.toHaveProperty('dev');
});

it('without Hyperdrive no such thing is bound', () => {
  expect(configurationFor(base, ROOT, { ...place, hyperdriveId: null })).not.toHaveProperty(
    'hyperdrive',
  );
});

it('a queue that setup does not know ends it, instead of being shared', () => {
  const [consumer] = base.queues.consumers;
  const consumers = [...base.queues.consumers, { ...consumer, queue: 'mainloop-new' }];
  const changed = { ...base, queues: { ...base.queues, consumers } };
  expect(() => configurationFor(changed, ROOT, place)).toThrow(/mainloop-new/);
});
