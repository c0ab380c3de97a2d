import type { CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DESK, PHONE } from './harness/browser.ts';
import { servesBuiltPage } from './harness/built-page.ts';
import { misfits } from './harness/fit.ts';
import { openWorld, show } from './world/open.ts';
import { FIRST_RUN, PLACES, type Place, type World } from './world/places.ts';
import { EMPTY, WORLD } from './world/world.ts';

const SMALL = { width: 320, height: 568 };
/** 400 % zoom of a small window. */
const ZOOMED = { width: 360, height: 225 };
const FONT_PX = 16;

const built = servesBuiltPage();

/** Rows of a list are measured, and then drawn again. */
const settled = (page: Page) =>
  page.evaluate(`new Promise((done) => {
    let frames = 4;
    const next = () => (frames-- === 0 ? done(null) : requestAnimationFrame(next));
    next();
  })`);

/** What a page is shown as. */
type View = { size: { width: number; height: number }; dir?: 'rtl' | 'ltr'; font?: number };
const VIEWS: Record<string, View> = {
  'a small phone': { size: SMALL },
  '400 % zoom': { size: ZOOMED },
  'right to left on a phone': { size: PHONE, dir: 'rtl' },
  'right to left at a desk': { size: DESK, dir: 'rtl' },
  'letters twice as large on a phone': { size: PHONE, font: 2 },
  'letters twice as large at a desk': { size: DESK, font: 2 },
};

describe('nothing is cut off and nothing covered', () => {
  let worlds: { world: World; session: CDPSession }[];
  beforeAll(async () => {
    worlds = await Promise.all(
      [WORLD, EMPTY].map(async (written) => {
        const world = await openWorld(built.browser, { hasTouch: true, viewport: PHONE }, written);
        return { world, session: await world.context.newCDPSession(world.page) };
      }),
    );
  });
  afterAll(async () => {
    for (const { world } of worlds) await world.context.close();
  });

  const look = async (which: 0 | 1, place: Place) => {
    const opened = worlds[which];
    if (opened === undefined) throw new Error('No such world.');
    const { world, session } = opened;
    const { page } = world;
    const found: Record<string, string[]> = {};
    const set = async ({ size, dir = 'ltr', font = 1 }: View) => {
      await page.setViewportSize(size);
      const px = FONT_PX * font;
      await session.send('Page.setFontSizes', { fontSizes: { standard: px, fixed: px } });
      await page.evaluate(`document.documentElement.dir = '${dir}'`);
    };
    await set({ size: PHONE });
    await show(world, built.url, place);
    for (const [name, view] of Object.entries(VIEWS)) {
      await set(view);
      await settled(page);
      const wrong = await misfits(page);
      if (wrong.length > 0) found[name] = wrong;
    }
    expect(found).toEqual({});
  };
  it.each(Object.entries(PLACES))('in %s', (_, place) => look(0, place));
  it.each(Object.entries(FIRST_RUN))('in %s', (_, place) => look(1, place));
});
