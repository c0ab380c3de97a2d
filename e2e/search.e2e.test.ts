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
  say,
  visit,
} from './harness/browser.ts';
import { connect, replyTo } from './harness/client.ts';
import { passFrames } from './harness/frames.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';
import { untilTasks } from './harness/task-watch.ts';

const DONE_MS = 120_000;
/** More than one page of messages, so that the first is not there when the chat opens. */
const PAIRS = 26;

const field = (page: Page) => page.getByRole('searchbox', { name: 'Search everything' });
const hits = (page: Page, group: string) =>
  page.getByRole('region', { name: group }).getByRole('link');
const palette = (page: Page) => page.getByRole('dialog', { name: 'Go to or do' });
const title = (page: Page) => page.getByRole('heading', { level: 1 }).innerText();
/** True while an element stands within what is to be seen of the page. */
const isInView = async (page: Page, text: string) => {
  const box = await conversation(page).getByText(text).first().boundingBox();
  return box !== null && box.y >= 0 && box.y < (page.viewportSize()?.height ?? 0);
};

describe('what was said and done is found again', () => {
  let stack: TestStack;
  let browser: Browser;
  let phone: Visitor;
  let desk: Visitor;

  beforeAll(async () => {
    [stack, browser] = await Promise.all([
      startTestStack({ pace: { tokensPerSecond: 5_000, timeToFirstTokenMs: 1, workerStepMs: 10 } }),
      launchBrowser(),
    ]);
    const client = await connect(stack.url);
    const talk = (text: string) => replyTo(client, client.send({ type: 'send', text }), 30_000);
    await talk('The codeword for the release is <b>quartzfinch</b>.');
    await talk('Add a --json flag to the list command');
    for (let count = 1; count <= PAIRS; count++) await talk(`Thanks, that is remark ${count}.`);
    await untilTasks(client, (tasks) => tasks[0]?.status === 'In review', DONE_MS);
    client.close();
    phone = await visit(browser, stack.url, PHONE);
    desk = await visit(browser, stack.url, DESK);
  }, DONE_MS * 2);

  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  it('while one types, marked, with the words in the address; a hit opens the chat at its message', async () => {
    const { page } = phone;
    await page.getByRole('link', { name: 'Search' }).click();
    await field(page).pressSequentially('quartzfi');
    const hit = hits(page, 'Messages').last();
    await hit.waitFor();
    await expect.poll(() => hit.locator('mark').allInnerTexts()).toEqual(['quartzfi']);
    // What was said is text, whatever it looks like.
    expect(await hit.innerText()).toContain('<b>quartzfinch</b>');
    await expect.poll(() => page.url()).toContain('q=quartzfi');
    expect(await conversation(page).count()).toBe(0);
    await hit.click();
    await expect.poll(() => isInView(page, 'quartzfinch')).toBe(true);
    // The newest are one tap away.
    await page.getByRole('button', { name: /Latest/ }).click();
    await expect.poll(() => isInView(page, `remark ${PAIRS}.`)).toBe(true);
  });

  it('back from a hit the words and what was found are still there', async () => {
    const { page } = phone;
    await page.goBack();
    await expect.poll(() => field(page).inputValue()).toBe('quartzfi');
    await hits(page, 'Messages').first().waitFor();
  });

  it('tasks and what workers did are found, with repository, and opened', async () => {
    const { page } = desk;
    await page.goto(`${stack.url}/search?q=json`);
    for (const group of ['Messages', 'Tasks', 'Activity of tasks']) {
      await hits(page, group).first().waitFor();
    }
    expect(await hits(page, 'Activity of tasks').first().innerText()).toContain('acme/todo');
    expect(await findings(page)).toEqual([]);
    await hits(page, 'Tasks').first().click();
    await expect.poll(() => title(page)).toMatch(/json/i);
  });

  it('says so when nothing is found, and when only this device could be searched', async () => {
    const { page, context } = desk;
    await go(page, 'Chat');
    await page.getByRole('link', { name: 'Search' }).click();
    await field(page).fill('xylophone');
    await page.getByText('Nothing found for “xylophone”').waitFor();
    await context.setOffline(true);
    await field(page).fill('json');
    await page.getByText(/only what this device holds/).waitFor();
    await hits(page, 'Tasks').first().waitFor();
    await context.setOffline(false);
    await hits(page, 'Activity of tasks').first().waitFor();
    expect(await page.getByText(/only what this device holds/).count()).toBe(0);
  });

  it('says so while Postgres is away', async () => {
    const { page } = desk;
    await stack.postgres?.stop();
    await field(page).fill('remark 7');
    await page.getByText(/Postgres does not answer/).waitFor({ timeout: 20_000 });
    await hits(page, 'Messages').first().waitFor();
  });

  it('the palette leads to a place, a task, a repository’s tasks, and to a search', async () => {
    const { page } = desk;
    await go(page, 'Chat');
    await page.getByRole('textbox', { name: 'Message', exact: true }).focus();
    await page.keyboard.press('Control+k');
    await palette(page).waitFor();
    expect(await findings(page)).toEqual([]);
    await page.keyboard.type('sett');
    await page.keyboard.press('Enter');
    await expect.poll(() => title(page)).toBe('Settings');
    await page.keyboard.press('Control+k');
    await page.keyboard.type('json in review');
    const chosen = palette(page).locator('[aria-selected=true]');
    expect(await chosen.innerText()).toMatch(/json/);
    await page.keyboard.press('Enter');
    await page.getByRole('tab', { name: 'Activity' }).waitFor();
    await page.getByRole('button', { name: 'Go to …' }).click();
    await page.keyboard.type('tasks of acme/site');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.url()).toMatch(/tasks\?repository=acme/);
    await expect.poll(() => card(page, /json/).count()).toBe(0);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('quartz no such thing');
    await page.keyboard.press('Enter');
    await expect.poll(() => field(page).inputValue()).toBe('quartz no such thing');
  });

  it('the palette does things, and gives the focus back', async () => {
    const { page } = desk;
    await page.keyboard.press('Control+k');
    await page.keyboard.type('appearance dark');
    await page.keyboard.press('Enter');
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
    expect(await page.locator(':focus').getAttribute('aria-label')).toBe('Search everything');
    await page.keyboard.press('Control+k');
    // The key again before the browser has told that the dialog was closed.
    await page.evaluate(`
      document.querySelector('dialog').close();
      document.dispatchEvent(new KeyboardEvent('keydown', { key: 'k', ctrlKey: true }));
    `);
    await passFrames(page, 10);
    await page.keyboard.type('new message');
    await page.keyboard.press('Enter');
    await expect.poll(() => new URL(page.url()).pathname).toBe('/');
    const focused = page.locator(':focus');
    await expect.poll(() => focused.getAttribute('aria-label')).toBe('Message');
    await say(page, 'Hello from the palette');
    await conversation(page).getByText('Hello from the palette').first().waitFor();
  });
});
