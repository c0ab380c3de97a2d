import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TaskDetails } from '../protocol/pages.ts';
import { DESK, PHONE, type Visitor, launchBrowser, say, visit } from './harness/browser.ts';
import { type Client, connect } from './harness/client.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';
import { untilAsked } from './harness/inbox.ts';
import { untilTasks } from './harness/task-watch.ts';

const SOON_MS = 30_000;
const DONE_MS = 120_000;

describe('the settings, from two devices at once', () => {
  let stack: TestStack;
  let browser: Browser;
  let client: Client;
  let phone: Visitor;
  let desk: Visitor;

  beforeAll(async () => {
    [stack, browser] = await Promise.all([startTestStack(), launchBrowser()]);
    client = await connect(stack.url);
    await client.snapshot();
    phone = await visit(browser, stack.url, PHONE);
    desk = await visit(browser, stack.url, DESK);
  });

  afterAll(async () => {
    client.close();
    await browser.close();
    await stack.stop();
  });

  const open = (page: Page, section: string) => page.goto(`${stack.url}/settings/${section}`);
  const model = (page: Page) => page.getByRole('combobox', { name: /^Default model/ });

  it('each section has an address; a phone goes there and back, a desk has the list beside it', async () => {
    await phone.page.goto(`${stack.url}/settings`);
    const list = (page: Page) => page.getByRole('navigation', { name: 'Settings' });
    await list(phone.page).getByRole('link', { name: 'Budgets' }).click();
    expect(new URL(phone.page.url()).pathname).toBe('/settings/budgets');
    expect(await list(phone.page).count()).toBe(0);
    await phone.page.getByRole('link', { name: 'Back to the settings' }).click();
    await list(phone.page).waitFor();
    await open(desk.page, 'budgets');
    const current = list(desk.page).locator('[aria-current=page]');
    expect(await current.innerText()).toContain('Budgets');
  });

  it('a choice is saved when the server says so, and shows on the other device', async () => {
    for (const { page } of [phone, desk]) await open(page, 'models');
    await model(phone.page).selectOption('haiku');
    await phone.page.getByText('Saved').waitFor({ timeout: SOON_MS });
    await expect.poll(() => model(desk.page).inputValue(), { timeout: SOON_MS }).toBe('haiku');
    // The line outlives that it is offline, and no new one is opened.
    await phone.context.setOffline(true);
    await model(phone.page).selectOption('sonnet');
    await phone.page.getByText('Waits for the connection').waitFor({ timeout: SOON_MS });
    await phone.context.setOffline(false);
    await phone.page.getByText('Saved').waitFor({ timeout: SOON_MS });
    await expect.poll(() => model(desk.page).inputValue(), { timeout: SOON_MS }).toBe('sonnet');
  });

  it('a repository is trusted once its switch is turned on, and not before', async () => {
    const address = `repositories#${encodeURIComponent('acme/todo')}`;
    for (const { page } of [phone, desk]) await open(page, address);
    const trust = (page: Page) =>
      page.getByRole('checkbox', { name: 'Trust what it brings for workers' }).first();
    await trust(desk.page).waitFor({ timeout: SOON_MS });
    expect(await trust(desk.page).isChecked()).toBe(false);
    await trust(phone.page).check();
    await phone.page.getByText('Saved').waitFor({ timeout: SOON_MS });
    await expect.poll(() => trust(desk.page).isChecked(), { timeout: SOON_MS }).toBe(true);
    await trust(desk.page).uncheck();
    await expect.poll(() => trust(phone.page).isChecked(), { timeout: SOON_MS }).toBe(false);
  });

  it('what is being typed stays, whatever another device saves meanwhile', async () => {
    for (const { page } of [phone, desk]) await open(page, 'budgets');
    const field = (page: Page, name: RegExp) => page.getByRole('textbox', { name });
    await field(phone.page, /^Daily budget/).pressSequentially('7');
    await field(desk.page, /^Tasks at once/).fill('3');
    await field(desk.page, /^Tasks at once/).press('Enter');
    await desk.page.getByText('Saved').waitFor({ timeout: SOON_MS });
    await expect
      .poll(() => field(phone.page, /^Tasks at once/).inputValue(), { timeout: SOON_MS })
      .toBe('3');
    expect(await field(phone.page, /^Daily budget/).inputValue()).toMatch(/7/);
    await field(phone.page, /^Tasks at once/).fill('99');
    await phone.page.getByText('Enter 1 to 50.').waitFor();
  });

  it(
    'the next task has the model that was chosen, and its cost stands under Usage, as pretended',
    async () => {
      await phone.page.goto(stack.url);
      await say(phone.page, 'Add a --json flag to the list command, just do it');
      const [task] = await untilTasks(client, ([one]) => one?.status === 'In review', DONE_MS);
      expect(task?.model).toBe('sonnet');
      await open(desk.page, 'usage');
      await desk.page.getByText('These dollars are pretended').waitFor({ timeout: SOON_MS });
      const shares = desk.page.getByRole('region', { name: 'By model' });
      await shares.getByText('sonnet').waitFor();
      await shares.getByText('The conversation').waitFor();
      await desk.page
        .getByRole('region', { name: 'By repository' })
        .getByText('acme/todo')
        .waitFor();
      await desk.page.getByRole('img', { name: /^Cost by day/ }).waitFor();
      await desk.page.getByText('As a table').click();
      await desk.page.getByRole('row', { name: /\$\d/ }).first().waitFor();
    },
    DONE_MS * 2,
  );

  it(
    'a token of one’s own is used from then on; one that the host refuses is said by the task and the settings',
    async () => {
      const own = (page: Page) => page.getByRole('region', { name: 'Your GitHub token' });
      const field = own(desk.page).getByLabel('GitHub token', { exact: true });
      await open(desk.page, 'account');
      await own(desk.page).getByText('with this installation’s token').waitFor();
      await field.fill('ghp_somebody_made_this_one_up');
      await own(desk.page).getByRole('button', { name: 'Save' }).click();
      await own(desk.page).getByText('GitHub does not take that token.').waitFor();
      // The guest's is one that the API takes, and git does not.
      await field.fill(stack.gitHost?.guestToken ?? '');
      await own(desk.page).getByRole('button', { name: 'Save' }).click();
      await own(desk.page).getByText('Your tasks work there as guest').waitFor();
      expect(await own(desk.page).innerText()).not.toContain('ghp_');
      await phone.page.goto(stack.url);
      await say(phone.page, 'Add a --json flag to the list command, just do it');
      const tasks = await untilTasks(
        client,
        (all) => all.some(({ status }) => status === 'Failed'),
        DONE_MS,
      );
      const failed = tasks.find(({ status }) => status === 'Failed');
      const item = await untilAsked(client, 'failure', DONE_MS);
      expect(item.reason).toMatch(/could not be cloned\. GitHub refuses your own token/);
      await open(desk.page, 'account');
      await own(desk.page).getByText('GitHub refused it').waitFor();
      await own(desk.page).getByRole('button', { name: 'Remove' }).click();
      await own(desk.page).getByText('with this installation’s token').waitFor();
      client.ask(failed?.id ?? '', { do: 'retry', from: 'checkpoint' });
      await untilTasks(
        client,
        (all) => all.find(({ id }) => id === failed?.id)?.status === 'In review',
        DONE_MS,
      );
    },
    DONE_MS * 3,
  );

  it('what a person has looked at on the phone is looked at at the desk, too', async () => {
    const [task] = await untilTasks(client, () => true, SOON_MS);
    for (const { page } of [phone, desk])
      await page.goto(`${stack.url}/tasks/${task?.id}?tab=changes`);
    const mark = (page: Page) => page.getByRole('checkbox', { name: /^Viewed/ }).first();
    await mark(phone.page).check();
    // The desk looks once the task knows.
    const known = async () =>
      TaskDetails.parse(await (await fetch(`${stack.url}/api/tasks/${task?.id}`)).json()).viewed;
    await expect.poll(async () => (await known()).length, { timeout: SOON_MS }).toBe(1);
    await desk.page.reload();
    await expect.poll(() => mark(desk.page).isChecked(), { timeout: SOON_MS }).toBe(true);
  });

  it('dates and numbers are in the language that was chosen on this device', async () => {
    await open(desk.page, 'appearance');
    await desk.page.getByRole('combobox', { name: /^Dates and numbers/ }).selectOption('de');
    await desk.page.getByText('1.234.567,8').waitFor();
    await desk.page.getByRole('radio', { name: 'Compact' }).check();
    await desk.page.reload();
    await desk.page.getByText('1.234.567,8').waitFor();
    expect(await desk.page.evaluate('document.documentElement.dataset.density')).toBe('compact');
  });

  it('nothing complained', () => {
    // The last one is the token that was refused.
    const expected = /ERR_INTERNET_DISCONNECTED|WebSocket|status of 409/;
    for (const { complaints } of [phone, desk]) {
      expect(complaints.filter((one) => !expected.test(one))).toEqual([]);
    }
  });
});
