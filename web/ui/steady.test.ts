import { expect, it } from 'vitest';
import { STEADY_MS, createSteadiness, hasMoved } from './steady.ts';

/** A list that is shown, with a clock that a test moves. */
function list() {
  const shown: string[] = [];
  const waiting = new Set<{ at: number; call: () => void }>();
  let now = 0;
  const steadiness = createSteadiness<string>({
    show: (value) => void shown.push(value),
    now: () => now,
    after: (ms, call) => {
      const timer = { at: now + ms, call };
      waiting.add(timer);
      return () => void waiting.delete(timer);
    },
  });
  const pass = (ms: number) => {
    now += ms;
    for (const timer of [...waiting].filter(({ at }) => at <= now)) {
      waiting.delete(timer);
      timer.call();
    }
  };
  return { ...steadiness, shown, pass };
}

it('shows at once what comes while nobody points at it', () => {
  const { take, shown } = list();
  take('one');
  take('two');
  expect(shown).toEqual(['one', 'two']);
});

it('holds still under a finger and for a moment after, and then shows the newest only', () => {
  const { take, shown, down, up, pass } = list();
  down();
  take('one');
  pass(10_000);
  expect(shown).toEqual([]);
  up();
  take('two');
  pass(STEADY_MS - 1);
  expect(shown).toEqual([]);
  pass(1);
  expect(shown).toEqual(['two']);
  take('three');
  expect(shown).toEqual(['two', 'three']);
});

it('holds still for as long after the last of several taps', () => {
  const { take, shown, down, up, pass } = list();
  down();
  up();
  take('one');
  pass(STEADY_MS - 1);
  down();
  pass(1);
  up();
  pass(STEADY_MS - 1);
  expect(shown).toEqual([]);
  pass(1);
  expect(shown).toEqual(['one']);
});

it('nothing that ended comes later', () => {
  const { take, shown, down, up, pass, end } = list();
  down();
  up();
  take('one');
  end();
  pass(STEADY_MS);
  expect(shown).toEqual([]);
});

it.each([
  ['the first that come', '', 'ab', false],
  ['one that changes where it stands', 'ab', 'ab', false],
  ['one more below', 'ab', 'abc', false],
  ['one more above', 'ab', 'cab', true],
  ['one that goes', 'abc', 'ac', true],
  ['the last that goes', 'ab', 'a', true],
])('%s: what was there has moved or not', (_, before, now, moved) => {
  const rows = (ids: string) => [...ids].map((id) => ({ id }));
  expect(hasMoved(rows(before), rows(now))).toBe(moved);
});
