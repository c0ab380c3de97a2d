import { createRoot } from 'solid-js';
import type { VirtualizerHandle } from 'virtua/solid';
import { expect, it } from 'vitest';
import { createAim } from './aim.ts';

const SEEN_PX = 500;
const GUESSED_PX = 40;

/**
 * A list whose rows get their heights `lateFrames` after they came into sight, with frames that a
 * test lets pass. As the real one it scrolls to where a row seems to be, and then lets go of it.
 */
function list(heights: number[], lateFrames: number) {
  const rows = heights.map((height, at) => ({
    name: `row ${at}`,
    height,
    px: GUESSED_PX,
    seen: 0,
  }));
  const element = { scrollTop: 0, clientHeight: SEEN_PX, scrollHeight: 0 };
  let frames: (() => void)[] = [];
  const offset = (index: number) => rows.slice(0, index).reduce((sum, { px }) => sum + px, 0);
  const isSeen = (index: number) =>
    offset(index) < element.scrollTop + SEEN_PX && offset(index + 1) > element.scrollTop;
  const measure = () => {
    rows
      .filter((_, index) => isSeen(index))
      .forEach((row) => {
        row.seen += 1;
        if (row.seen > lateFrames) row.px = row.height;
      });
    element.scrollHeight = offset(rows.length);
  };
  measure();
  const there: number[] = [];
  const handle = {
    viewportSize: SEEN_PX,
    getItemOffset: offset,
    getItemSize: (index: number) => rows[index]?.px ?? 0,
    scrollToIndex: (index: number) => {
      element.scrollTop = offset(index);
    },
  } as unknown as VirtualizerHandle;
  const aim = createRoot(() =>
    createAim<string>({
      list: () => handle,
      scroller: () => element as HTMLElement,
      indexOf: (name) => rows.findIndex((row) => row.name === name),
      nextFrame: (call) => void frames.push(call),
      onThere: () => void there.push(element.scrollTop),
    }),
  );
  const pass = (count: number) => {
    for (let at = 0; at < count; at++) {
      const now = frames;
      frames = [];
      for (const call of now) call();
      measure();
    }
  };
  return { ...aim, rows, element, there, offset, pass, isIdle: () => frames.length === 0 };
}

const HIGH = Array.from({ length: 100 }, (_, at) => 100 + (at % 7) * 90);

it('comes to a row whose neighbours were never measured, and then looks no more', () => {
  const { toRow, rows, element, there, offset, pass, isIdle } = list(HIGH, 1);
  expect(toRow('row 60', { align: 'start' })).toBe(true);
  pass(60);
  expect(rows[60]?.px).toBe(rows[60]?.height);
  expect(element.scrollTop).toBe(offset(60));
  expect(there).toEqual([offset(60)]);
  expect(isIdle()).toBe(true);
});

it('goes with its row where others come before it', () => {
  const { toRow, rows, element, offset, pass } = list(HIGH, 1);
  toRow('row 60', { align: 'start' });
  pass(1);
  rows.unshift({ name: 'older', height: 900, px: 900, seen: 9 });
  pass(60);
  expect(element.scrollTop).toBe(offset(61));
});

it('lets go of it as soon as a person scrolls', () => {
  const { toRow, leave, element, there, pass, isOnItsWay } = list(HIGH, 1);
  toRow('row 60', { align: 'start' });
  pass(1);
  leave();
  element.scrollTop = 7;
  pass(60);
  expect(element.scrollTop).toBe(7);
  expect(there).toEqual([]);
  expect(isOnItsWay()).toBe(false);
});

it('waits where nothing of the list is to be seen', () => {
  const { toRow, element, there, offset, pass } = list(HIGH, 1);
  element.clientHeight = 0;
  toRow('row 60', { align: 'start' });
  pass(60);
  expect(there).toEqual([]);
  element.clientHeight = SEEN_PX;
  pass(60);
  expect(there).toEqual([offset(60)]);
});

it('is at the end though a text goes on growing there', () => {
  const { toEnd, rows, element, there, pass } = list(HIGH, 1);
  toEnd();
  for (let count = 0; count < 60; count++) {
    const last = rows.at(-1);
    if (last !== undefined) last.height += 20;
    pass(1);
  }
  expect(there).toHaveLength(1);
  expect(element.scrollTop).toBeGreaterThan(0);
});

it('goes nowhere where there is no such row', () => {
  const { toRow, isIdle } = list(HIGH, 1);
  expect(toRow('row 600', { align: 'start' })).toBe(false);
  expect(isIdle()).toBe(true);
});
