import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setup } from './setup.ts';
import { expectOneOfEach } from './testing/one-of-each.ts';
import { type World, HOST, world } from './testing/world.ts';
import { uninstall } from './uninstall.ts';

let at: World;
beforeEach(async () => {
  at = await world();
});
afterEach(() => at.close());

/** What is left of an installation at Cloudflare. */
const left = ({ account }: World) =>
  [
    ...[...account.hyperdrives.values()].map(({ name }) => name),
    ...[...account.queues.values()].map(({ name }) => name),
    ...account.buckets,
    ...[...account.accessApps.values()].map(({ domain }) => domain),
    ...account.workflows.keys(),
    ...account.applications.keys(),
    ...account.domains.keys(),
    account.worker?.name ?? '',
  ].filter(Boolean);

describe('uninstall', () => {
  it('takes away what setup made, and nothing that was there before', async () => {
    at.account.buckets.add('photos');
    at.account.queues.set('other', { name: 'orders', consumers: [] });
    await setup(at.options(), at.ports);
    await uninstall(at.later(), at.ports);
    expect(left(at)).toEqual(['orders', 'photos']);
    expect(at.standIn.wrong).toEqual([]);
  });

  it('leaves what setup found and only used', async () => {
    at.account.buckets.add('mainloop-checkpoints');
    await setup(at.options(), at.ports);
    await uninstall(at.later(), at.ports);
    expect(left(at)).toEqual(['mainloop-checkpoints']);
  });

  it('asks first, and a no is a no', async () => {
    await setup(at.options(), at.ports);
    const asked: string[] = [];
    const confirm = async (text: string) => {
      asked.push(text);
      return false;
    };
    const options = at.later();
    options.switches.yes = false;
    const ports = { ...at.ports, terminal: { ...at.ports.terminal, confirm } };
    await expect(uninstall(options, ports)).rejects.toThrow('Nothing was removed.');
    await expect(uninstall(options, at.ports)).rejects.toThrow(/Say --yes/);
    expect(asked).toEqual([`Remove ${HOST} and all of the above?`]);
    expectOneOfEach(at);
  });

  it('in a dry run names each part and removes none', async () => {
    await setup(at.options(), at.ports);
    await uninstall(at.later('--dry-run'), at.ports);
    expect(at.said.filter((line) => line.startsWith('  - '))).toHaveLength(9);
    expectOneOfEach(at);
  });

  it('cut off after any call, it is finished by the next', async () => {
    let cuts = 0;
    for (let isWhole = false; !isWhole; cuts += 1) {
      await setup(at.options(), at.ports);
      at.standIn.spoil({ at: cuts + 1, done: cuts % 2 === 0 });
      isWhole = await uninstall(at.later(), at.ports).then(
        () => true,
        () => false,
      );
      at.standIn.spoil(null);
      await uninstall(at.later(), at.ports);
      expect(left(at)).toEqual([]);
    }
    expect(cuts).toBe(10);
  });

  it('and a setup after it makes all of it again', async () => {
    await setup(at.options(), at.ports);
    await uninstall(at.later(), at.ports);
    await setup(at.later(), at.ports);
    expectOneOfEach(at);
  });
});
