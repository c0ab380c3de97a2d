import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  DESK,
  PHONE,
  type Visitor,
  conversation,
  launchBrowser,
  say,
  visit,
} from './harness/browser.ts';
import { connect, replyTo } from './harness/client.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';

const SOON_MS = 20_000;

const textsOf = async ({ page }: Visitor) =>
  (await conversation(page).innerText()).replace(/\b(?:now|\d+ (?:s|min)(?: ago)?)\b/g, '');

describe('one person on two devices', () => {
  let stack: TestStack;
  let browser: Browser;
  let phone: Visitor;
  let desk: Visitor;

  beforeAll(async () => {
    [stack, browser] = await Promise.all([startTestStack(), launchBrowser()]);
    phone = await visit(browser, stack.url, PHONE);
    desk = await visit(browser, stack.url, DESK);
    await desk.page.getByText('What should get done?').waitFor({ timeout: SOON_MS });
  });

  afterAll(async () => {
    await browser.close();
    await stack.stop();
  });

  it('is offered the demo’s work where the demo is, and told where the real model is set', async () => {
    await desk.page.getByRole('button', { name: 'Add an export command' }).waitFor();
    await desk.page.getByText('put ANTHROPIC_API_KEY into .dev.vars').waitFor();
  });

  it('sees the same conversation at the same time', async () => {
    await say(phone.page, 'Which repositories do you see?');
    await conversation(desk.page).getByText('acme/site').first().waitFor({ timeout: SOON_MS });
    await expect
      .poll(async () => (await textsOf(desk)) === (await textsOf(phone)), { timeout: SOON_MS })
      .toBe(true);
  });

  it('keeps a message written offline, says so, and sends it once when the line is back', async () => {
    await phone.context.setOffline(true);
    await stack.restartWorker();
    await say(phone.page, 'Written in a tunnel');
    await conversation(phone.page)
      .getByText(/Waits for the connection/)
      .waitFor({ timeout: SOON_MS });
    await phone.context.setOffline(false);
    await conversation(desk.page).getByText('Written in a tunnel').waitFor({ timeout: SOON_MS });
    await expect
      .poll(
        () => conversation(phone.page).getByText('Written in a tunnel', { exact: true }).count(),
        { timeout: SOON_MS },
      )
      .toBe(1);
    await expect
      .poll(() => conversation(phone.page).getByText('On its way').count(), { timeout: SOON_MS })
      .toBe(0);
  });

  it('refuses a message of 2 MB in a sentence where it was written, and gives the text back', async () => {
    const { page } = phone;
    const field = page.getByRole('textbox', { name: 'Message', exact: true });
    const text = 'A line of a log that somebody has pasted here.\n'.repeat(43_000);
    // As a person puts it there: typing it line by line takes a browser minutes.
    await phone.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
    await field.focus();
    await page.keyboard.press('Control+v');
    await page.getByRole('button', { name: 'Send' }).click();
    await conversation(page)
      .getByText(/Not sent: .*100,000/)
      .waitFor({ timeout: SOON_MS });
    await conversation(page).getByRole('button', { name: 'Edit' }).click();
    const kept = await field.inputValue();
    expect(kept.length).toBe(text.length);
    expect(kept.length).toBeGreaterThan(2_000_000);
    await field.fill('');
  });

  it('receives exactly what it missed', async () => {
    const away = await connect(stack.url);
    const { seq } = await away.snapshot();
    away.close();
    const other = await connect(stack.url);
    for (let count = 1; count <= 3; count++) {
      await replyTo(other, other.send({ type: 'send', text: `Hello number ${count}` }));
    }
    const { seq: head } = await (await connect(stack.url)).snapshot();
    const back = await connect(stack.url, { cursor: seq });
    await back.until(() => (back.entries().at(-1)?.seq ?? 0) >= head);
    const missed = back.entries().map((entry) => entry.seq);
    expect(missed).toEqual(Array.from({ length: head - seq }, (_, index) => seq + 1 + index));
    expect(back.frames.some((frame) => frame.type === 'snapshot')).toBe(false);
    other.close();
    back.close();
  });
});
