import { expect, it } from 'vitest';
import { inParallel } from './in-parallel.ts';

it('does all of the work, and never more of it at once than is allowed', async () => {
  let now = 0;
  let most = 0;
  const done: number[] = [];
  await inParallel([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setTimeout(resolve, 1));
    now--;
    done.push(item);
  });
  expect(most).toBe(3);
  expect(done.toSorted()).toEqual([1, 2, 3, 4, 5, 6, 7]);
});

it('has nothing to do for nothing', async () => {
  await inParallel([], 3, () => Promise.reject(new Error('for nobody')));
});
