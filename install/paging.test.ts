import { afterEach, beforeEach, expect, it } from 'vitest';
import { setup } from './setup.ts';
import { type World, HOST, world } from './testing/world.ts';

let at: World;
beforeEach(async () => {
  at = await world();
});
afterEach(() => at.close());

/** An account that was there long before, so that what setup makes stands on a later page. */
function fill({ account }: World, count: number): void {
  for (let n = 0; n < count; n += 1) {
    const domain = `app-${n}.example.com`;
    account.accessApps.set(`app-${n}`, { name: domain, domain, aud: `aud-${n}`, policies: [] });
    account.hyperdrives.set(`drive-${n}`, {
      name: `drive-${n}`,
      origin: { scheme: 'postgres', host: 'h', port: 5432, database: 'd', user: 'u' },
      caching: {},
    });
  }
}

it('what stands on a later page of a list is found: a second setup makes nothing anew', async () => {
  fill(at, 130);
  await setup(at.options(), at.ports);
  at.standIn.calls.length = 0;
  expect(await setup(at.later(), at.ports)).toBe(false);
  expect(at.standIn.writes()).toEqual([]);
  const asked = at.standIn.calls.filter((call) => call.endsWith('/access/apps'));
  expect(asked).toHaveLength(3);
  expect([...at.account.accessApps.values()].filter(({ domain }) => domain === HOST)).toHaveLength(
    1,
  );
});

it('a list that is exactly as long as its page is asked for once', async () => {
  await setup(at.options(), at.ports);
  fill(at, 48);
  at.standIn.calls.length = 0;
  await setup(at.later(), at.ports);
  const asked = at.standIn.calls.filter((call) => call.endsWith('/access/apps'));
  expect(asked).toHaveLength(1);
});
