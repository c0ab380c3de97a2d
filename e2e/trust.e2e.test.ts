import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Visitor, conversation, go, launchBrowser, say, visit } from './harness/browser.ts';
import { type Front, startFront } from './harness/front.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';

const SOON_MS = 20_000;
const NO_TASK = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const SAID = 'Which repositories do you see?';
/** What the page has kept of what it shows. */
const KEPT = `new Promise((resolve) => {
  const request = indexedDB.open('mainloop');
  request.onsuccess = () => {
    const rows = request.result.transaction('kept').objectStore('kept').getAll();
    rows.onsuccess = () => {
      request.result.close();
      resolve(JSON.stringify(rows.result));
    };
  };
})`;
const DIST = path.resolve('web/dist');

describe('a page whose line is not to be trusted', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'mainloop-trust-'));
  let stack: TestStack;
  let browser: Browser;
  let front: Front;
  let phone: Visitor;

  beforeAll(async () => {
    [stack, browser] = await Promise.all([startTestStack(), launchBrowser()]);
    front = await startFront(stack.url, DIST);
    phone = await visit(browser, front.url);
    await say(phone.page, SAID);
    await conversation(phone.page).getByText('acme/site').first().waitFor({ timeout: SOON_MS });
  });

  afterAll(async () => {
    await browser.close();
    await front.stop();
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const message = (page: Page) => page.getByRole('textbox', { name: 'Message', exact: true });
  const status = (page: Page) => page.getByRole('status').first().innerText();
  /** The page comes back to the eyes of its owner, as after a sleep. */
  const lookAt = (page: Page) =>
    page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);

  it('says nothing that it does not know, before the server has said a word', async () => {
    front.silence();
    const { page, context } = await visit(browser, front.url);
    for (const place of ['Inbox', 'Tasks', 'Settings'] as const) {
      await go(page, place);
      await page.getByRole('heading', { name: place }).waitFor();
      // The list of sections holds in any case; what is set does not.
      if (place === 'Settings') await page.getByRole('link', { name: /^Repositories/ }).click();
      await page
        .getByText(/Loading|Waiting for the connection/)
        .first()
        .waitFor();
      const said = await page.locator('body').innerText();
      expect(said).not.toMatch(/Nothing needs you|No tasks yet|Nothing right|None are known/);
    }
    await page.goto(`${front.url}/tasks/${NO_TASK}`);
    await page
      .getByText(/Loading|Waiting for the connection/)
      .first()
      .waitFor();
    expect(await page.getByText('There is no such task').count()).toBe(0);
    expect(await status(page)).toBe('Reconnecting');
    await context.close();
    front.speak();
  });

  it('shows what it knew, and how old that is, before the network answers', async () => {
    const { page } = phone;
    await lookAt(page);
    await expect.poll(() => status(page), { timeout: SOON_MS }).toBe('Online');
    const isKept = async () => (await page.evaluate<string>(KEPT)).includes(SAID);
    await expect.poll(isKept, { timeout: SOON_MS }).toBe(true);
    front.silence();
    await page.reload();
    await conversation(page).getByText('acme/site').first().waitFor({ timeout: SOON_MS });
    expect(await status(page)).toBe('Reconnecting');
    await page.getByText(/as of/).waitFor();
    await say(page, 'Written while nothing went through');
    await conversation(page)
      .getByText(/Waits for the connection/)
      .waitFor();
    front.speak();
    await lookAt(page);
    await expect.poll(() => status(page), { timeout: 40_000 }).toBe('Online');
    await expect
      .poll(() => conversation(page).getByText('On its way').count(), { timeout: SOON_MS })
      .toBe(0);
    expect(await conversation(page).getByText('Written while nothing went through').count()).toBe(
      1,
    );
  }, 90_000);

  it('notices a line that died without a word as soon as somebody looks', async () => {
    const { page } = phone;
    front.silence();
    await lookAt(page);
    await expect.poll(() => status(page), { timeout: 5_000 }).toBe('Reconnecting');
    front.speak();
    await lookAt(page);
    await expect.poll(() => status(page), { timeout: SOON_MS }).toBe('Online');
  });

  it('says that there is no such task only when it was told so', async () => {
    const page = await phone.context.newPage();
    let fails = true;
    await page.route(`**/api/tasks/${NO_TASK}`, (route) =>
      fails ? route.abort() : route.continue(),
    );
    await page.goto(`${front.url}/tasks/${NO_TASK}`);
    // Asked again once the line is up, and no more than that.
    await expect.poll(() => status(page), { timeout: SOON_MS }).toBe('Online');
    await page.getByRole('heading', { name: 'This task cannot be shown now' }).waitFor();
    fails = false;
    await page.getByRole('button', { name: 'Try again now' }).click();
    await page.getByRole('heading', { name: 'There is no such task' }).waitFor();
    await page.getByRole('link', { name: 'All tasks' }).click();
    await page.getByRole('heading', { name: 'Tasks' }).waitFor();
    await page.close();
  });

  it('after an update, loads the new page once and keeps the draft', async () => {
    const older = path.join(folder, 'older');
    await promisify(execFile)(process.execPath, [
      'node_modules/vite/bin/vite.js',
      'build',
      'web',
      '--config',
      'e2e/harness/older-shell.ts',
      '--outDir',
      older,
    ]);
    front.serve(older);
    front.silence();
    const { page } = await visit(browser, front.url);
    await page.evaluate('navigator.serviceWorker.ready.then(() => null)');
    await page.reload();
    const program = () =>
      page.locator('script[type=module]').first().getAttribute('src', { timeout: SOON_MS });
    const before = await program();
    await message(page).fill('Half a thought');
    let loads = 0;
    page.on('load', () => (loads += 1));
    front.serve(DIST);
    front.speak();
    await lookAt(page);
    await expect.poll(program, { timeout: 60_000 }).not.toBe(before);
    await expect.poll(() => status(page), { timeout: SOON_MS }).toBe('Online');
    expect(await message(page).inputValue()).toBe('Half a thought');
    expect(loads).toBe(1);
  }, 120_000);
});
