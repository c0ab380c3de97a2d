import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildWeb } from '../dev/build.ts';
import {
  BUDGET,
  FAILURE,
  PLAN,
  QUESTION,
  RED,
  REVIEW,
  WORD,
  failures,
  settled,
} from './fixtures/inbox-items.ts';
import { DESK, PHONE, card, launchBrowser } from './harness/browser.ts';
import { type Front, startFront } from './harness/front.ts';
import { visitWritten } from './harness/written-thread.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const FINDINGS = `axe.run().then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map((node) => id + ': ' + node.html.slice(0, 160))))`;
/** How far anything reaches beyond the right edge, but for what is cut on purpose. */
const BEYOND = `Math.max(...[...document.querySelectorAll('main *')].map((one) => one.closest('.sr-only, .truncate') ? 0 : one.getBoundingClientRect().right)) - innerWidth`;
/** 400 % zoom of a small window. */
const ZOOMED = { width: 360, height: 225 };
const SMALL = { width: 320, height: 568 };

let browser: Browser;
let front: Front;

beforeAll(async () => {
  browser = await launchBrowser();
  await buildWeb(() => {});
  // Nothing stands behind it: each test writes what the server says.
  front = await startFront('http://127.0.0.1:1', path.resolve('web/dist'));
}, 120_000);
afterAll(async () => {
  await browser.close();
  await front.stop();
});

it.each([
  [PHONE, 'light'],
  [PHONE, 'dark'],
  [DESK, 'light'],
  [DESK, 'dark'],
  [SMALL, 'dark'],
  [ZOOMED, 'light'],
] as const)(
  'axe finds nothing and nothing is cut off: %j, %s',
  async (viewport, scheme) => {
    const items = [
      QUESTION,
      PLAN,
      BUDGET,
      FAILURE,
      REVIEW,
      RED,
      WORD,
      settled(failures(1)[0] ?? FAILURE, 'Retried'),
    ];
    const { page, context } = await visitWritten(browser, front.url, '/inbox', viewport, {
      inbox: items,
    });
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    for (const item of items) {
      await page.goto(`${front.url}/inbox/${item.id}`);
      await card(page, item.title).waitFor();
      await page.evaluate(AXE);
      expect(await page.evaluate<string[]>(FINDINGS)).toEqual([]);
      expect(await page.evaluate<number>(BEYOND)).toBeLessThanOrEqual(0);
    }
    await context.close();
  },
  60_000,
);
