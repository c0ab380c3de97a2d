import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conversation, launchBrowser, visit } from './harness/browser.ts';
import { type Client, connect, replyTo } from './harness/client.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';

const PAIRS = 300;
const PROMPT_MAX_TOKENS = 8_000;
/** Opening may take this much longer than with ten messages; the machine's noise is larger than the page's. */
const SLOWER_AT_MOST = 2;

describe('a conversation of 600 messages', () => {
  let stack: TestStack;
  let client: Client;
  let browser: Browser;
  let openedWithTenMs = 0;

  const openMs = async () => {
    const times: number[] = [];
    for (let count = 0; count < 3; count++) {
      const begun = performance.now();
      const { page, context } = await visit(browser, stack.url);
      await conversation(page).getByText('Stored').last().waitFor({ state: 'attached' });
      times.push(performance.now() - begun);
      await context.close();
    }
    return Math.min(...times);
  };

  beforeAll(async () => {
    [stack, browser] = await Promise.all([
      startTestStack({
        settings: { THREAD_PROMPT_MAX_TOKENS: String(PROMPT_MAX_TOKENS) },
        pace: { tokensPerSecond: 5_000, timeToFirstTokenMs: 1, workerStepMs: 10 },
      }),
      launchBrowser(),
    ]);
    client = await connect(stack.url);
    const say = (text: string) => replyTo(client, client.send({ type: 'send', text }), 30_000);
    await say('Hello. The codeword for the release is quartzfinch.');
    for (let count = 2; count <= 5; count++) await say(`Thanks, that is remark ${count}.`);
    openedWithTenMs = await openMs();
    for (let count = 6; count <= PAIRS; count++) {
      await say(
        `Thanks, that is remark ${count}. ${'It says little and takes some room. '.repeat(4)}`,
      );
    }
  }, 600_000);

  afterAll(async () => {
    client.close();
    await browser.close();
    await stack.stop();
  });

  it('never sends the model more than the bound', () => {
    const sent =
      stack.model?.requests().filter((one) => one.kind === 'thread' || one.kind === 'summary') ??
      [];
    expect(sent.length).toBeGreaterThanOrEqual(PAIRS);
    expect(Math.max(...sent.map((one) => one.usage.inputTokens))).toBeLessThan(PROMPT_MAX_TOKENS);
    expect(sent.some((one) => one.kind === 'summary')).toBe(true);
  });

  it('still knows what was said at its beginning', async () => {
    const reply = await replyTo(
      client,
      client.send({ type: 'send', text: 'What was the codeword for the release?' }),
    );
    expect(reply.text).toContain('quartzfinch');
  });

  it('opens as fast as with ten, and keeps every message', async () => {
    expect(await openMs()).toBeLessThan(openedWithTenMs * SLOWER_AT_MOST);
    const page = await fetch(`${stack.url}/api/messages?before=20&limit=100`);
    expect(JSON.stringify(await page.json())).toContain('quartzfinch');
  }, 120_000);
});
