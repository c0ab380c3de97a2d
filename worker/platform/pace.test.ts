import { expect, it } from 'vitest';
import { Pace } from './pace.ts';

const NOW = Date.UTC(2026, 10, 1);

it('lets so many pass at once, and says when the next one may', () => {
  const pace = new Pace({ atOnce: 3, perSecond: 0.5 });
  expect([1, 2, 3].map(() => pace.take(NOW))).toEqual([0, 0, 0]);
  expect(pace.take(NOW)).toBe(2_000);
  expect(pace.take(NOW + 1_500)).toBe(500);
  expect(pace.take(NOW + 2_000)).toBe(0);
  expect(pace.take(NOW + 2_000)).toBe(2_000);
});

it('saves no more than its bound, however long it is quiet', () => {
  const pace = new Pace({ atOnce: 2, perSecond: 10 });
  pace.take(NOW);
  const later = NOW + 86_400_000;
  expect([1, 2, 3].map(() => pace.take(later))).toEqual([0, 0, 100]);
});

it('gives nothing for a clock that goes back', () => {
  const pace = new Pace({ atOnce: 1, perSecond: 1 });
  pace.take(NOW);
  expect(pace.take(NOW - 60_000)).toBe(1_000);
});
