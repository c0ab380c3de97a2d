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

const SOON_MS = 20_000;
const DONE_MS = 90_000;

describe('a message in the chat becomes a draft pull request', () => {
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

  it('says that the model is offline and which variable brings the real one', async () => {
    await visitor.page.getByText('ANTHROPIC_API_KEY').first().waitFor({ timeout: SOON_MS });
    expect(await visitor.page.getByRole('status').first().textContent()).toContain('Online');
  });

  it('answers, and shows a card for the task that it started', async () => {
    const { page } = visitor;
    await say(page, 'Add a --json flag to the list command');
    await conversation(page)
      .getByText('Add a --json flag to the list command')
      .first()
      .waitFor({ timeout: SOON_MS });
    await card(page, /json/i).first().waitFor({ timeout: SOON_MS });
  });

  it(
    'shows what Claude Code does, tool by tool, while it works',
    async () => {
      const { page } = visitor;
      await card(page, /json/i).first().getByRole('link').first().click();
      await page.getByRole('heading', { name: /json/i }).waitFor({ timeout: SOON_MS });
      await page.getByRole('tab', { name: 'Activity' }).waitFor();
      const panel = page.getByRole('tabpanel');
      for (const tool of [/Read/, /Edit/, /npm test/]) {
        await panel.getByRole('button', { name: tool }).first().waitFor({ timeout: DONE_MS });
      }
    },
    DONE_MS * 2,
  );

  it(
    'says in the conversation that a draft pull request is ready, with a link that works',
    async () => {
      const { page } = visitor;
      await go(page, 'Chat');
      const link = conversation(page).locator('a[href*="/pull/"]').last();
      await conversation(page)
        .getByText(/draft pull request/i)
        .last()
        .waitFor({ timeout: DONE_MS });
      pullRequestUrl = (await link.getAttribute('href')) ?? '';
      expect(pullRequestUrl).toContain(`${stack.gitHost?.url}/acme/todo/pull/`);
      await card(page, /json/i).getByText('In review').first().waitFor({ timeout: SOON_MS });
    },
    DONE_MS * 2,
  );

  it('holds it in the inbox for review', async () => {
    const { page } = visitor;
    await page.getByRole('link', { name: 'Inbox, 1 needs you' }).waitFor({ timeout: SOON_MS });
    const item = await openItem(page, /json/i);
    await item.waitFor({ timeout: SOON_MS });
    expect(await item.getByRole('link', { name: 'Open pull request' }).getAttribute('href')).toBe(
      pullRequestUrl,
    );
  });

  it('has a real diff at the git host, with code and a test', async () => {
    const page = await visitor.context.newPage();
    await page.goto(pullRequestUrl);
    const text = (await page.textContent('body')) ?? '';
    // The host's own checks ran on it, and made it ready.
    expect(text).toContain('test: success');
    expect(text).toMatch(/\+.*--json/);
    expect(text).toMatch(/test/);
    await page.close();
  });

  it('asked for Opus as the worker and for Haiku as the main thread', () => {
    const requests = stack.model?.requests() ?? [];
    const models = (kind: string) =>
      new Set(requests.filter((one) => one.kind === kind).map((one) => one.model));
    expect(models('thread')).toEqual(new Set(['claude-haiku-5-5']));
    expect(models('worker')).toEqual(new Set(['claude-opus-5-5']));
  });

  it('sent all that Claude Code asks the model through the gateway, with nothing left out', () => {
    expect(stack.logged()).not.toMatch(/gateway\.model_(?:trimmed|refused)/);
  });

  it(
    'puts Haiku on the wire when the person says so',
    async () => {
      const { page } = visitor;
      await go(page, 'Chat');
      await say(page, 'Fix done when the number is out of range, use haiku for this one');
      await expect
        .poll(
          () =>
            stack.model
              ?.requests()
              .some((one) => one.kind === 'worker' && one.model === 'claude-haiku-5-5'),
          { timeout: DONE_MS },
        )
        .toBe(true);
    },
    DONE_MS * 2,
  );

  it('keeps the review until the person dismisses it, and then says what was decided', async () => {
    const { page } = visitor;
    const item = await openItem(page, /json/i);
    await item.getByRole('button', { name: 'Dismiss' }).click();
    await expect
      .poll(
        () =>
          page
            .getByRole('main')
            .getByText(/Dismissed/)
            .count(),
        { timeout: SOON_MS },
      )
      .toBeGreaterThan(0);
  });

  it('has given the browser nothing to complain about', () => {
    expect(visitor.complaints).toEqual([]);
  });
});
