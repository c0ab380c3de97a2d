import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import { type InboxItem, NOTHING_LEFT } from '../../protocol/inbox.ts';
import type { TaskReport } from '../tasks/api.ts';
import { PLAIN_REVIEW, QUIET, summaryOf } from './testing/facts.ts';
import { openThread } from './testing/open-thread.ts';

function review() {
  const task = summaryOf({ id: ulid(), status: 'In review' });
  const { id: taskId, title, repository } = task;
  const base = { id: ulid(), taskId, title, repository, at: 1, outcome: null };
  const item: InboxItem = { ...base, ...PLAIN_REVIEW };
  return {
    ...QUIET,
    number: 1,
    task,
    inbox: { is: 'open', item },
    notice: null,
  } satisfies TaskReport;
}

describe('a review that shows something else now', () => {
  const leftOpen = { conflicts: true, comments: { count: 2, by: ['eve'] } };
  const revised = (report: ReturnType<typeof review>) => ({
    ...QUIET,
    number: 2,
    task: report.task,
    inbox: { is: 'revise' as const, item: { ...report.inbox.item, id: ulid(), at: 9, leftOpen } },
    notice: null,
  });

  it('stays the item that it is, for whoever has it open', async () => {
    const thread = await openThread();
    const report = review();
    await thread.stub.taskReport({ ...report, notice: null });
    await thread.stub.taskReport(revised(report));
    const { snapshot } = await (await thread.page()).first('snapshot');
    expect(snapshot.inbox).toEqual([{ ...report.inbox.item, leftOpen }]);
  });

  it('does not come back once it was dismissed', async () => {
    const thread = await openThread();
    const page = await thread.page();
    const report = review();
    await thread.stub.taskReport({ ...report, notice: null });
    page.send({ type: 'dismiss', id: ulid(), itemId: report.inbox.item.id });
    await page.first('ack');
    await thread.stub.taskReport(revised(report));
    const { snapshot } = await (await thread.page()).first('snapshot');
    expect(snapshot.inbox).toMatchObject([
      { outcome: { text: 'Dismissed' }, leftOpen: NOTHING_LEFT },
    ]);
  });
});
