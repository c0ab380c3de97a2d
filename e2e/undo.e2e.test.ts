import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { FAILURE, PLAN, REVIEW } from './fixtures/inbox-items.ts';
import { toldTask } from './fixtures/told-task.ts';
import { PHONE, go } from './harness/browser.ts';
import { servesBuiltPage } from './harness/built-page.ts';
import { type WrittenThread, visitWritten } from './harness/written-thread.ts';

const TASK = toldTask({ id: REVIEW.taskId ?? '', title: REVIEW.title, status: 'Working' });
const IN_REVIEW = toldTask({
  ...TASK,
  status: 'In review',
  pullRequest: { number: 7, url: 'https://git.example/acme/todo/pull/7' },
});

const built = servesBuiltPage();

const undo = (page: Page) => page.getByRole('button', { name: 'Undo' });
/** What was asked, each once: the same id again is the same command. */
const done = ({ asked }: WrittenThread) => [
  ...new Map(
    asked.map((one) => [one.id, one.type === 'task' ? one.command.do : one.type]),
  ).values(),
];

describe.each([
  ['Merge in the inbox', `/inbox/${REVIEW.id}`, 'Merge', TASK, 'merge'],
  ['Reject in the inbox', `/inbox/${PLAN.id}`, 'Reject', TASK, 'decide'],
  ['Dismiss in the inbox', `/inbox/${FAILURE.id}`, 'Dismiss', TASK, 'dismiss'],
  ['Merge on a task’s page', `/tasks/${TASK.id}`, 'Merge', IN_REVIEW, 'merge'],
  ['Cancel task on its page', `/tasks/${TASK.id}`, 'Cancel task', TASK, 'cancel'],
] as const)('%s', (_name, where, button, task, does) => {
  const open = async () => {
    const visited = await visitWritten(built.browser, built.url, where, PHONE, {
      tasks: [task],
      inbox: [REVIEW, PLAN, FAILURE],
      hasClock: true,
    });
    const press = () =>
      visited.page.getByRole('button', { name: button, exact: true }).click({ timeout: 10_000 });
    await press();
    await undo(visited.page).waitFor();
    return { ...visited, press };
  };

  it('waits 8 s, is taken back by Undo, and is done once wherever one has gone meanwhile', async () => {
    const visited = await open();
    const { page, context, press } = visited;
    await page.clock.fastForward(7_000);
    expect(done(visited)).toEqual([]);
    await undo(page).click();
    await page.clock.fastForward(60_000);
    expect(done(visited)).toEqual([]);
    await press();
    await go(page, 'Settings');
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
    await undo(page).waitFor();
    await page.clock.fastForward(8_000);
    await undo(page).waitFor({ state: 'detached' });
    await page.clock.fastForward(60_000);
    await expect.poll(() => done(visited)).toEqual([does]);
    await context.close();
  });

  // Every kind goes the same way out: two of them stand for all.
  it.runIf((does === 'merge' && task === TASK) || does === 'cancel')(
    'is neither lost nor done twice when the page is loaded anew, nor when that happens offline',
    async () => {
      const visited = await open();
      const { page, context } = visited;
      await page.reload();
      await expect.poll(() => done(visited)).toEqual([does]);
      await page.clock.fastForward(60_000);
      expect(done(visited)).toEqual([does]);
      await context.close();

      const other = await open();
      await undo(other.page).click();
      other.line('gone');
      await other.page.getByRole('status').getByText('Reconnecting').waitFor();
      await other.press();
      await undo(other.page).waitFor();
      await other.page.reload();
      other.line('up');
      await other.page.clock.fastForward(60_000);
      await expect.poll(() => done(other)).toEqual([does]);
      await other.context.close();
    },
  );
});
