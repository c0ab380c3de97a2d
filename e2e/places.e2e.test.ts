import type { CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findings } from './harness/axe.ts';
import { DESK, PHONE } from './harness/browser.ts';
import { servesBuiltPage } from './harness/built-page.ts';
import { misfits } from './harness/fit.ts';
import { lostColours } from './harness/forced-colours.ts';
import { passFrames } from './harness/frames.ts';
import { DEVICES, openWorld, show } from './world/open.ts';
import { FIRST_RUN, PLACES, type Place, type World } from './world/places.ts';
import { EMPTY, WORLD } from './world/world.ts';

const FONT_PX = 16;

/** What a page is shown as. */
type View = { size: { width: number; height: number }; dir?: 'rtl' | 'ltr'; font?: number };
const VIEWS: Record<keyof typeof DEVICES, Record<string, View>> = {
  phone: {
    'a small phone': { size: { width: 320, height: 568 } },
    '400 % zoom of a small window': { size: { width: 360, height: 225 } },
    'right to left': { size: PHONE, dir: 'rtl' },
    'letters twice as large': { size: PHONE, font: 2 },
  },
  desk: {
    'right to left': { size: DESK, dir: 'rtl' },
    'letters twice as large': { size: { ...DESK, height: DESK.height - 10 }, font: 2 },
  },
};

const built = servesBuiltPage();

/** Rows of a list are measured, and then drawn again. */
const SETTLED_FRAMES = 4;

const moving = (page: Page) =>
  page.evaluate<number>(
    `document.getAnimations().filter(({ playState }) => playState === 'running').length`,
  );

// One visit a place: loading it is what costs.
describe.each(['phone', 'desk'] as const)('at the %s', (device) => {
  let opened: Record<'used' | 'fresh', { world: World; session: CDPSession }>;
  beforeAll(async () => {
    const open = async (written: typeof WORLD) => {
      const world = await openWorld(built.browser, DEVICES[device], written);
      return { world, session: await world.context.newCDPSession(world.page) };
    };
    opened = { used: await open(WORLD), fresh: await open(EMPTY) };
  });
  afterAll(async () => {
    for (const { world } of Object.values(opened)) await world.context.close();
  });

  const look = async (which: keyof typeof opened, place: Place) => {
    const { world, session } = opened[which];
    const { page } = world;
    await show(world, built.url, place);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      // Rows of a long list are measured before they are seen: what axe finds has to stay.
      await expect
        .poll(() => findings(page, colorScheme === 'light' ? 'all' : 'colours'), {
          timeout: 15_000,
          message: colorScheme,
        })
        .toEqual([]);
    }
    await expect.poll(() => moving(page)).toBe(0);
    // Places scroll inside: the bar with the places stays where it is.
    const beyond = 'document.scrollingElement.scrollHeight - innerHeight';
    expect(await page.evaluate(beyond)).toBeLessThanOrEqual(0);

    const found: Record<string, string[]> = {};
    const note = (name: string, wrong: string[]) => {
      if (wrong.length > 0) found[name] = wrong;
    };
    const set = async ({ size, dir = 'ltr', font = 1 }: View) => {
      const px = FONT_PX * font;
      await session.send('Page.setFontSizes', { fontSizes: { standard: px, fixed: px } });
      // After the letters: of them scripts hear only when the window changes, too.
      await page.setViewportSize(size);
      await page.evaluate(`document.documentElement.dir = '${dir}'`);
    };
    for (const [name, view] of Object.entries(VIEWS[device])) {
      await set(view);
      await passFrames(page, SETTLED_FRAMES);
      note(name, await misfits(page));
    }
    await set({ size: device === 'phone' ? PHONE : DESK });
    await page.emulateMedia({ forcedColors: 'active' });
    note('forced colours', await lostColours(page));
    await page.emulateMedia({ forcedColors: 'none', colorScheme: 'light' });
    expect(found).toEqual({});
  };
  it.each(Object.entries(PLACES))('all is well in %s', (_, place) => look('used', place));
  it.each(Object.entries(FIRST_RUN))('all is well in %s', (_, place) => look('fresh', place));
});
