import type { CDPSession, Page } from 'playwright-core';
import { expect } from 'vitest';
import * as z from 'zod/mini';

/** What was seen in the frames of a stretch of time. */
const Frames = z.object({
  count: z.int(),
  /** Frames in which a part of the place was not covered by rows. */
  blank: z.int(),
  worstGapPx: z.int(),
  /** Most nodes that the document had, texts included. */
  nodes: z.int(),
  /** From one frame to the next, for nineteen of twenty. */
  p95Ms: z.number(),
});
type Frames = z.infer<typeof Frames>;

/** Above the first row and below the last there is some room. */
const GAP_MAX_PX = 60;

/** In the page: looks at each frame how much of the place is covered by what is drawn of its rows. */
const WATCH = `(selector, rowSelector) => {
  const place = document.querySelector(selector);
  const times = [];
  let last = performance.now();
  const seen = { count: 0, blank: 0, worstGapPx: 0, nodes: 0, isOver: false };
  globalThis.framesSeen = () => {
    seen.isOver = true;
    const p95Ms = times.sort((one, other) => one - other)[Math.floor(times.length * 0.95)] ?? 0;
    return { ...seen, p95Ms };
  };
  const look = () => {
    const { top, bottom } = place.getBoundingClientRect();
    const rows = [...place.querySelectorAll(rowSelector)]
      .filter((row) => getComputedStyle(row).visibility !== 'hidden')
      .map((row) => row.getBoundingClientRect())
      .sort((one, other) => one.top - other.top);
    let covered = top;
    let gap = 0;
    for (const row of rows) {
      if (row.bottom <= covered) continue;
      gap = Math.max(gap, Math.min(row.top, bottom) - covered);
      covered = row.bottom;
      if (covered >= bottom) break;
    }
    gap = Math.max(gap, bottom - covered);
    seen.count += 1;
    if (gap > ${GAP_MAX_PX}) seen.blank += 1;
    seen.worstGapPx = Math.max(seen.worstGapPx, Math.round(gap));
    const nodes = document.createNodeIterator(document);
    let all = 0;
    while (nodes.nextNode() !== null) all += 1;
    seen.nodes = Math.max(seen.nodes, all);
  };
  // Just before the frame is painted, when whatever is measured in it has been: the last observer of sizes
  // is told after all others.
  const mark = document.body.appendChild(document.createElement('i'));
  mark.style.cssText = 'position: fixed; visibility: hidden; height: 1px';
  new ResizeObserver(() => {
    if (seen.isOver) return mark.remove();
    times.push(performance.now() - last);
    last = performance.now();
    look();
  }).observe(mark);
  const next = () => {
    mark.style.width = mark.style.width === '1px' ? '2px' : '1px';
    if (!seen.isOver) requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
}`;

/** Looks at each frame until `during` has ended. @param rows Selects the rows in the place. */
export async function watchFrames(
  page: Page,
  selector: string,
  rows: string,
  during: () => Promise<void>,
): Promise<Frames> {
  await page.evaluate(`(${WATCH})(${JSON.stringify(selector)}, ${JSON.stringify(rows)})`);
  await during();
  return Frames.parse(await page.evaluate('framesSeen()'));
}

/** Turns the wheel over the middle of the screen so often, so far each time: once a frame, however late that comes. */
export async function wheel(page: Page, times: number, by: number): Promise<void> {
  const { width, height } = page.viewportSize() ?? { width: 0, height: 0 };
  await page.mouse.move(width / 2, height / 2);
  for (let count = 0; count < times; count++) {
    await page.mouse.wheel(0, by);
    await page.evaluate('new Promise((seen) => requestAnimationFrame(() => seen(0)))');
  }
}

/** Lets so many frames pass: what is drawn only after it was measured is there then. */
export async function passFrames(page: Page, count: number): Promise<void> {
  await page.evaluate(`new Promise((done) => {
    let left = ${count};
    const next = () => (left-- === 0 ? done(null) : requestAnimationFrame(next));
    next();
  })`);
}

const STILL_FRAMES = 15;

/** Once it scrolls no more: a wheel turns on for some frames. */
export async function isStill(page: Page, selector: string): Promise<void> {
  await page.evaluate(`new Promise((still) => {
    const place = document.querySelector('${selector}');
    let [top, count] = [place.scrollTop, 0];
    const look = () => {
      count = place.scrollTop === top ? count + 1 : 0;
      top = place.scrollTop;
      count < ${STILL_FRAMES} ? requestAnimationFrame(look) : still();
    };
    look();
  })`);
}

const PASSES = 3;

/** Looks again while it is not good: what the page does wrong is so each time, what holds up the machine is not. */
export async function atBest<T>(look: () => Promise<T>, isGood: (seen: T) => boolean): Promise<T> {
  let seen = await look();
  for (let pass = 1; pass < PASSES && !isGood(seen); pass++) seen = await look();
  return seen;
}

/** Megabytes of JavaScript that are in use once all that can be freed is. */
export async function heapMb(devtools: CDPSession): Promise<number> {
  await devtools.send('HeapProfiler.collectGarbage');
  const { usedSize } = await devtools.send('Runtime.getHeapUsage');
  return usedSize / 1_000_000;
}

/** In the page: from each key, whose time its event bears, until the frame that shows its letter is drawn. */
const TIME_LETTERS = `() => {
  const isThere = globalThis.letterTimes !== undefined;
  globalThis.letterTimes = [];
  if (isThere) return;
  document.addEventListener('input', (event) => {
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => letterTimes.push(performance.now() - event.timeStamp);
      port2.postMessage(null);
    });
  });
}`;

/** Milliseconds from each key to its letter, the shortest first. */
export async function keyToLetterMs(page: Page, letters: string): Promise<number[]> {
  await page.evaluate(`(${TIME_LETTERS})()`);
  await page.keyboard.type(letters, { delay: 30 });
  await expect.poll(() => page.evaluate('letterTimes.length')).toBe(letters.length);
  const times = z.array(z.number()).parse(await page.evaluate('letterTimes'));
  return times.toSorted((one, other) => one - other);
}
