import { afterEach, beforeEach, expect, it } from 'vitest';
import { type World, world } from './testing/world.ts';
import { deployInWorkersBuilds } from './workers-builds.ts';

let at: World;
beforeEach(async () => {
  at = await world();
});
afterEach(() => at.close());

/** wrangler that answers each call with the next of these codes, and what it was called with. */
function wranglerThat(...codes: number[]) {
  const calls: string[] = [];
  const wrangler = () => async (args: readonly string[]) => {
    calls.push(args.join(' '));
    return { code: codes[calls.length - 1] ?? 0, output: '' };
  };
  return { calls, ports: { ...at.ports, wrangler } };
}

it('makes the queue that nobody sends to before it deploys, whether it is there or not', async () => {
  for (const code of [0, 1]) {
    const { calls, ports } = wranglerThat(code, 0);
    await deployInWorkersBuilds(ports);
    expect(calls).toEqual(['queues create mainloop-dispatch-dead', 'deploy']);
  }
});

it('a deployment that fails is a build that fails', async () => {
  const { ports } = wranglerThat(0, 1);
  await expect(deployInWorkersBuilds(ports)).rejects.toThrow(/was not deployed/);
});
