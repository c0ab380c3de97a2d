import { describe, expect, it } from 'vitest';
import type { InboxItem } from '../protocol/inbox.ts';
import { BUDGET, FAILURE, QUESTION, REVIEW, settled } from './fixtures/inbox-items.ts';
import { DESK, card } from './harness/browser.ts';
import { servesBuiltPage } from './harness/built-page.ts';
import { type Written, focused, names, visitWritten } from './harness/written-thread.ts';

const built = servesBuiltPage();

describe('at a desk', () => {
  const open = (where: string, written: Written) =>
    visitWritten(built.browser, built.url, where, DESK, written);

  it('is worked from top to bottom with the keyboard alone, and loses the focus nowhere', async () => {
    const { page, context, asked } = await open('/inbox', {
      inbox: [QUESTION, BUDGET, FAILURE, REVIEW],
    });
    await card(page, QUESTION.title).waitFor();
    const at = (item: InboxItem) => expect.poll(() => focused(page)).toBe(`item-${item.id}`);
    await page.keyboard.press('a');
    expect(await page.locator(':focus').getAttribute('aria-label')).toBe('CSV');
    await page.keyboard.press('Space');
    await card(page, QUESTION.title).getByRole('checkbox', { name: 'text' }).focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Enter');
    await at(BUDGET);
    await page.keyboard.press('a');
    await page.keyboard.press('Enter');
    await at(FAILURE);
    await page.keyboard.press('a');
    await page.keyboard.press('Enter');
    await at(REVIEW);
    await page.keyboard.press('a');
    await page.keyboard.press('Enter');
    await page.getByText('Merging Add dark mode').waitFor();
    await at(REVIEW);
    const done = asked.map((one) => (one.type === 'task' ? one.command.do : one.type));
    expect(done).toEqual(['answer', 'raise_budget', 'retry']);
    await context.close();
  });

  it('j and k open the next and the one before, Enter goes into it', async () => {
    const { page, context } = await open('/inbox', { inbox: [QUESTION, FAILURE, REVIEW] });
    await card(page, QUESTION.title).waitFor();
    await page.keyboard.press('j');
    await card(page, FAILURE.title).waitFor();
    expect(await focused(page)).toBe(`row-${FAILURE.id}`);
    expect(new URL(page.url()).pathname).toBe(`/inbox/${FAILURE.id}`);
    await page.keyboard.press('k');
    await page.keyboard.press('k');
    expect(await focused(page)).toBe(`row-${QUESTION.id}`);
    await page.keyboard.press('Enter');
    expect(await page.locator(':focus').getAttribute('aria-label')).toBe('CSV');
    await context.close();
  });

  it('what is read stays open when something more urgent comes, and says so when it is settled elsewhere', async () => {
    const { page, context, put } = await open('/inbox', { inbox: [FAILURE, REVIEW] });
    await card(page, FAILURE.title).waitFor();
    put(QUESTION);
    await expect.poll(() => names(page)).toContain(QUESTION.title);
    await card(page, FAILURE.title).getByRole('button', { name: 'Retry' }).waitFor();
    put(settled(FAILURE, 'Retried in the conversation'));
    await card(page, FAILURE.title).getByText('Retried in the conversation').waitFor();
    await page.getByRole('link', { name: `Next: ${QUESTION.title}` }).click();
    await card(page, QUESTION.title).getByRole('button', { name: 'Answer' }).waitFor();
    await context.close();
  });
});
