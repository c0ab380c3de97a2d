import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DESK, PHONE, type Visitor, go, launchBrowser, visit } from './harness/browser.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';

const SOON_MS = 20_000;
const NO_TASK = '01JZZZZZZZZZZZZZZZZZZZ0001';

let stack: TestStack;
let browser: Browser;
let visitor: Visitor;

beforeAll(async () => {
  [stack, browser] = await Promise.all([startTestStack(), launchBrowser()]);
  visitor = await visit(browser, stack.url, DESK);
  await visitor.page.getByText('What should get done?').waitFor({ timeout: SOON_MS });
});

afterAll(async () => {
  await browser.close();
  await stack.stop();
});

it('offers the demo’s work where the demo is, and says where the real model is set', async () => {
  const { page } = visitor;
  await page.getByRole('button', { name: 'Add an export command' }).waitFor();
  await page.getByText('put ANTHROPIC_API_KEY into .dev.vars').waitFor();
});

it('says of no place that it is empty before it has heard so', async () => {
  const page = await visitor.context.newPage();
  // A line that is up and says nothing.
  await page.routeWebSocket(/\/api\/socket$/, () => {});
  await page.goto(stack.url);
  for (const place of ['Inbox', 'Tasks', 'Settings'] as const) {
    await go(page, place);
    await page.getByRole('main').getByText('Waiting for the connection').waitFor();
    const said = await page.locator('body').innerText();
    expect(said).not.toMatch(/Nothing needs you|No tasks yet|Nothing right now|None are known yet/);
  }
  await page.close();
});

it('says that there is no such task only when it was told so', async () => {
  const page = await visitor.context.newPage();
  await page.setViewportSize(PHONE);
  let fails = true;
  await page.route(`**/api/tasks/${NO_TASK}`, (route) =>
    fails ? route.abort() : route.continue(),
  );
  await page.goto(`${stack.url}/tasks/${NO_TASK}`);
  await page.getByRole('heading', { name: 'This task cannot be shown now' }).waitFor();
  fails = false;
  await page.getByRole('button', { name: 'Try again now' }).click();
  await page.getByRole('heading', { name: 'There is no such task' }).waitFor();
  await page.getByRole('link', { name: 'All tasks' }).click();
  await page.getByRole('heading', { name: 'Tasks' }).waitFor();
  await page.close();
});
