import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setup } from './setup.ts';
import { expectOneOfEach } from './testing/one-of-each.ts';
import type { Fault } from './testing/stand-in.ts';
import { type World, world } from './testing/world.ts';

let at: World;
beforeEach(async () => {
  at = await world();
});
afterEach(() => at.close());

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
    ['containers that were not set up', ({ account }) => account.applications.clear()],
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
