import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conversation, launchBrowser, visit } from './harness/browser.ts';
import { type Client, connect, replyTo } from './harness/client.ts';
import { seedConversation } from './harness/seeded.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';

/** Said long ago, then said now: as fast as one person's messages are taken at once. */
const SEEDED = 500;
const PAIRS = 50;
const SHORT_PAIRS = 5;
const PROMPT_MAX_TOKENS = 8_000;
/** Opening may take this much longer than with ten messages; the machine's noise is larger than the page's. */
const SLOWER_AT_MOST = 2;
const OPENED = 5;

const FIRST = 'Hello. The codeword for the release is quartzfinch.';
const remark = (number: number) =>
  `Thanks, that is remark ${number}. ${'It says little and takes some room. '.repeat(4)}`;

/** A stack whose model talks as fast as it can, and somebody who talks to it. */
async function startTalk(seeded: number) {
  const stack = await startTestStack({
    settings: { THREAD_PROMPT_MAX_TOKENS: String(PROMPT_MAX_TOKENS) },
    pace: { tokensPerSecond: 5_000, timeToFirstTokenMs: 1, workerStepMs: 10 },
  });
  if (seeded > 0) {
    (await connect(stack.url)).close();
    const textOf = (number: number) => (number === 1 ? FIRST : remark(number));
    await stack.restartWorker(() => seedConversation(stack.dataDir, seeded, textOf));
  }
  const client = await connect(stack.url);
  const say = (text: string) => replyTo(client, client.send({ type: 'send', text }), 30_000);
  if (seeded === 0) await say(FIRST);
  return { stack, client, say };
}

describe('a conversation of 600 messages', () => {
  let stack: TestStack;
  let short: TestStack;
  let client: Client;
  let browser: Browser;

  const openMs = async ({ url }: TestStack) => {
    const begun = performance.now();
    const { page, context } = await visit(browser, url);
    await conversation(page).getByText('Stored').last().waitFor({ state: 'attached' });
    const took = performance.now() - begun;
    await context.close();
    return took;
  };

  beforeAll(async () => {
    const [long, other, launched] = await Promise.all([
      startTalk(SEEDED),
      startTalk(0),
      launchBrowser(),
    ]);
    browser = launched;
    ({ stack, client } = long);
    short = other.stack;
    for (let count = 2; count <= SHORT_PAIRS; count++) await other.say(remark(count));
    other.client.close();
    for (let count = 1; count <= PAIRS; count++) await long.say(remark(SEEDED + count));
  }, 600_000);

  afterAll(async () => {
    client.close();
    await browser.close();
    await Promise.all([stack.stop(), short.stop()]);
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
    const times: { long: number; ten: number }[] = [];
    // In turns: whatever else the machine does, it does to both.
    for (let count = 0; count < OPENED; count++) {
      times.push({ ten: await openMs(short), long: await openMs(stack) });
    }
    const least = (of: 'ten' | 'long') => Math.min(...times.map((one) => one[of]));
    expect(least('long')).toBeLessThan(least('ten') * SLOWER_AT_MOST);
    const page = await fetch(`${stack.url}/api/messages?before=20&limit=100`);
    expect(JSON.stringify(await page.json())).toContain('quartzfinch');
  }, 120_000);
});
