import type { CDPSession, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import {
  BUDGET,
  FAILURE,
  PLAN,
  QUESTION,
  REVIEW,
  failures,
  settled,
} from './fixtures/inbox-items.ts';
import { PHONE, card } from './harness/browser.ts';
import { servesBuiltPage } from './harness/built-page.ts';
import { type Written, focused, names, rows, visitWritten } from './harness/written-thread.ts';

const built = servesBuiltPage();

describe('on a phone', () => {
  const open = (where: string, written: Written) =>
    visitWritten(built.browser, built.url, where, PHONE, written);

  it('shows eight rows on one screen, most urgent first', async () => {
    const { page, context } = await open('/inbox', {
      inbox: [...failures(6), REVIEW, FAILURE, QUESTION],
    });
    await rows(page).nth(8).waitFor();
    expect((await names(page)).slice(0, 2)).toEqual(['Add an export command', 'Flaky test']);
    const eighth = await rows(page).nth(7).boundingBox();
    const nav = await page.getByRole('navigation', { name: 'Main' }).boundingBox();
    expect((eighth?.y ?? 0) + (eighth?.height ?? 999)).toBeLessThanOrEqual(nav?.y ?? 0);
    expect(eighth?.height).toBeGreaterThanOrEqual(44);
    await context.close();
  });

  it.each([
    [QUESTION, 'Answer'],
    [PLAN, 'Approve'],
    [BUDGET, 'Raise budget'],
    [FAILURE, 'Retry'],
    [REVIEW, 'Merge'],
  ] as const)(
    'opens an item as a page with what is to be done in sight: %#',
    async (item, main) => {
      const { page, context } = await open('/inbox', { inbox: [item] });
      await rows(page).first().click();
      await page.getByRole('heading', { level: 1, name: item.title }).waitFor();
      const button = card(page, item.title).getByRole('button', { name: main, exact: true });
      const box = await button.boundingBox();
      const nav = await page.getByRole('navigation', { name: 'Main' }).boundingBox();
      expect((box?.y ?? 999) + (box?.height ?? 999)).toBeLessThanOrEqual(nav?.y ?? 0);
      expect(box?.y).toBeGreaterThan(400);
      expect(await focused(page)).toBe(`item-${item.id}`);
      await page.getByRole('link', { name: 'Back to the inbox' }).click();
      await expect.poll(() => focused(page)).toBe(`row-${item.id}`);
      await context.close();
    },
  );

  it('opens from a cold start at the address of an item, whatever became of it', async () => {
    const old = settled(QUESTION, 'Answered by @ana on GitHub: CSV');
    const lookUp = (id: string) => (id === old.id ? old : id === PLAN.id ? 'away' : null);
    const cold = await open(`/inbox/${old.id}`, { inbox: [FAILURE], lookUp });
    const item = card(cold.page, old.title);
    await item.getByText('Answered by @ana on GitHub: CSV').waitFor();
    await item.getByText(/^On GitHub · now/).waitFor();
    await cold.page.getByRole('link', { name: `Next: ${FAILURE.title}` }).click();
    await card(cold.page, FAILURE.title).getByRole('button', { name: 'Retry' }).waitFor();
    await cold.context.close();

    const missing = await open('/inbox/01ARZ3NDEKTSV4RRFFQ69G5FAV', { inbox: [], lookUp });
    await missing.page.getByText('There is no such item').waitFor();
    await missing.page.getByRole('link', { name: 'What needs you' }).click();
    await missing.page.getByText('Nothing needs you').waitFor();
    await missing.context.close();

    const away = await open(`/inbox/${PLAN.id}`, { inbox: [], lookUp });
    await away.page.getByRole('button', { name: 'Try again now' }).waitFor();
    expect(await away.page.getByText('There is no such item').count()).toBe(0);
    await away.context.close();
  });

  it('keeps a half-typed answer over a reload, and when another one decides first', async () => {
    const { page, context, put, asked } = await open(`/inbox/${QUESTION.id}`, {
      inbox: [QUESTION],
    });
    const item = card(page, QUESTION.title);
    const field = item.getByRole('textbox', { name: 'Other answer' }).first();
    await field.fill('Parquet, please');
    await page.reload();
    await field.waitFor();
    expect(await field.inputValue()).toBe('Parquet, please');
    put(settled(QUESTION, 'Answered by @ana on GitHub: CSV'));
    const kept = item.getByRole('region', { name: 'What you had written' });
    await kept.getByText('Which format should the export have? Parquet, please').waitFor();
    await kept.getByRole('button', { name: 'Send it to the task' }).click();
    await kept.waitFor({ state: 'detached' });
    expect(asked).toMatchObject([
      {
        type: 'task',
        taskId: QUESTION.taskId,
        command: { do: 'message', text: 'Which format should the export have? Parquet, please' },
      },
    ]);
    expect(await focused(page)).toBe(`item-${QUESTION.id}`);
    await context.close();
  });

  it('an answer that came too late is not lost either, and one that counted is not asked about', async () => {
    const { page, context, put, refuseNext } = await open(`/inbox/${PLAN.id}`, {
      inbox: [PLAN, QUESTION],
    });
    const item = card(page, PLAN.title);
    refuseNext('That was decided before: Approved by @ana on GitHub.');
    await item.getByRole('button', { name: 'Request changes' }).click();
    await item.getByRole('textbox', { name: 'What should change' }).fill('Use one table');
    await item.getByRole('button', { name: 'Send back' }).click();
    await page.getByRole('alert').getByText('That was decided before').waitFor();
    put(settled(PLAN, 'Approved by @ana on GitHub'));
    await item.getByText('Use one table').waitFor();
    await page.getByRole('link', { name: `Next: ${QUESTION.title}` }).click();
    const question = card(page, QUESTION.title);
    await question.getByRole('radio', { name: 'CSV' }).check();
    await question.getByRole('checkbox', { name: 'text' }).check();
    await question.getByRole('button', { name: 'Answer' }).click();
    put(settled(QUESTION, 'Answered: CSV; text'));
    await question.getByText('Answered: CSV; text').waitFor();
    expect(await page.getByText('was not sent').count()).toBe(0);
    await context.close();
  });

  /** A finger that goes from the middle of the row by these steps, and lets go. */
  async function drag(page: Page, row: number, steps: [x: number, y: number][]) {
    const touch: CDPSession = await page.context().newCDPSession(page);
    const box = await rows(page).nth(row).boundingBox();
    const from = { x: 300, y: (box?.y ?? 0) + 30 };
    const at = (x: number, y: number) => [{ x: from.x + x, y: from.y + y }];
    const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', touchPoints: object[]) =>
      touch.send('Input.dispatchTouchEvent', { type, touchPoints } as never);
    await send('touchStart', at(0, 0));
    for (const [x, y] of steps) await send('touchMove', at(x, y));
    return () => send('touchEnd', []);
  }

  it('a swipe says what it will do and does it, with a way back; one that turns round does nothing', async () => {
    const { page, context, asked } = await open('/inbox', { inbox: [REVIEW, QUESTION] });
    await rows(page).nth(1).waitFor();
    const back = await drag(page, 1, [
      [-15, 0],
      [-60, 0],
      [-150, 0],
      [-20, 0],
    ]);
    await back();
    expect(await page.getByRole('button', { name: 'Undo' }).count()).toBe(0);
    const letGo = await drag(page, 1, [
      [-15, 0],
      [-60, 2],
      [-150, 30],
    ]);
    await page.getByRole('list', { name: 'Needs you' }).getByText('Merge').first().waitFor();
    await letGo();
    await page.getByText('Merging Add dark mode').waitFor();
    await rows(page).nth(1).getByText('Can be undone for a moment').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await rows(page).nth(1).getByText('Ready for review').waitFor();
    expect(asked).toEqual([]);
    expect(new URL(page.url()).pathname).toBe('/inbox');
    // What needs to be read first is opened by it.
    await (
      await drag(page, 0, [
        [-15, 0],
        [-60, 2],
        [-150, 4],
      ])
    )();
    await card(page, QUESTION.title).getByRole('button', { name: 'Answer' }).waitFor();
    await context.close();
  });

  it('a finger that scrolls scrolls, and swipes nothing', async () => {
    const { page, context } = await open('/inbox', { inbox: failures(30) });
    await rows(page).nth(20).waitFor();
    await (
      await drag(page, 6, [
        [-4, -30],
        [-60, -120],
        [-200, -240],
      ])
    )();
    const top = `document.querySelector('main .overflow-y-auto').scrollTop`;
    await expect.poll(() => page.evaluate<number>(top)).toBeGreaterThan(100);
    expect(await page.getByRole('button', { name: 'Undo' }).count()).toBe(0);
    await context.close();
  });

  it('holds its rows still under a finger: a tap opens what was there', async () => {
    const { page, context, put } = await open('/inbox', { inbox: [FAILURE, REVIEW] });
    await rows(page).nth(1).waitFor();
    const letGo = await drag(page, 1, []);
    put(QUESTION);
    await page.getByRole('link', { name: 'Inbox, 3 need you' }).waitFor();
    expect(await names(page)).toEqual([FAILURE.title, REVIEW.title]);
    await letGo();
    await card(page, REVIEW.title).getByRole('button', { name: 'Merge' }).waitFor();
    await page.getByRole('link', { name: 'Back to the inbox' }).click();
    await expect.poll(() => names(page)).toEqual([QUESTION.title, FAILURE.title, REVIEW.title]);
    await context.close();
  });

  it('folds what was decided lately, with a marker and a count', async () => {
    const { page, context } = await open('/inbox', {
      inbox: [settled(REVIEW, 'Merged'), settled(FAILURE, 'Retried')],
    });
    const folded = page.locator('details');
    expect(await folded.locator('summary').innerText()).toMatch(/^Decided lately 2/);
    await folded.locator('summary').click();
    await folded.getByRole('link', { name: /Add dark mode/ }).click();
    await card(page, REVIEW.title).getByText('Merged', { exact: true }).waitFor();
    await context.close();
  });
});
