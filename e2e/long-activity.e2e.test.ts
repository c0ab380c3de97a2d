import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Changes } from '../protocol/changes.ts';
import type { RunnerEvent } from '../protocol/runner.ts';
import { DESK, PHONE, card, go, launchBrowser, say, visit } from './harness/browser.ts';
import { type Client, connect } from './harness/client.ts';
import { atBest, watchFrames, wheel } from './harness/frames.ts';
import { type StandInSandboxes, startStandInSandboxes } from './harness/stand-in-sandboxes.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';
import { tasksOf, untilTasks } from './harness/task-watch.ts';

const LINES = 10_000;
const DIFF_LINES = 5_000;
const NODES_MAX = 3_000;
const SOON_MS = 30_000;
const DONE_MS = 120_000;
/** How long a frame may take at nineteen of twenty, on a machine that has others to do. */
const FRAME_MAX_MS = 125;

/** Calls with their answers, some failed, some of a sub-agent, between words. */
function* lines(): Generator<RunnerEvent['body']> {
  const agent = 'toolu_agent';
  const call = (id: string, tool: string, title: string, parent: string | null) =>
    ({
      type: 'tool_call',
      toolUseId: id,
      parent,
      tool,
      title,
      input: JSON.stringify({ command: title }),
      truncated: false,
    }) as const;
  const answer = (id: string, output: string, isError: boolean, parent: string | null) =>
    ({ type: 'tool_result', toolUseId: id, parent, isError, output, truncated: false }) as const;
  yield call(agent, 'Agent', 'Look for the slow query', null);
  for (let step = 1; step <= 5; step++) {
    yield call(`toolu_in_${step}`, 'Grep', `slow query ${step}`, agent);
    yield answer(`toolu_in_${step}`, `found ${step}`, false, agent);
  }
  yield answer(agent, 'It is in list.js.', false, null);
  for (let number = 1; number <= (LINES - 12) / 3; number++) {
    const isBad = number % 50 === 0;
    const long = number % 100 === 0 ? `${'a line of output\n'.repeat(1_000)}the very end` : 'ok';
    yield call(`toolu_${number}`, 'Bash', `npm test -- part-${number}`, null);
    yield answer(
      `toolu_${number}`,
      isBad ? `${long}\nError: part ${number} broke` : long,
      isBad,
      null,
    );
    yield { type: 'text', text: `Part ${number} is looked at. **On** to the next.`, parent: null };
  }
}

const changes = (): Changes => ({
  at: Date.now(),
  base: 'a'.repeat(40),
  commit: 'b'.repeat(40),
  files: [
    {
      path: 'src/large.ts',
      from: null,
      is: 'added',
      added: DIFF_LINES,
      removed: 0,
      hash: 'large',
      lines: {
        is: 'shown',
        patch: [
          `@@ -0,0 +1,${DIFF_LINES} @@`,
          ...Array.from(
            { length: DIFF_LINES },
            (_, at) => `+export const value${at} = 'v${at}'; // ${at}`,
          ),
        ].join('\n'),
      },
    },
  ],
  more: 0,
});

const nodes = (page: Page) => page.evaluate<number>('document.querySelectorAll("*").length');

/** Turns the wheel over a place. Only its time is looked at again: no frame may be blank in any pass. */
async function scrolledThrough(page: Page, place: string, rows: string, by: number) {
  let blank = 0;
  const look = async () => {
    const seen = await watchFrames(page, place, rows, () => wheel(page, 100, by));
    blank = Math.max(blank, seen.blank);
    return seen;
  };
  const seen = await atBest(look, ({ p95Ms }) => p95Ms < FRAME_MAX_MS);
  return { ...seen, blank };
}

describe(`an activity of ${LINES} lines`, () => {
  let stack: TestStack;
  let sandboxes: StandInSandboxes;
  let browser: Browser;
  let client: Client;
  const LIST = '[aria-label="What was done"]';
  const latest = (page: Page) => page.getByRole('button', { name: /^Latest/ });
  const line = (page: Page, text: string) => page.locator(LIST).getByText(text, { exact: false });

  beforeAll(async () => {
    sandboxes = await startStandInSandboxes({ lines: [...lines()], changes: changes() });
    [stack, browser] = await Promise.all([
      startTestStack({
        settings: { LOCAL_SANDBOX_URL: sandboxes.url, LOCAL_SANDBOX_KEY: sandboxes.key },
      }),
      launchBrowser(),
    ]);
    client = await connect(stack.url);
    await client.snapshot();
    const { page, context } = await visit(browser, stack.url, PHONE);
    await say(page, 'Add a --json flag to the list command, just do it');
    await untilTasks(client, ([one]) => one?.status === 'Done', DONE_MS);
    await context.close();
  }, DONE_MS * 2);

  afterAll(async () => {
    client.close();
    await browser.close();
    await stack.stop();
    await sandboxes.stop();
  });

  const open = async (viewport: typeof PHONE, query = '') => {
    const visitor = await visit(browser, stack.url, viewport);
    await visitor.page.goto(`${stack.url}/tasks/${tasksOf(client)[0]?.id}${query}`);
    return visitor;
  };

  it.each([
    ['phone', PHONE],
    ['desk', DESK],
  ])('opens at its newest line, above the fold, on a %s', async (_, viewport) => {
    const { page, context } = await visit(browser, stack.url, viewport);
    await go(page, 'Tasks');
    await card(page, /json/i).first().getByRole('link').first().click();
    await line(page, `Done`).last().waitFor({ timeout: SOON_MS });
    expect(await latest(page).count()).toBe(0);
    const list = await page.locator(LIST).boundingBox();
    expect(list?.y ?? 999).toBeLessThan(viewport.height / 2);
    expect(await nodes(page)).toBeLessThan(NODES_MAX);
    await context.close();
  });

  it('scrolls far back without a blank, in few nodes, and leads to the latest again', async () => {
    const { page, context } = await open(PHONE);
    await line(page, 'Done').last().waitFor({ timeout: SOON_MS });
    await page.locator(LIST).evaluate((list) => list.scrollTo(0, list.scrollHeight - 2_000));
    const seen = await scrolledThrough(page, LIST, '[id^=line-]', -400);
    expect(seen.blank).toBe(0);
    expect(seen.nodes).toBeLessThan(NODES_MAX);
    expect(seen.p95Ms).toBeLessThan(FRAME_MAX_MS);
    await latest(page).click();
    await line(page, 'Done').last().waitFor();
    await expect.poll(() => latest(page).count()).toBe(0);
    await context.close();
  });

  it('an address leads to a line however old, and what is around it can be scrolled to', async () => {
    const { page, context } = await open(PHONE, '?line=5');
    const found = page.getByRole('button', { name: 'Grep slow query 1' });
    await found.waitFor({ timeout: SOON_MS });
    expect(await page.locator(':focus').getAttribute('id')).toMatch(/^line-/);
    await line(page, 'part-3').first().waitFor();
    expect(await nodes(page)).toBeLessThan(NODES_MAX);
    await context.close();
  });

  it('what a sub-agent did is folded below its call', async () => {
    const { page, context } = await open(DESK, '?line=1');
    const steps = page.getByRole('button', { name: '5 steps' });
    await steps.waitFor({ timeout: SOON_MS });
    expect(await line(page, 'slow query 2').count()).toBe(0);
    await steps.click();
    await line(page, 'slow query 2').waitFor();
    await context.close();
  });

  it('a failed command says so in words, and its output comes whole when it is opened', async () => {
    const { page, context } = await open(PHONE);
    const failed = page.getByRole('button', { name: /^Failed Bash npm test -- part-3300\b/ });
    await page.getByRole('button', { name: 'Find in this activity' }).click();
    await page.getByRole('searchbox', { name: 'Find in this activity' }).fill('PART 3300 broke');
    await page
      .getByRole('list', { name: 'Lines with it' })
      .getByRole('button', { name: /Error: part 3300 broke/ })
      .click();
    await failed.waitFor({ timeout: SOON_MS });
    expect(await failed.innerText()).toContain('Error: part 3300 broke');
    const output = page.getByRole('group', { name: 'What it answered' });
    await expect
      .poll(async () => (await output.first().innerText()).split('a line of output').length)
      .toBe(1_001);
    expect(new URL(page.url()).searchParams.get('line')).toMatch(/^\d+$/);
    await context.close();
  });

  it('what is nowhere is found nowhere, however long it is looked for', async () => {
    const { page, context } = await open(PHONE);
    await page.getByRole('button', { name: 'Find in this activity' }).click();
    await page.getByRole('searchbox', { name: 'Find in this activity' }).fill('nobody said this');
    await page.getByText('0 lines').waitFor({ timeout: SOON_MS });
    await page.keyboard.press('Escape');
    expect(await page.locator(':focus').getAttribute('aria-label')).toBe('Find in this activity');
    await context.close();
  });

  it('what else can be done is a menu, which the keyboard works, and the focus comes back', async () => {
    const { page, context, complaints } = await open(PHONE);
    const more = page.getByRole('button', { name: 'More', exact: true });
    await more.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Details' }).waitFor();
    await page.getByRole('menuitemradio', { name: 'opus' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => more.evaluate((one) => one.matches(':focus'))).toBe(true);
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Details' }).press('Enter');
    const details = page.getByRole('dialog', { name: 'Details' });
    await details.getByText('What was asked').waitFor();
    const phases = details.getByRole('list', { name: 'Phases with their times' });
    const words = await phases.getByRole('listitem').allInnerTexts();
    expect(words.at(-1)).toMatch(/^Done\s.*\d{4}/s);
    expect(words.join()).toContain('Working');
    await page.keyboard.press('Escape');
    await expect.poll(() => more.evaluate((one) => one.matches(':focus'))).toBe(true);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it.each([
    ['phone', PHONE],
    ['desk', DESK],
  ])(`a diff of ${DIFF_LINES} lines scrolls smoothly on a %s`, async (_, viewport) => {
    const { page, context } = await open(viewport, '?tab=changes');
    await page.getByRole('button', { name: /large\.ts/ }).click();
    await page.getByText('value10 ').first().waitFor({ timeout: SOON_MS });
    // From below what stands above the first line.
    await page.evaluate(`(() => {
      const part = document.querySelector('.diff').closest('[role=tabpanel]');
      part.setAttribute('data-part', '');
      part.scrollTop = 500;
    })()`);
    const seen = await scrolledThrough(page, '[data-part]', '.diff-line', 500);
    expect(seen.blank).toBe(0);
    expect(seen.nodes).toBeLessThan(NODES_MAX * 2);
    expect(seen.p95Ms).toBeLessThan(FRAME_MAX_MS);
    await context.close();
  });
});
