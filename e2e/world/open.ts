import type { Browser, BrowserContextOptions } from 'playwright-core';
import { DESK, PHONE } from '../harness/browser.ts';
import { passFrames } from '../harness/frames.ts';
import { type Written, writeServer } from '../harness/written-thread.ts';
import type { Place, World } from './places.ts';
import { NOW } from './tasks.ts';
import { WORLD } from './world.ts';

export const DEVICES: Record<'phone' | 'desk', BrowserContextOptions> = {
  phone: { viewport: PHONE, hasTouch: true, isMobile: true },
  desk: { viewport: DESK },
};

/** At the hour at which the conversation is written. */
export async function openWorld(
  browser: Browser,
  device: BrowserContextOptions,
  written: Written = WORLD,
): Promise<World> {
  const context = await browser.newContext({
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'UTC',
    // Its fetches would go past the written server.
    serviceWorkers: 'block',
    ...device,
  });
  await context.clock.setFixedTime(NOW);
  const server = await writeServer(context, written);
  return { context, server, page: await context.newPage() };
}

/** Goes to a place as by its address, and waits until all of it is there. */
export async function show(world: World, url: string, place: Place): Promise<void> {
  const { page, context, server } = world;
  server.line('up');
  await context.setOffline(false);
  await page.goto(url + place.path);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await place.does?.(world);
  await place.isThere(page);
  await passFrames(page, 2);
}
