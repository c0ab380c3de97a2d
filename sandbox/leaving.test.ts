import { expect, it } from 'vitest';
import { EXIT_LEAVING, Leaving } from './leaving.ts';

const LONG_MS = 5_000;

function open(orderWithinMs = 20) {
  const exited = Promise.withResolvers<number>();
  return { leaving: new Leaving(exited.resolve, orderWithinMs), exit: exited.promise };
}

/** What comes first: the promise, or 100 ms. */
const within = (promise: Promise<unknown>) =>
  Promise.race([
    promise.then(() => 'went on'),
    new Promise((resolve) => setTimeout(() => resolve('stands still'), 100)),
  ]);

it('what fails after the order is no failure, and neither is what fails right before it', async () => {
  const { leaving } = open();
  const failing = leaving.afterFailure();
  leaving.leave(LONG_MS);
  expect(await within(failing)).toBe('stands still');
  expect(await within(leaving.afterFailure())).toBe('stands still');
  expect(await within(leaving.unlessLeaving())).toBe('stands still');
});

it('what fails without an order is one', async () => {
  const { leaving } = open();
  expect(await within(leaving.afterFailure())).toBe('went on');
  expect(await within(leaving.unlessLeaving())).toBe('went on');
});

it('goes when the work is kept, or when the time for that is over', async () => {
  const first = open();
  let kept = false;
  first.leaving.keep = async () => {
    kept = true;
  };
  first.leaving.leave(LONG_MS);
  expect(await first.exit).toBe(EXIT_LEAVING);
  expect(kept).toBe(true);

  const second = open();
  second.leaving.keep = () => new Promise(() => {});
  // The timer alone keeps no process alive.
  const alive = setTimeout(() => {}, LONG_MS);
  second.leaving.leave(10);
  expect(await second.exit).toBe(EXIT_LEAVING);
  clearTimeout(alive);
});
