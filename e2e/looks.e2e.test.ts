import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DESK, PHONE } from './harness/browser.ts';
import { servesBuiltPage } from './harness/built-page.ts';
import { DEVICES, openWorld, show } from './world/open.ts';
import { ITEMS } from './world/inbox.ts';
import { FIRST_RUN, PLACES, type Place, type World } from './world/places.ts';
import { TASKS } from './world/tasks.ts';
import { EMPTY, WORLD } from './world/world.ts';

/** 400 % zoom of a small window. */
const ZOOMED = { width: 360, height: 225 };

const built = servesBuiltPage();

const at = (name: keyof typeof PLACES): Place => {
  const place = PLACES[name];
  if (place === undefined) throw new Error(`No place ${name}.`);
  return place;
};
/** How many of these are whole on the screen. */
const whole = (page: Page, selector: string) =>
  page.evaluate<number>(`(() => {
    const { top } = document.querySelector('main').getBoundingClientRect();
    const { bottom } = document.querySelector('main').getBoundingClientRect();
    return [...document.querySelectorAll('${selector}')].filter((one) => {
      const rect = one.getBoundingClientRect();
      return rect.height > 0 && rect.top >= top && rect.bottom <= bottom + 1;
    }).length;
  })()`);

describe('on a phone', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld(built.browser, DEVICES.phone);
  });
  afterAll(() => world.context.close());

  it('ten tasks and eight items of the inbox have room', async () => {
    await show(world, built.url, at('tasks'));
    expect(await whole(world.page, 'main article')).toBeGreaterThanOrEqual(10);
    await show(world, built.url, at('inbox'));
    expect(await whole(world.page, 'main ul[aria-label="Needs you"] > li')).toBe(8);
  });

  it('a row of tasks stands on one line, with its words apart', async () => {
    await world.page.setViewportSize(DESK);
    await show(world, built.url, at('tasks'));
    const words = await world.page.evaluate<{ text: string; left: number; bottom: number }[]>(
      `(() => {
        const row = document.querySelector('main article[aria-label="${TASKS.word.title}"] p + p');
        const walker = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
        const range = document.createRange();
        const words = [];
        while (walker.nextNode()) {
          const { data } = walker.currentNode;
          for (const { index, 0: text } of data.matchAll(/\\S+/g)) {
            range.setStart(walker.currentNode, index);
            range.setEnd(walker.currentNode, index + text.length);
            const { left, right, bottom } = range.getBoundingClientRect();
            words.push({ text, left, right, bottom });
          }
        }
        return words.map(({ text, left, bottom }, at) => ({
          text, bottom, left: left - (words[at - 1]?.right ?? 0),
        }));
      })()`,
    );
    expect(words.map(({ text }) => text).join(' ')).toContain('opus · waits 1 h · $1.37');
    const after = words.slice(words.findIndex(({ text }) => text === 'waits'));
    expect(Math.min(...after.map(({ left }) => left))).toBeGreaterThan(2);
    // The status is a size larger: on one baseline it reaches lower by less than this.
    const bottoms = words.map(({ bottom }) => bottom);
    expect(Math.max(...bottoms) - Math.min(...bottoms)).toBeLessThan(2);
    await world.page.setViewportSize(PHONE);
  });

  it('bars leave three quarters of the height at 400 % zoom', async () => {
    await world.page.setViewportSize(ZOOMED);
    for (const name of ['chat', 'inbox', 'tasks', 'settings', 'task-activity'] as const) {
      await show(world, built.url, at(name));
      const height = await world.page.evaluate<number>(
        `document.querySelector('main').getBoundingClientRect().height`,
      );
      expect({ name, isEnough: height > ZOOMED.height * 0.75 }).toEqual({ name, isEnough: true });
    }
    await world.page.setViewportSize(PHONE);
  });
});

describe('one thing has one word and one place', () => {
  let pretended: World;
  beforeAll(async () => {
    const offlineModel = 'A stand-in that runs on this machine';
    pretended = await openWorld(built.browser, DEVICES.phone, { ...WORLD, offlineModel });
  });
  afterAll(() => pretended.context.close());

  it.each([
    'chat',
    'tasks',
    'inbox-budget',
    'inbox-review',
    'task-activity',
    'task-usage',
    'settings-budgets',
    'settings-usage',
  ])('dollars of stand-in models are called pretended: %s', async (name) => {
    await show(pretended, built.url, at(name));
    await pretended.page.getByRole('main').getByText('pretended').first().waitFor();
  });

  it('what has failed is begun anew by the same word in the inbox and on its page', async () => {
    const world = await openWorld(built.browser, DEVICES.phone);
    await show(world, built.url, at('inbox-failure'));
    await world.page.getByRole('button', { name: 'Restart' }).waitFor();
    await show(world, built.url, at('task-failed'));
    await world.page.getByRole('button', { name: 'More' }).click();
    await world.page.getByRole('menuitem', { name: 'Restart' }).waitFor();
    await world.context.close();
  });

  it('at a desk the head of a task is as wide on one tab as on another', async () => {
    const world = await openWorld(built.browser, DEVICES.desk);
    const { page } = world;
    await show(world, built.url, at('task-activity'));
    const edges = () =>
      page.evaluate<number[]>(
        `[document.querySelector('main header'), ...document.querySelectorAll('main [role=tab]')].map((one) => one.getBoundingClientRect().right)`,
      );
    const before = await edges();
    for (const tab of ['Changes', 'Usage']) {
      await page.getByRole('tab', { name: tab }).click();
      await page.getByRole('tabpanel', { name: tab }).waitFor();
      expect({ tab, edges: await edges() }).toEqual({ tab, edges: before });
    }
    await world.context.close();
  });

  it('how the installation is stands with its connections, whichever address leads there', async () => {
    const world = await openWorld(built.browser, DEVICES.phone);
    const { page } = world;
    await show(world, built.url, at('settings-connections'));
    const said = await page.getByRole('main').innerText();
    expect(said).toMatch(/fails|worth a look|works/);
    expect(said).toMatch(/Mainloop \d/);
    await page.goto(`${built.url}/health`);
    await page.getByRole('heading', { level: 1, name: 'Connections' }).waitFor();
    await page.goto(`${built.url}/inbox/${ITEMS.alert.id}`);
    await page.getByRole('link', { name: 'Open connections' }).click();
    await page.getByRole('heading', { level: 1, name: 'Connections' }).waitFor();
    await world.context.close();
  });

  it('what has never been used offers three things to try, and a tap says one', async () => {
    const world = await openWorld(built.browser, DEVICES.phone, EMPTY);
    await show(world, built.url, FIRST_RUN['first-run'] ?? at('chat'));
    const offered = world.page.getByRole('main').getByRole('button', { name: /repositories/ });
    expect(await offered.count()).toBe(3);
    const words = await offered.last().innerText();
    await offered.last().click();
    await expect
      .poll(() => world.server.asked.flatMap((one) => (one.type === 'send' ? [one.text] : [])))
      .toEqual([words]);
    await world.context.close();
  });

  it('no task stands twice beside the conversation', async () => {
    const world = await openWorld(built.browser, DEVICES.desk);
    await show(world, built.url, at('chat'));
    const lines = world.page.getByRole('complementary').getByRole('link');
    const titles = (await lines.allInnerTexts()).map((text) => text.split('\n')[0]);
    expect(titles.length).toBeGreaterThan(10);
    expect(titles.toSorted()).toEqual([...new Set(titles)].toSorted());
    await world.context.close();
  });

  it('another appearance reaches the bars of the system at once', async () => {
    const world = await openWorld(built.browser, { ...DEVICES.phone, colorScheme: 'light' });
    const { page } = world;
    await show(world, built.url, at('settings-appearance'));
    const barAndPage = () =>
      page.evaluate<string[]>(`(() => {
        const metas = [...document.querySelectorAll('meta[name=theme-color]')];
        const { content } = metas.find(({ media }) => matchMedia(media).matches);
        document.documentElement.style.accentColor = content;
        const { accentColor } = getComputedStyle(document.documentElement);
        return [accentColor, getComputedStyle(document.body).backgroundColor];
      })()`);
    const colours = new Set<string>();
    for (const choice of ['Dark', 'Light', 'System']) {
      await page.getByRole('radio', { name: choice }).check();
      await expect.poll(async () => new Set(await barAndPage()).size, { message: choice }).toBe(1);
      colours.add((await barAndPage())[0] ?? '');
    }
    expect(colours.size).toBe(2);
    await world.context.close();
  });
});

it('nothing moves where less motion is wanted, and what works moves elsewhere', async () => {
  const world = await openWorld(built.browser, {
    ...DEVICES.phone,
    reducedMotion: 'no-preference',
  });
  const moving = () =>
    world.page.evaluate<number>(
      `document.getAnimations().filter((one) => one.playState === 'running' && one.effect.getComputedTiming().duration > 1).length`,
    );
  await show(world, built.url, at('tasks'));
  expect(await moving()).toBeGreaterThan(0);
  await world.page.emulateMedia({ reducedMotion: 'reduce' });
  await expect.poll(moving).toBe(0);
  await world.context.close();
});
