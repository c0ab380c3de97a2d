import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { FeedEvent } from '../protocol/task-feed.ts';
import { QUESTION, REVIEW, failures } from './fixtures/inbox-items.ts';
import { talk } from './fixtures/talk.ts';
import { DESK, PHONE, card, conversation, go } from './harness/browser.ts';
import { isStill } from './harness/frames.ts';
import { servesBuiltPage } from './harness/built-page.ts';
import { toldTask } from './fixtures/told-task.ts';
import { rows, visitWritten } from './harness/written-thread.ts';

const DIST = path.resolve('web/dist');
/** Of all that Chat loads by itself, gzipped. */
const JS_MAX_KB = 75;
/**
 * What was shown last time is painted within so many times what a page with one line takes in the same
 * browser, so that the machine's own speed counts for nothing. It was four times when this was written.
 */
const TIMES_BARE = 8;

const built = servesBuiltPage();

describe('Chat with a conversation', () => {
  it.each([PHONE, DESK])(
    `loads less than ${JS_MAX_KB} KB of JavaScript by itself: %#`,
    async (at) => {
      const { page, context } = await visitWritten(built.browser, built.url, '/', at, {
        messages: talk(30),
        inbox: [QUESTION, REVIEW],
      });
      // What it fetches last: the renderer of Markdown, and what can be dictated to.
      await conversation(page).locator('.prose code').first().waitFor();
      await page.getByRole('button', { name: 'Dictate' }).waitFor();
      const loaded = await page.evaluate<string[]>(
        `performance.getEntriesByType('resource').map(({ name }) => new URL(name).pathname)`,
      );
      const parts = loaded.filter((name) => name.endsWith('.js') && name !== '/sw.js');
      const sizes = parts.map((name) => gzipSync(readFileSync(path.join(DIST, name))).length);
      const kilobytes = sizes.reduce((sum, one) => sum + one, 0) / 1_000;
      console.log(
        `Chat at ${at.width} px: ${kilobytes.toFixed(1)} KB of JavaScript: ${parts.join(' ')}`,
      );
      expect(parts.some((name) => name.includes('markdown-blocks'))).toBe(true);
      expect(kilobytes).toBeLessThan(JS_MAX_KB);
      await context.close();
    },
  );
});

describe('where one was is where one is again', () => {
  const top = (page: Page) =>
    page.evaluate<number>(`document.querySelector('main .overflow-y-auto').scrollTop`);
  const scrollTo = (page: Page, px: number) =>
    page.evaluate(`document.querySelector('main .overflow-y-auto').scrollTop = ${px}`);

  it('in the list of tasks, with its filter: after a visit elsewhere, and after a reload', async () => {
    const tasks = Array.from({ length: 60 }, (_, at) =>
      toldTask({
        id: `01JYYYYYYYYYYYYYYYYYYY${String(at).padStart(4, '0')}`,
        title: `Task ${at}`,
        status: 'Done',
        repository: at % 2 === 0 ? 'acme/todo' : 'acme/site',
      }),
    );
    const { page, context } = await visitWritten(built.browser, built.url, '/tasks', PHONE, {
      tasks,
      inbox: [],
    });
    const filter = page.getByRole('combobox', { name: 'Repository' });
    await filter.selectOption('acme/site');
    await scrollTo(page, 700);
    await expect.poll(() => top(page)).toBe(700);
    const row = async () => Math.round((await card(page, 'Task 31').boundingBox())?.y ?? -1);
    const before = await row();
    await go(page, 'Settings');
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
    await go(page, 'Tasks');
    await expect.poll(row).toBe(before);
    expect(await filter.inputValue()).toBe('acme/site');
    await page.reload();
    await expect.poll(row).toBe(before);
    expect(await filter.inputValue()).toBe('acme/site');
    expect(await card(page, 'Task 0').count()).toBe(0);
    await context.close();
  });

  it('in the inbox: after an item, a visit elsewhere, and a reload', async () => {
    const { page, context } = await visitWritten(built.browser, built.url, '/inbox', PHONE, {
      inbox: failures(40),
    });
    await rows(page).nth(39).waitFor({ state: 'attached' });
    await scrollTo(page, 900);
    // Not by the mouse, which scrolls to a row that does not take it at once.
    await rows(page).nth(18).dispatchEvent('click');
    await page.getByRole('link', { name: 'Back to the inbox' }).click();
    await expect.poll(() => top(page)).toBe(900);
    await go(page, 'Tasks');
    await page.getByRole('heading', { level: 1, name: 'Tasks' }).waitFor();
    await go(page, 'Inbox');
    await expect.poll(() => top(page)).toBe(900);
    await page.reload();
    await rows(page).nth(39).waitFor({ state: 'attached' });
    await expect.poll(() => top(page)).toBe(900);
    await context.close();
  });

  it('in a task’s activity: its set-up stays open after a visit elsewhere', async () => {
    const task = toldTask({ id: QUESTION.taskId ?? '', title: 'Add a cache', status: 'Working' });
    const bodies: FeedEvent['body'][] = [
      { type: 'setup_began' },
      { type: 'setup_output', text: 'Installed all of it.' },
      { type: 'setup_ended', outcome: 'done', exitCode: 0, durationMs: 900, secretsIn: [] },
      ...Array.from({ length: 3 }, (_, at) => ({
        type: 'step' as const,
        text: `Looked at file ${at}`,
      })),
    ];
    const lines = bodies.map((body, at) => ({
      number: at + 1,
      at: at + 1,
      body,
      isExcerpt: false,
    }));
    const { page, context } = await visitWritten(
      built.browser,
      built.url,
      `/tasks/${task.id}`,
      PHONE,
      {
        tasks: [task],
        inbox: [],
        activity: { [task.id]: lines },
      },
    );
    const output = page.getByText('Installed all of it.');
    const setUp = page.locator('summary').getByText('Set-up');
    await setUp.click();
    await output.waitFor();
    await go(page, 'Settings');
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
    await page.goBack();
    await output.waitFor();
    await setUp.click();
    await output.waitFor({ state: 'hidden' });
    await context.close();
  });

  it('in the settings of a repository: they stay open after a visit elsewhere and a reload, and closed', async () => {
    const repository = (name: string) => ({
      name,
      defaultBranch: 'main',
      description: null,
      private: true,
    });
    const { page, context } = await visitWritten(
      built.browser,
      built.url,
      '/settings/repositories',
      PHONE,
      { inbox: [], repositories: [repository('acme/todo'), repository('acme/site')] },
    );
    const fold = page.getByText('What is set for it').nth(1);
    const instructions = (name: string) =>
      page.getByRole('textbox', { name: `Instructions for ${name}` });
    await fold.click();
    await instructions('acme/site').waitFor();
    await go(page, 'Tasks');
    await page.getByRole('heading', { level: 1, name: 'Tasks' }).waitFor();
    await page.goBack();
    await instructions('acme/site').waitFor();
    await page.reload();
    await instructions('acme/site').waitFor();
    expect(await instructions('acme/todo').count()).toBe(0);
    await fold.click();
    await page.reload();
    await fold.waitFor();
    expect(await instructions('acme/site').count()).toBe(0);
    await context.close();
  });

  it('in the conversation, far back in its history, after a reload', async () => {
    const messages = talk(600);
    const { page, context } = await visitWritten(
      built.browser,
      built.url,
      `/?at=${messages[120]?.id}`,
      PHONE,
      { messages, inbox: [] },
    );
    const place = (number: number) =>
      page.evaluate<number | null>(
        `[...document.querySelectorAll('[data-row=message]')].find((row) => row.textContent.includes('Question ${number}.'))?.getBoundingClientRect().top ?? null`,
      );
    await expect.poll(() => place(121)).toBeGreaterThan(0);
    await page.mouse.move(195, 300);
    await page.mouse.wheel(0, -600);
    await isStill(page, '[role=log]');
    const last = await place(115);
    expect(last).not.toBeNull();
    await page.reload();
    await expect
      .poll(async () => Math.abs(((await place(115)) ?? 9_999) - (last ?? 0)))
      .toBeLessThan(4);
    await context.close();
  });
});

/** Runs in the page before anything of it: notes when the conversation stands there. */
const WHEN_SHOWN = `new MutationObserver((_, observer) => {
  if (document.querySelector('[role=log] [data-row=message]') === null) return;
  observer.disconnect();
  requestAnimationFrame(() => performance.mark('shown'));
}).observe(document, { childList: true, subtree: true })`;
const SHOWN = `performance.getEntriesByName('shown')[0]?.startTime ?? null`;
const PAINTED = `performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null`;
const IS_KEPT = `new Promise((resolve) => {
  const request = indexedDB.open('mainloop');
  request.onsuccess = () => {
    const count = request.result.transaction('kept').objectStore('kept').count();
    count.onsuccess = () => {
      request.result.close();
      resolve(count.result > 0);
    };
  };
})`;

describe('what was shown last time', () => {
  it('is painted before the network has said a word, and soon', async () => {
    const { page, context, line } = await visitWritten(built.browser, built.url, '/', PHONE, {
      messages: talk(50),
      inbox: [QUESTION, REVIEW],
    });
    await expect.poll(() => page.evaluate<boolean>(IS_KEPT)).toBe(true);
    await page.addInitScript(WHEN_SHOWN);
    await context.route('**/bare', (route) =>
      route.fulfill({ contentType: 'text/html', body: '<!doctype html><p>Nothing else.' }),
    );
    line('silent');
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    const timeOf = async (mark: string) => {
      const read = () => page.evaluate<number | null>(mark);
      await expect.poll(read).not.toBeNull();
      return (await read()) ?? Infinity;
    };
    const times: { bare: number; shown: number }[] = [];
    // In turns: whatever else the machine does, it does to both.
    for (let count = 0; count < 5; count++) {
      await page.goto(`${built.url}/bare`);
      const bare = await timeOf(PAINTED);
      await page.goto(built.url);
      times.push({ bare, shown: await timeOf(SHOWN) });
    }
    const least = (of: 'bare' | 'shown') => Math.min(...times.map((one) => one[of]));
    console.log(`from cache: ${least('shown')} ms; a bare page: ${least('bare')} ms`);
    expect(asked.filter((name) => name.startsWith('/api/'))).toEqual([]);
    expect(least('shown')).toBeLessThan(least('bare') * TIMES_BARE);
    await context.close();
  });
});
