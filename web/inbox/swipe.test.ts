import { expect, it } from 'vitest';
import { ACT_PX, SwipeReader } from './swipe.ts';

/** A finger that comes down at (300, 300) and goes by these steps. */
function finger(...steps: [x: number, y: number][]): SwipeReader {
  const reader = new SwipeReader();
  reader.down(300, 300);
  for (const [x, y] of steps) reader.move(300 + x, 300 + y);
  return reader;
}

it('a pull to the left far enough acts, one that comes back does not', () => {
  expect(finger([-20, 2], [-ACT_PX - 20, 4]).up()).toBe(true);
  expect(finger([-ACT_PX - 20, 4], [-30, 4]).up()).toBe(false);
});

it('whoever scrolls does not pull, however far to the side they go after', () => {
  const reader = finger([-4, 30], [-200, 40]);
  expect([reader.isPulling, reader.px]).toEqual([false, 0]);
  expect(reader.up()).toBe(false);
});

it('a pull that wavers stays a pull', () => {
  expect(finger([-30, 5], [-150, 90]).up()).toBe(true);
});

it('a tremble is nothing, and neither is a pull to the right', () => {
  expect(finger([-6, 3]).isPulling).toBe(false);
  expect(finger([60, 3], [-200, 3]).up()).toBe(false);
});

it('the row follows the finger smoothly from where it was taken, and not for ever', () => {
  expect(finger([-11, 0]).px).toBe(1);
  expect(finger([-50, 0]).px).toBe(40);
  expect(finger([-900, 0]).px).toBe(160);
});

it('nothing is done when the page takes the finger', () => {
  const reader = finger([-200, 0]);
  reader.cancel();
  expect(reader.up()).toBe(false);
});
