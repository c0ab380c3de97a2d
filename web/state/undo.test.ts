import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { HeldCommand, NewCommand } from './state.ts';
import { UNDO_MS, createHolding } from './undo.ts';

const page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
let held: HeldCommand[];
let done: NewCommand[];
let holding: ReturnType<typeof createHolding>;
const DISMISS: NewCommand = { type: 'dismiss', itemId: '01ARZ3NDEKTSV4RRFFQ69G5FAV' };

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('document', page);
  vi.stubGlobal('addEventListener', () => {});
  page.visibilityState = 'visible';
  [held, done] = [[], []];
  holding = createHolding({
    held: () => held,
    setHeld: (now) => {
      held = now;
    },
    act: (command) => done.push(command),
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('what cannot be undone is done when its time has come, once', () => {
  holding.hold(DISMISS, 'Dismissing');
  vi.advanceTimersByTime(UNDO_MS - 1);
  expect(done).toEqual([]);
  vi.advanceTimersByTime(UNDO_MS);
  expect(done).toEqual([DISMISS]);
  expect(held).toEqual([]);
});

it('what is wanted twice is held once, and done once', () => {
  holding.hold(DISMISS, 'Dismissing');
  holding.hold({ ...DISMISS }, 'Dismissing');
  expect(held).toHaveLength(1);
  vi.advanceTimersByTime(UNDO_MS * 2);
  expect(done).toEqual([DISMISS]);
});

it('what is taken back is never done', () => {
  holding.hold(DISMISS, 'Dismissing');
  holding.undo(held[0]?.id ?? '');
  vi.advanceTimersByTime(UNDO_MS * 2);
  expect(done).toEqual([]);
});

it('a page that goes out of sight does at once what was held', () => {
  holding.hold(DISMISS, 'Dismissing');
  page.visibilityState = 'hidden';
  page.dispatchEvent(new Event('visibilitychange'));
  expect(done).toEqual([DISMISS]);
  vi.advanceTimersByTime(UNDO_MS * 2);
  expect(done).toHaveLength(1);
});
