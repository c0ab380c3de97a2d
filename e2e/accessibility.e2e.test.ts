import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findings } from './harness/axe.ts';
import { servesBuiltPage } from './harness/built-page.ts';
import { DEVICES, openWorld, show } from './world/open.ts';
import { FIRST_RUN, PLACES, type Place, type World } from './world/places.ts';
import { EMPTY } from './world/world.ts';

const built = servesBuiltPage();

describe.each(['phone', 'desk'] as const)('axe finds nothing at the %s', (device) => {
  let world: World;
  let fresh: World;

  beforeAll(async () => {
    world = await openWorld(built.browser, DEVICES[device]);
    fresh = await openWorld(built.browser, DEVICES[device], EMPTY);
  });
  afterAll(async () => {
    await world.context.close();
    await fresh.context.close();
  });

  const look = async (seen: World, place: Place) => {
    await show(seen, built.url, place);
    for (const colorScheme of ['light', 'dark'] as const) {
      await seen.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      // Rows of a long list are measured before they are seen: what axe finds has to stay.
      await expect
        .poll(() => findings(seen.page, colorScheme === 'light' ? 'all' : 'colours'), {
          timeout: 15_000,
          message: colorScheme,
        })
        .toEqual([]);
    }
    // Places scroll inside: the bar with the places stays where it is.
    const beyond = 'document.scrollingElement.scrollHeight - innerHeight';
    expect(await seen.page.evaluate(beyond)).toBeLessThanOrEqual(0);
  };
  it.each(Object.entries(PLACES))('in %s', (_, place) => look(world, place));
  it.each(Object.entries(FIRST_RUN))('in %s', (_, place) => look(fresh, place));
});

describe('by keys alone', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(built.browser, DEVICES.desk);
    await world.page.goto(built.url);
    await world.page.getByRole('textbox', { name: 'Message', exact: true }).waitFor();
  });
  afterAll(() => world.context.close());

  it('the keys lead to each place, and to their own list', async () => {
    const { page } = world;
    const title = () => page.getByRole('heading', { level: 1 }).innerText();
    await page.getByRole('heading', { level: 1 }).focus();
    for (const [key, name] of Object.entries({
      t: 'Tasks',
      i: 'Inbox',
      s: 'Settings',
      c: 'Chat',
    })) {
      await page.keyboard.press('g');
      await page.keyboard.press(key);
      await expect.poll(title).toBe(name);
    }
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    expect(await findings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('m');
    const focused = page.locator(':focus');
    expect(await focused.getAttribute('aria-label')).toBe('Message');
    // Whoever writes writes letters.
    await page.keyboard.type('g?m');
    expect(await focused.inputValue()).toBe('g?m');
    await focused.fill('');
  });

  it('from the top, one key skips to where one writes', async () => {
    const { page } = world;
    await page.reload();
    await page.getByRole('textbox', { name: 'Message', exact: true }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.locator(':focus').getAttribute('aria-label')).toBe('Message');
  });
});
