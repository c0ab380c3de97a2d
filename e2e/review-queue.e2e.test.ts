import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
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

const SOON_MS = 30_000;
const DONE_MS = 120_000;
const TASK = 'Add an export command';

describe('a task that asks and plans, on a phone', () => {
  let stack: TestStack;
  let browser: Browser;
  let visitor: Visitor;
  let pullRequestUrl = '';

  beforeAll(async () => {
    [stack, browser] = await Promise.all([startTestStack(), launchBrowser()]);
    visitor = await visit(browser, stack.url);
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await stack.stop();
  });

  it(
    'asks two questions in the inbox, one of them with several choices',
    async () => {
      const { page } = visitor;
      await say(page, TASK);
      await conversation(page).getByText(/asks:/).waitFor({ timeout: DONE_MS });
      await page.getByRole('link', { name: 'Inbox, 1 needs you' }).waitFor({ timeout: SOON_MS });
      const item = await openItem(page, TASK);
      const format = item.getByRole('group', { name: 'Which format should the export have?' });
      const fields = item.getByRole('group', { name: 'Which fields should it have?' });
      await format.getByRole('radio', { name: 'JSON' }).check({ timeout: SOON_MS });
      expect(await item.getByRole('button', { name: 'Answer' }).isDisabled()).toBe(true);
      await fields.getByRole('checkbox', { name: 'text' }).check();
      await fields.getByRole('checkbox', { name: 'number' }).check();
      expect(await fields.getByRole('textbox', { name: 'Other answer' }).count()).toBe(1);
    },
    DONE_MS * 2,
  );

  it('keeps what was chosen while the person looks elsewhere, and lets it be changed', async () => {
    const { page } = visitor;
    await go(page, 'Tasks');
    await card(page, TASK).getByText('Needs answers').waitFor({ timeout: SOON_MS });
    await page.reload();
    const item = await openItem(page, TASK);
    const json = item.getByRole('radio', { name: 'JSON' });
    await json.waitFor({ timeout: SOON_MS });
    expect(await json.isChecked()).toBe(true);
    await item.getByRole('radio', { name: 'CSV' }).check();
    await item.getByRole('button', { name: 'Answer' }).click();
    // It stays, and says what was decided, before it leads on.
    await item.getByText('Answered: CSV; number, text').waitFor({ timeout: SOON_MS });
  });

  it(
    'presents a plan by the answers, which goes back once with a change',
    async () => {
      const { page } = visitor;
      await page.getByRole('link', { name: `Next: ${TASK}` }).click({ timeout: DONE_MS });
      const item = card(page, TASK);
      const approve = item.getByRole('button', { name: 'Approve' });
      await approve.waitFor({ timeout: SOON_MS });
      expect(await item.textContent()).toContain('as CSV with the fields number, text');
      await item.getByRole('button', { name: 'Request changes' }).click();
      await item
        .getByRole('textbox', { name: 'What should change' })
        .fill('Use semicolons between the fields.');
      await item.getByRole('button', { name: 'Send back' }).click();
      await page.getByRole('link', { name: `Next: ${TASK}` }).click({ timeout: DONE_MS });
      await item.getByText('What changed').waitFor({ timeout: DONE_MS });
      expect(await item.textContent()).toContain('separated by semicolons');
    },
    DONE_MS * 2,
  );

  it(
    'does the work as it was approved, and is steered meanwhile',
    async () => {
      const { page } = visitor;
      const item = card(page, TASK);
      await item.getByRole('radio', { name: 'Only what is open' }).check();
      await item.getByRole('button', { name: 'Approve' }).click();
      await item.getByText('Approved: Only what is open').waitFor({ timeout: SOON_MS });
      await go(page, 'Tasks');
      await card(page, TASK).getByText('Working').waitFor({ timeout: SOON_MS });
      await card(page, TASK).getByRole('link').first().click();
      await page
        .getByRole('textbox', { name: 'Message this task' })
        .fill('Put a line into the changelog, too');
      await page.getByRole('button', { name: 'Send' }).click();
      await page.getByRole('link', { name: 'Pull request' }).waitFor({ timeout: DONE_MS });
      pullRequestUrl =
        (await page.getByRole('link', { name: 'Pull request' }).getAttribute('href')) ?? '';
    },
    DONE_MS * 2,
  );

  it(
    'mends what a check finds, and is ready for review then',
    async () => {
      const { page } = visitor;
      await page.getByRole('link', { name: 'Inbox, 1 needs you' }).waitFor({ timeout: DONE_MS });
      const item = await openItem(page, TASK);
      await item.getByText('Both checks pass').waitFor({ timeout: SOON_MS });
      expect(await item.getByRole('list', { name: 'Checks' }).innerText()).toMatch(/test/);
      await item.getByText(/The worker’s own tests: Tests ran: \d+ pass/).waitFor();
      await item.getByText(/^Touches/).waitFor();
      expect(await item.getByRole('link', { name: 'Open pull request' }).getAttribute('href')).toBe(
        pullRequestUrl,
      );
      const text = await (await fetch(pullRequestUrl)).text();
      expect(text).toContain('const SEPARATOR = &#39;;&#39;');
      expect(text).toContain('filter((todo) =&#62; !todo.done)');
      expect(text).toContain('CHANGELOG.md');
      // Its first push had no section in the README, which the host's own check wants.
      expect(text).toContain('### `todo export`');
      expect(text).not.toContain('>Draft<');
    },
    DONE_MS * 2,
  );

  it(
    'takes up a review comment, and answers it in its thread',
    async () => {
      const { page } = visitor;
      const comments = `${stack.gitHost?.apiUrl}/repos/acme/todo/pulls/1/comments`;
      const headers = { authorization: `Bearer ${stack.gitHost?.token}` };
      await fetch(comments, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({
          body: 'Please use tabs between the fields instead.',
          path: 'src/commands/export.js',
          line: 2,
        }),
      });
      const item = card(page, TASK);
      await item.getByText(/^Goes on with what was said/).waitFor({ timeout: DONE_MS });
      await page.getByRole('link', { name: `Next: ${TASK}` }).click({ timeout: DONE_MS });
      await item.getByText('Both checks pass').waitFor({ timeout: SOON_MS });
      expect(await (await fetch(pullRequestUrl)).text()).toContain(
        'const SEPARATOR = &#39;\\t&#39;',
      );
      const said = async () => JSON.stringify(await (await fetch(comments, { headers })).json());
      await expect.poll(said, { timeout: SOON_MS }).toContain('Addressed in');
    },
    DONE_MS * 2,
  );

  it(
    'gives the worker what an outsider says only when the person wants that',
    async () => {
      const { page } = visitor;
      const comments = `${stack.gitHost?.apiUrl}/repos/acme/todo/pulls/1/comments`;
      const headers = { authorization: `Bearer ${stack.gitHost?.guestToken}` };
      const answer = await fetch(comments, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({
          body: 'Please say in the README that the export goes to standard output.',
          path: 'src/commands/export.js',
          line: 2,
        }),
      });
      expect(answer.status).toBe(201);
      const item = card(page, TASK);
      const address = item.getByRole('button', { name: 'Address comments' });
      await address.waitFor({ timeout: DONE_MS });
      expect(await item.innerText()).toContain('1 comment by @guest');
      await address.click();
      await item.getByText('Back to the worker: comments to look at').waitFor({ timeout: SOON_MS });
      await page.getByRole('link', { name: `Next: ${TASK}` }).click({ timeout: DONE_MS });
      await item.getByText('Both checks pass').waitFor({ timeout: SOON_MS });
      expect(await item.getByRole('button', { name: 'Address comments' }).count()).toBe(0);
      expect(await (await fetch(pullRequestUrl)).text()).toContain(
        'The export goes to standard output.',
      );
      const said = async () => JSON.stringify(await (await fetch(comments, { headers })).json());
      await expect
        .poll(async () => (await said()).split('Addressed in').length - 1, { timeout: SOON_MS })
        .toBe(2);
    },
    DONE_MS * 2,
  );

  it(
    'is merged from the inbox: Done',
    async () => {
      const { page } = visitor;
      await card(page, TASK).getByRole('button', { name: 'Merge' }).click();
      await go(page, 'Tasks');
      await card(page, TASK).getByText('Done').waitFor({ timeout: SOON_MS });
      expect(await (await fetch(pullRequestUrl)).text()).toContain('Merged');
    },
    DONE_MS,
  );

  it('keeps its plans on its page, with what was decided about each', async () => {
    const { page } = visitor;
    await card(page, TASK).getByRole('link').first().click();
    await page.getByRole('tab', { name: 'Plan' }).click();
    const panel = page.getByRole('tabpanel');
    await panel.getByText(/Plan 2 · Approved: Only what is open/).waitFor({ timeout: SOON_MS });
    expect(await panel.textContent()).toContain('Changes requested: Use semicolons');
  });

  it('has told its story in at most eight short messages', async () => {
    const { page } = visitor;
    await go(page, 'Chat');
    await expect
      .poll(() => conversation(page).innerText(), { timeout: SOON_MS })
      .toContain('Merged: ');
    const said = conversation(page).getByText('Mainloop', { exact: true });
    expect(await said.count()).toBeLessThanOrEqual(8);
  });

  it('has given the browser nothing to complain about', () => {
    expect(visitor.complaints).toEqual([]);
  });
});
