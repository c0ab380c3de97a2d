import type { Browser, Page } from 'playwright-core';
import type { LogEntry } from '../protocol/log.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DESK,
  PHONE,
  type Visitor,
  card,
  go,
  launchBrowser,
  say,
  visit,
} from './harness/browser.ts';
import { type Client, connect } from './harness/client.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';
import { untilTasks } from './harness/task-watch.ts';

const SOON_MS = 30_000;
const DONE_MS = 120_000;
const LIST = 'src/commands/list.js';

describe('what a task has changed', () => {
  let stack: TestStack;
  let browser: Browser;
  let client: Client;
  let phone: Visitor;

  beforeAll(async () => {
    [stack, browser] = await Promise.all([
      // Slow enough to be looked at while it works.
      startTestStack({ pace: { tokensPerSecond: 600, timeToFirstTokenMs: 30, workerStepMs: 400 } }),
      launchBrowser(),
    ]);
    client = await connect(stack.url);
    await client.snapshot();
    phone = await visit(browser, stack.url, PHONE);
  });

  afterAll(async () => {
    client.close();
    await browser.close();
    await stack.stop();
  });

  const openChanges = async (page: Page) => {
    await go(page, 'Tasks');
    await card(page, /json/i).first().getByRole('link').first().click();
    await page.getByRole('tab', { name: 'Changes' }).click();
  };
  const file = (page: Page, name: string) => page.getByRole('region', { name });

  it(
    'is to be read on a phone while it works',
    async () => {
      const { page } = phone;
      await say(page, 'Add a --json flag to the list command, just do it');
      await untilTasks(client, ([one]) => one?.status === 'Working', DONE_MS);
      await openChanges(page);
      await file(page, LIST).getByText('json').first().waitFor({ timeout: DONE_MS });
      // The rest comes by itself.
      await untilTasks(client, ([one]) => one?.status === 'In review', DONE_MS);
      await expect
        .poll(() => page.getByRole('checkbox', { name: /^Viewed/ }).count(), { timeout: SOON_MS })
        .toBeGreaterThan(1);
      const [ended] = await untilTasks(client, () => true, SOON_MS);
      const told = client.frames.findIndex(
        (one) => one.type === 'progress' && one.changes !== null,
      );
      const isChecking = ({ change }: LogEntry) =>
        change.type === 'task' && change.task.status === 'Checking';
      const over = client.frames.findIndex(
        (one) => one.type === 'entries' && one.entries.some(isChecking),
      );
      expect(told).toBeGreaterThan(-1);
      expect(told).toBeLessThan(over);
      expect(await page.getByRole('checkbox', { name: /^Viewed/ }).count()).toBe(
        ended?.changes?.files,
      );
    },
    DONE_MS * 3,
  );

  it('no line is cut off: what is too long for the phone scrolls in its place', async () => {
    const { page } = phone;
    const width = await page.evaluate<number>('document.documentElement.scrollWidth');
    expect(width).toBeLessThanOrEqual(PHONE.width);
  });

  it(
    'a remark on a line goes to the worker with its place, and what it does shows',
    async () => {
      const { page } = phone;
      const line = file(page, LIST).getByRole('button', { name: /^Say something about line/ });
      await line.nth(3).click();
      await page
        .getByRole('textbox', { name: 'What about this line?' })
        .fill('Put a line into the changelog, too');
      await page.getByRole('button', { name: 'Send to the task' }).click();
      await page.getByText('Sent to the task.').waitFor();
      await file(page, 'CHANGELOG.md').waitFor({ timeout: DONE_MS });
      const [task] = await untilTasks(client, ([one]) => one?.status === 'In review', DONE_MS);
      await page.getByRole('tab', { name: 'Activity' }).click();
      // It stands far above the newest line.
      await page.getByRole('button', { name: 'Find in this activity' }).click();
      await page.getByRole('searchbox', { name: 'Find in this activity' }).fill(`About ${LIST}`);
      await page
        .getByRole('list', { name: 'Lines with it' })
        .getByRole('button', { name: new RegExp(`About ${LIST}, line \\d+`) })
        .first()
        .click();
      await page
        .getByText(new RegExp(`You: About ${LIST}, line \\d+`))
        .first()
        .waitFor({ timeout: SOON_MS });
      expect(await (await fetch(task?.pullRequest?.url ?? '')).text()).toContain('CHANGELOG.md');
    },
    DONE_MS * 3,
  );

  it('what was looked at stays folded, until it changes', async () => {
    const { page } = phone;
    await openChanges(page);
    const mark = file(page, LIST).getByRole('checkbox', { name: /^Viewed/ });
    await mark.check();
    await page.reload();
    await openChanges(page);
    expect(await mark.isChecked()).toBe(true);
    expect(await file(page, LIST).getByRole('group').count()).toBe(0);
    await page.getByText('1 of').waitFor();
  });

  it('at a desk both sides stand beside each other, and the keyboard chooses a line', async () => {
    const { page, complaints } = await visit(browser, stack.url, DESK);
    await openChanges(page);
    // Looked at on the phone is looked at here; it can be opened again.
    const mark = file(page, LIST).getByRole('checkbox', { name: /^Viewed/ });
    await mark.waitFor();
    expect(await mark.isChecked()).toBe(true);
    await mark.uncheck();
    const lines = file(page, LIST).getByRole('group', { name: /^Lines of / });
    await lines.waitFor({ timeout: SOON_MS });
    const pair = lines.locator('.diff-pair').first();
    const [before, after] = await Promise.all([
      pair.locator('> *').first().boundingBox(),
      pair.locator('> *').last().boundingBox(),
    ]);
    expect(after?.x ?? 0).toBeGreaterThan(before?.x ?? 0);
    expect(after?.y).toBe(before?.y);
    await lines.focus();
    for (const key of ['ArrowDown', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
    const field = page.getByRole('textbox', { name: 'What about this line?' });
    await field.waitFor();
    await page.keyboard.type('Half a remark');
    await page.keyboard.press('Escape');
    expect(await field.count()).toBe(0);
    expect(complaints).toEqual([]);
  });
});
