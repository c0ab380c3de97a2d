import { expect, it } from 'vitest';
import { countUnseen, firstUnseen } from './seen.ts';

const said = (talk: string) =>
  [...talk].map((one, at) => ({
    from: one === 'p' ? ('person' as const) : ('mainloop' as const),
    seq: (at + 1) * 10,
  }));

it.each([
  ['pmmm', 20, 30, 2],
  ['pmmm', 40, null, 0],
  ['pmmm', null, null, 0],
  ['pmmpm', 10, 50, 1],
  ['pmmp', 10, null, 0],
  ['', 10, null, 0],
  // Some of what was seen is not paged in: all that is there is new.
  ['mm', 5, 10, 2],
])('of %s, seen up to %s', (talk, upTo, first, count) => {
  expect(firstUnseen(said(talk), upTo)).toBe(first);
  expect(countUnseen(said(talk), upTo)).toBe(count);
});
