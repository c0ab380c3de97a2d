import { describe, expect, it } from 'vitest';
import type { InboxItem } from '../protocol/inbox.ts';
import { FAILURE, PLAN, QUESTION } from './fixtures/inbox-items.ts';
import { talk } from './fixtures/talk.ts';
import { findings } from './harness/axe.ts';
import { DESK, PHONE } from './harness/browser.ts';
import { servesBuiltPage } from './harness/built-page.ts';
import { byKeyboard } from './harness/by-keyboard.ts';
import { itemOf, visitWritten } from './harness/written-thread.ts';

const SECOND_PLAN = itemOf(3, 'plan', {
  title: 'Split the parser',
  plan: {
    id: '01ARZ3NDEKTSV4RRFFQ69G5FAC',
    text: '# Parser\n\nTwo files instead of one.',
    hash: 'b'.repeat(64),
    round: 1,
    previous: null,
    alternatives: [],
  },
});

const built = servesBuiltPage();

describe.each([
  ['phone', PHONE],
  ['desk', DESK],
] as const)('with a keyboard and the accessibility tree alone, on a %s', (_name, viewport) => {
  it('the inbox is worked from top to bottom, and the focus is never lost', async () => {
    const { page, context, asked, put } = await visitWritten(
      built.browser,
      built.url,
      '/inbox',
      viewport,
      { inbox: [QUESTION, PLAN, SECOND_PLAN, FAILURE] },
    );
    const isPhone = viewport === PHONE;
    const { focused, to, press } = await byKeyboard(page);
    const decided = (item: InboxItem, text: string) =>
      put({ ...item, outcome: { by: 'person', text, at: Date.now() } });
    /** The next one: a desk opens it by itself, a phone leads on at the foot of the one before. */
    const next = async (item: InboxItem) => {
      if (isPhone) await press('Enter', 'link', `Next: ${item.title}`);
      await expect.poll(focused).toEqual({ role: 'article', name: item.title });
    };
    await page.getByRole('list', { name: 'Needs you' }).waitFor();
    await press('Enter', 'link', new RegExp(`^${QUESTION.title}`));

    await press('Space', 'radio', 'CSV');
    await press('Space', 'checkbox', 'text');
    await press('Enter', 'button', 'Answer');
    decided(QUESTION, 'Answered: CSV; text');
    await next(PLAN);

    await to('radio', 'As planned');
    await page.keyboard.press('ArrowDown');
    await press('Enter', 'button', 'Approve');
    decided(PLAN, 'Approved: One file');
    await next(SECOND_PLAN);

    await press('Enter', 'button', 'Request changes');
    await expect.poll(focused).toEqual({ role: 'textbox', name: 'What should change' });
    await page.keyboard.type('Three files, please');
    await press('Enter', 'button', 'Send back');
    decided(SECOND_PLAN, 'Changes asked for');
    await next(FAILURE);

    await press('Enter', 'button', 'Dismiss');
    await focused();
    // Whoever has changed their mind finds the way back, and what they took back.
    await press('Enter', 'button', 'Undo');
    await expect.poll(focused).toEqual({ role: 'article', name: FAILURE.title });
    await to('button', 'Dismiss');

    expect(asked.map((one) => (one.type === 'task' ? one.command : one.type))).toMatchObject([
      { do: 'answer', answers: [{ chosen: ['CSV'] }, { chosen: ['text'] }] },
      { do: 'decide', verdict: { is: 'approve', alternative: 'One file' } },
      { do: 'decide', verdict: { is: 'changes', text: 'Three files, please' } },
    ]);
    await context.close();
  });

  it('the message box is at most 8 Tabs away, or one link', async () => {
    const { page, context } = await visitWritten(built.browser, built.url, '/', viewport, {
      messages: talk(30),
      inbox: [QUESTION],
    });
    await page.getByRole('log').getByText('Answer 30').waitFor();
    const { focused, to } = await byKeyboard(page);
    await page.keyboard.press('Tab');
    expect(await focused()).toEqual({ role: 'button', name: 'Skip to what is here' });
    await page.keyboard.press('Enter');
    expect(await focused()).toEqual({ role: 'textbox', name: 'Message' });
    await page.keyboard.type('Hello');
    expect(await to('button', 'Send')).toBeLessThanOrEqual(2);
    await context.close();
  });
});

it('the keys lead to each place, and to their own list; whoever writes writes letters', async () => {
  const { page, context } = await visitWritten(built.browser, built.url, '/', DESK, { inbox: [] });
  await page.getByRole('textbox', { name: 'Message', exact: true }).waitFor();
  const title = () => page.getByRole('heading', { level: 1 }).innerText();
  await page.getByRole('heading', { level: 1 }).focus();
  for (const [key, name] of Object.entries({
    t: 'Tasks',
    i: 'Inbox',
    s: 'Settings',
    c: 'Chat',
  })) {
    await page.keyboard.press('g');
    await page.keyboard.press(key);
    await expect.poll(title).toBe(name);
  }
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  expect(await findings(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.keyboard.press('m');
  const focused = page.locator(':focus');
  expect(await focused.getAttribute('aria-label')).toBe('Message');
  await page.keyboard.type('g?m');
  expect(await focused.inputValue()).toBe('g?m');
  await context.close();
});
