import type { Browser, CDPSession, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toldTask } from './fixtures/told-task.ts';
import { PHONE, conversation, go, launchBrowser } from './harness/browser.ts';
import { connect } from './harness/client.ts';
import { atBest, heapMb, isStill, keyToLetterMs, watchFrames, wheel } from './harness/frames.ts';
import { seedConversation, tellOfTasks } from './harness/seeded.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';

const MESSAGES = 10_000;
const TASKS = 300;
const LONG_MS = 400_000;
const LOG = '[role=log]';
const LIST = 'main .overflow-y-auto';
const ROWS = '[data-row]';

/** What people and models say: mostly a line or two, at times a list, code, or a page. */
function textOf(seq: number): string {
  const head = `Message ${seq}.`;
  if (seq % 40 === 0) return `${head}\n\n${'A page of words, one after the other. '.repeat(60)}`;
  if (seq % 12 === 0) return `${head}\n\n\`\`\`ts\nconst one = ${seq};\nreturn one;\n\`\`\``;
  if (seq % 7 === 0) return `${head}\n\n- first\n- second, with \`code\`\n- third`;
  return `${head} ${'It says little. '.repeat(seq % 5)}`;
}

const STATUSES = ['Needs answers', 'Working', 'In review', 'Done'] as const;
const TOLD = Array.from({ length: TASKS }, (_, at) =>
  toldTask({
    id: `01JYYYYYYYYYYYYYYYYYYY${String(at).padStart(4, '0')}`,
    title: `Task ${at}`,
    repository: at % 2 === 0 ? 'acme/todo' : 'acme/site',
    branch: `mainloop/task-${at}`,
    status: STATUSES[at % STATUSES.length] ?? 'Done',
    createdAt: at + 1,
    updatedAt: at + 1,
    startedAt: at + 1,
  }),
);

describe(`${MESSAGES} messages and ${TASKS} tasks`, () => {
  const figures: Record<string, unknown> = {};
  let stack: TestStack;
  let browser: Browser;
  let page: Page;
  let devtools: CDPSession;

  const message = (number: number) =>
    conversation(page).getByText(new RegExp(`Message ${number}\\.`));
  const topIn = (selector: string) =>
    page.evaluate<number>(`document.querySelector('${selector}').scrollTop`);
  const topOf = async (number: number) => (await message(number).boundingBox())?.y ?? null;

  beforeAll(async () => {
    [stack, browser] = await Promise.all([startTestStack(), launchBrowser()]);
    (await connect(stack.url)).close();
    await stack.restartWorker(() => seedConversation(stack.dataDir, MESSAGES, textOf));
    const context = await browser.newContext({ viewport: PHONE, hasTouch: true });
    page = await context.newPage();
    await tellOfTasks(page, TOLD);
    await page.goto(stack.url);
    devtools = await context.newCDPSession(page);
    await message(MESSAGES).waitFor();
  }, LONG_MS);

  afterAll(async () => {
    console.log(`${MESSAGES} messages, ${TASKS} tasks: ${JSON.stringify(figures, null, 2)}`);
    await browser?.close();
    await stack?.stop();
  });

  it(
    'all of them can be scrolled to, up to the first',
    async () => {
      await page.getByText('Online').waitFor({ state: 'attached' });
      await expect
        .poll(
          async () => {
            await page.evaluate(`document.querySelector('${LOG}').scrollTop = 0`);
            return message(1).count();
          },
          { timeout: LONG_MS, interval: 20 },
        )
        .toBe(1);
    },
    LONG_MS,
  );

  it('no frame is blank while one scrolls through them, and the document stays small', async () => {
    const frames = await watchFrames(page, LOG, ROWS, async () => {
      await wheel(page, 80, 250);
      await wheel(page, 40, -400);
    });
    expect(await topIn(LOG)).toBeGreaterThan(2_000);
    figures['frames while scrolling'] = frames;
    expect(frames.count).toBeGreaterThan(50);
    expect(frames.blank).toBe(0);
    expect(frames.nodes).toBeLessThan(3_000);
  });

  it('they take little memory', async () => {
    const heap = await heapMb(devtools);
    figures['heap, MB'] = Math.round(heap);
    expect(heap).toBeLessThan(150);
  });

  it('a letter stands there within 50 ms of its key', async () => {
    await page.getByRole('textbox', { name: 'Message', exact: true }).focus();
    const words = 'the quick brown fox jumps over the lazy dog '.repeat(3);
    const p95 = (times: number[]) => times[Math.floor(times.length * 0.95)] ?? Infinity;
    const times = await atBest(
      () => keyToLetterMs(page, words),
      (seen) => p95(seen) < 50,
    );
    const median = times[Math.floor(times.length / 2)];
    figures['key to letter, ms'] = { median, p95: p95(times), worst: times.at(-1) };
    expect(p95(times)).toBeLessThan(50);
    await page.getByRole('textbox', { name: 'Message', exact: true }).fill('');
  });

  it('where one reads is kept over another place, though it is far back', async () => {
    await page.evaluate(`document.querySelector('${LOG}').scrollTop = 300_000`);
    await wheel(page, 2, 150);
    await isStill(page, LOG);
    const said = await page.evaluate<string>(
      `[...document.querySelectorAll('[data-row=message]')].find((row) => row.getBoundingClientRect().top > 200).textContent`,
    );
    const number = Number(/Message (\d+)\./.exec(said)?.[1]);
    expect(number).toBeGreaterThan(100);
    const before = (await topOf(number)) ?? 0;
    await go(page, 'Tasks');
    await page.getByRole('heading', { name: /Needs you/ }).waitFor();
    await go(page, 'Chat');
    await message(number).waitFor();
    await expect.poll(async () => Math.abs(((await topOf(number)) ?? 0) - before)).toBeLessThan(4);
  });

  it('300 tasks are scrolled through without a blank frame', async () => {
    await go(page, 'Tasks');
    await page.getByRole('article').first().waitFor();
    const frames = await watchFrames(page, LIST, ROWS, () => wheel(page, 40, 200));
    figures['frames of the tasks'] = frames;
    expect(frames.blank).toBe(0);
    expect(frames.nodes).toBeLessThan(3_000);
    expect(await topIn(LIST)).toBeGreaterThan(3_000);
  });
});
