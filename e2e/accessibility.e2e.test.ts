import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findings } from './harness/axe.ts';
import {
  DESK,
  PHONE,
  type Visitor,
  card,
  conversation,
  go,
  launchBrowser,
  openItem,
  say,
  visit,
} from './harness/browser.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';

/** A whole task, on a machine that has others to do. */
const DONE_MS = 120_000;

const PLACES: Record<string, (page: Page) => Promise<void>> = {
  Chat: (page) => go(page, 'Chat'),
  Inbox: (page) => go(page, 'Inbox'),
  'an inbox item': async (page) => {
    const item = await openItem(page, /json/i);
    await item.getByRole('button', { name: 'Merge' }).waitFor();
  },
  Tasks: (page) => go(page, 'Tasks'),
  Search: async (page) => {
    await go(page, 'Tasks');
    await page.getByRole('link', { name: 'Search' }).click();
    await page.getByRole('searchbox').fill('json');
    await page.getByRole('region', { name: 'Tasks', exact: true }).waitFor();
  },
  Settings: (page) => go(page, 'Settings'),
  ...Object.fromEntries(
    [
      'Models',
      'Budgets',
      'Notifications',
      'Repositories',
      'Memory',
      'Usage',
      'Appearance',
      'Account',
    ].map((section) => [
      `the settings’ ${section}`,
      async (page: Page) => {
        await go(page, 'Settings');
        await page
          .getByRole('navigation', { name: 'Settings' })
          .getByRole('link', { name: new RegExp(`^${section}`) })
          .click();
        await page.getByRole('region', { name: section }).waitFor();
      },
    ]),
  ),
  'the settings’ Connections': async (page) => {
    await go(page, 'Settings');
    await page.getByRole('link', { name: 'Connections' }).click();
    await page.getByRole('heading', { name: 'Postgres' }).waitFor();
  },
  Health: async (page) => {
    await go(page, 'Settings');
    await page.getByRole('link', { name: 'Connections' }).click();
    await page.getByRole('link', { name: 'Health of this installation' }).click();
    await page.getByRole('heading', { name: 'Postgres' }).waitFor();
  },
  'a task’s page': async (page) => {
    await go(page, 'Tasks');
    await card(page, /json/i).first().getByRole('link').first().click();
    await page.getByRole('tab', { name: 'Activity' }).waitFor();
  },
  'a task’s changes': async (page) => {
    await go(page, 'Tasks');
    await card(page, /json/i).first().getByRole('link').first().click();
    await page.getByRole('tab', { name: 'Changes' }).click();
    await page
      .getByRole('group', { name: /^Lines of / })
      .first()
      .waitFor();
  },
};

describe('axe finds nothing', () => {
  let stack: TestStack;
  let browser: Browser;
  let visitors: Record<'phone' | 'desk', Visitor>;

  beforeAll(async () => {
    [stack, browser] = await Promise.all([startTestStack(), launchBrowser()]);
    visitors = {
      phone: await visit(browser, stack.url, PHONE),
      desk: await visit(browser, stack.url, DESK),
    };
    await say(visitors.phone.page, 'Add a --json flag to the list command');
    await conversation(visitors.phone.page)
      .locator('a[href*="/pull/"]')
      .first()
      .waitFor({ timeout: DONE_MS });
  });

  afterAll(async () => {
    await browser.close();
    await stack.stop();
  });

  const cases = (['phone', 'desk'] as const).flatMap((device) =>
    (['light', 'dark'] as const).flatMap((scheme) =>
      Object.keys(PLACES).map((place) => [place, device, scheme] as const),
    ),
  );

  it.each(cases)('on %s, at the %s, in %s', async (place, device, scheme) => {
    const { page } = visitors[device];
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await PLACES[place]?.(page);
    await page.getByRole('main').waitFor();
    // Rows of a long list are measured before they are seen: what axe finds has to stay.
    await expect.poll(() => findings(page), { timeout: 15_000 }).toEqual([]);
    // Places scroll inside: the bar with the places stays where it is.
    const beyond = 'document.scrollingElement.scrollHeight - innerHeight';
    expect(await page.evaluate(beyond)).toBeLessThanOrEqual(0);
  });

  it('the keys lead to each place, and to their own list', async () => {
    const { page } = visitors.desk;
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
    const { page } = visitors.desk;
    await page.reload();
    await page.getByRole('textbox', { name: 'Message', exact: true }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.locator(':focus').getAttribute('aria-label')).toBe('Message');
  });
});
