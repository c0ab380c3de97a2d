import { expect, it } from 'vitest';
import { coalesced } from './coalesce.ts';

it('calls during a run are answered by one more, which they wait for', async () => {
  let runs = 0;
  let release: () => void = () => {};
  const run = coalesced(async () => {
    runs += 1;
    await new Promise<void>((resolve) => (release = resolve));
  });
  const first = run();
  const joined = Promise.all([run(), run()]);
  release();
  await expect.poll(() => runs).toBe(2);
  release();
  await Promise.all([first, joined]);
  expect(runs).toBe(2);
});

it('a run that fails tells its callers, and the next call runs again', async () => {
  let runs = 0;
  const run = coalesced(() => {
    runs += 1;
    return runs === 1 ? Promise.reject(new Error('away')) : Promise.resolve();
  });
  await expect(run()).rejects.toThrow('away');
  await run();
  expect(runs).toBe(2);
});
