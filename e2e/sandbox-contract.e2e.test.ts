import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containersHere, prepareContainers } from '../dev/containers/prepare.ts';
import { type CloudflarePlace, cloudflarePlace } from './containers/cloudflare-place.ts';
import { type SandboxPlace, sandboxContract } from './containers/contract.ts';
import { localPlace } from './containers/local-place.ts';

const here = containersHere();
if (here.is === 'missing') {
  console.log(
    `Real containers are not tried here: ${here.why}. \`npm run test:containers\` installs it.`,
  );
}
const PREPARED_WITHIN_MS = 20 * 60_000;
const FULL = 'There is no Container instance that can be provided to this Durable Object';

describe('the local sandbox host', () => {
  let place: SandboxPlace;
  beforeAll(async () => {
    place = await localPlace();
  });
  afterAll(() => place.close());
  sandboxContract(() => place);
});

describe.runIf(here.is === 'ready')('Cloudflare’s containers', () => {
  let place: CloudflarePlace;
  beforeAll(async () => {
    prepareContainers((text) => console.log(text));
    place = await cloudflarePlace();
  }, PREPARED_WITHIN_MS);
  afterAll(() => place.close());
  sandboxContract(() => place);

  it('tells the task of a container that ended by itself', async () => {
    const run = { taskId: '01JZZZZZZZZZZZZZZZZZZZ0901', generation: 1 };
    await place.ensure(run);
    await expect.poll(() => place.callers(run.taskId), { timeout: 20_000 }).toEqual([1]);
    await place.crash(run);
    await expect.poll(() => place.ended(run.taskId), { timeout: 5_000 }).toEqual([1]);
    await place.port.stop(run);
  }, 60_000);

  it('ends one that nobody wants and nobody stops, and frees what it took', async () => {
    const run = { taskId: '01JZZZZZZZZZZZZZZZZZZZ0902', generation: 1 };
    await place.ensure(run);
    await expect.poll(() => place.callers(run.taskId), { timeout: 20_000 }).toEqual([1]);
    await place.abandon(run.taskId);
    await expect.poll(() => place.port.alive(run), { timeout: 20_000 }).toBe(false);
    await expect.poll(() => place.left(run.taskId), { timeout: 30_000 }).toEqual([]);
  }, 90_000);

  it('says that there is no room, and starts one once there is', async () => {
    const run = { taskId: '01JZZZZZZZZZZZZZZZZZZZ0903', generation: 1 };
    place.engine.refuse(FULL);
    expect(await place.ensure(run)).toMatchObject({ is: 'no_room' });
    expect(await place.port.alive(run)).toBe(false);
    place.engine.refuse(null);
    expect(await place.ensure(run)).toEqual({ is: 'up' });
    await place.port.stop(run);
  }, 60_000);
});
