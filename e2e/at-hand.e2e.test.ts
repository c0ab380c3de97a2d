import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildWeb } from '../dev/build.ts';
import { QUESTION, REVIEW } from './fixtures/inbox-items.ts';
import { talk } from './fixtures/talk.ts';
import { DESK, PHONE, conversation, launchBrowser } from './harness/browser.ts';
import { type Front, startFront } from './harness/front.ts';
import { visitWritten } from './harness/written-thread.ts';

const DIST = path.resolve('web/dist');
/** Of all that Chat loads by itself, gzipped. */
const JS_MAX_KB = 75;

let browser: Browser;
let front: Front;

beforeAll(async () => {
  browser = await launchBrowser();
  await buildWeb(() => {});
  // Nothing stands behind it: each test writes what the server says.
  front = await startFront('http://127.0.0.1:1', DIST);
}, 120_000);
afterAll(async () => {
  await browser.close();
  await front.stop();
});

describe('Chat with a conversation', () => {
  it.each([PHONE, DESK])(
    `loads less than ${JS_MAX_KB} KB of JavaScript by itself: %#`,
    async (at) => {
      const { page, context } = await visitWritten(browser, front.url, '/', at, {
        messages: talk(30),
        inbox: [QUESTION, REVIEW],
      });
      // What it fetches last: the renderer of Markdown, and what can be dictated to.
      await conversation(page).locator('.prose code').first().waitFor();
      await page.getByRole('button', { name: 'Dictate' }).waitFor();
      const loaded = await page.evaluate<string[]>(
        `performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)`,
      );
      const parts = loaded.filter((name) => name.endsWith('.js') && name !== '/sw.js');
      const sizes = parts.map((name) => gzipSync(readFileSync(path.join(DIST, name))).length);
      const kilobytes = sizes.reduce((sum, one) => sum + one, 0) / 1_000;
      console.log(
        `Chat at ${at.width} px: ${kilobytes.toFixed(1)} KB of JavaScript: ${parts.join(' ')}`,
      );
      expect(parts.some((name) => name.includes('markdown-blocks'))).toBe(true);
      expect(kilobytes).toBeLessThan(JS_MAX_KB);
      await context.close();
    },
  );
});
