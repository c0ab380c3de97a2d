import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { buildWeb } from '../../dev/build.ts';
import { launchBrowser } from './browser.ts';
import { type Front, startFront } from './front.ts';

/** The folder of the built page. */
const DIST = path.resolve('web/dist');

/**
 * A browser and the address of the built page, for a whole test file. Nothing stands behind the page:
 * each test writes what its server says.
 */
export function servesBuiltPage(): { readonly browser: Browser; readonly url: string } {
  let browser: Browser;
  let front: Front;
  beforeAll(async () => {
    browser = await launchBrowser();
    await buildWeb(() => {});
    front = await startFront('http://127.0.0.1:1', DIST);
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    await front.stop();
  });
  return {
    get browser() {
      return browser;
    },
    get url() {
      return front.url;
    },
  };
}
