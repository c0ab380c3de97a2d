import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { PLAN, QUESTION, settled } from './fixtures/inbox-items.ts';
import { talk } from './fixtures/talk.ts';
import { toldTask } from './fixtures/told-task.ts';
import { PHONE, card, conversation, go, say } from './harness/browser.ts';
import { servesBuiltPage } from './harness/built-page.ts';
import { type WrittenThread, visitWritten } from './harness/written-thread.ts';

const TASK = toldTask({ id: PLAN.taskId ?? '', title: PLAN.title, status: 'Needs approval' });
const SAID = 'Written in a tunnel';
const DECIDED = 'That was decided before: Approved by @ana on GitHub.';
/** The longest pause between two tries to connect, and the page's patience with a line that says nothing. */
const NEXT_TRY_MS = 15_000;
const PATIENCE_MS = 30_000;

const built = servesBuiltPage();

const status = (page: Page) => page.getByRole('status').first().innerText();
const ALL = ['answer', 'decide', 'send'];
/** What was asked, in order; nothing may come twice, so each is counted. */
const asked = (thread: WrittenThread) =>
  thread.asked.map((one) => (one.type === 'task' ? one.command.do : one.type));

describe('answers, approvals and words of somebody whose line is dead', () => {
  let isDecided = false;
  const open = async () => {
    isDecided = false;
    const thread = await visitWritten(built.browser, built.url, `/inbox/${QUESTION.id}`, PHONE, {
      messages: talk(4),
      tasks: [TASK],
      inbox: [QUESTION, PLAN],
      hasClock: true,
      refuse: (command) =>
        isDecided && command.type === 'task' && command.command.do === 'decide' ? DECIDED : null,
    });
    await expect.poll(() => status(thread.page)).toBe('Online');
    return thread;
  };
  /** Answers, approves, writes: as if nothing were the matter. */
  const work = async ({ page }: WrittenThread) => {
    const question = card(page, QUESTION.title);
    await question.getByRole('radio', { name: 'CSV' }).check();
    await question.getByRole('checkbox', { name: 'text' }).check();
    await question.getByRole('button', { name: 'Answer' }).click();
    await go(page, 'Inbox');
    await page.getByRole('link', { name: new RegExp(`^${PLAN.title}`) }).click();
    await card(page, PLAN.title).getByRole('button', { name: 'Approve' }).click();
    await go(page, 'Chat');
    await say(page, SAID);
    await conversation(page).getByText(SAID).waitFor();
  };
  const isSent = async (thread: WrittenThread) => {
    await expect.poll(() => asked(thread)).toEqual(ALL);
    await expect.poll(() => status(thread.page)).toBe('Online');
    await go(thread.page, 'Inbox');
    expect(await thread.page.getByText(/sent when the connection is back/).count()).toBe(0);
    await thread.page.clock.fastForward(60_000);
    expect(asked(thread)).toEqual(ALL);
  };

  it('wait, say so, and arrive once when it is back after 5 s', async () => {
    const thread = await open();
    const { page, context, line } = thread;
    line('gone');
    await expect.poll(() => status(page)).toBe('Reconnecting');
    await work(thread);
    await conversation(page).getByText('Waits for the connection').waitFor();
    await go(page, 'Inbox');
    expect(await page.getByText('Decided; sent when the connection is back').count()).toBe(2);
    await page.clock.fastForward(5_000);
    expect(asked(thread)).toEqual([]);
    line('up');
    await page.clock.fastForward(NEXT_TRY_MS);
    await isSent(thread);
    await context.close();
  });

  it('after 5 min whoever decided first is named, and nothing else is lost', async () => {
    const thread = await open();
    const { page, context, line, put } = thread;
    line('gone');
    await expect.poll(() => status(page)).toBe('Reconnecting');
    await work(thread);
    isDecided = true;
    put(settled(PLAN, 'Approved by @ana on GitHub'));
    await page.clock.fastForward(300_000);
    await page.getByText(/as of 5 min/).waitFor();
    line('up');
    await page.clock.fastForward(NEXT_TRY_MS);
    await isSent(thread);
    await page.getByRole('alert').getByText(`${PLAN.title}: ${DECIDED}`).waitFor();
    await page.locator('summary').getByText('Decided lately').click();
    await page.getByRole('link', { name: new RegExp(`^${PLAN.title}`) }).click();
    await card(page, PLAN.title).getByText('Approved by @ana on GitHub').first().waitFor();
    await context.close();
  });

  it('arrive once over a socket that was never closed and carries nothing', async () => {
    const thread = await open();
    const { page, context, line } = thread;
    line('silent');
    await work(thread);
    // Nothing has come for so long that it is asked, and does not answer.
    await page.clock.fastForward(PATIENCE_MS);
    await page.clock.fastForward(PATIENCE_MS);
    await expect.poll(() => status(page)).toBe('Reconnecting');
    await conversation(page).getByText('Waits for the connection').waitFor();
    line('up');
    await page.clock.fastForward(NEXT_TRY_MS);
    await isSent(thread);
    await context.close();
  });

  it('arrive once though the page is loaded anew for a newer server', async () => {
    const thread = await open();
    const { page, context, line } = thread;
    line('gone');
    await expect.poll(() => status(page)).toBe('Reconnecting');
    await work(thread);
    let loads = 0;
    page.on('domcontentloaded', () => {
      loads += 1;
      // The page that comes is the server's own.
      line('up');
    });
    line('newer');
    await page.clock.fastForward(NEXT_TRY_MS);
    await isSent(thread);
    expect(loads).toBe(1);
    await go(page, 'Chat');
    expect(await conversation(page).getByText('Waits for the connection').count()).toBe(0);
    await context.close();
  });
});
