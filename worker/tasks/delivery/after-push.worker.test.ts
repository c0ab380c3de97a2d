import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { InboxItem } from '../../../protocol/inbox.ts';
import { ROUNDS_MAX } from '../lifecycle/state.ts';
import { DELIVERED, PULL_REQUEST } from '../testing/records.ts';
import { ask, type OpenTask, say } from '../testing/open-task.ts';
import { commentOf, inReview, look, opened, workAgain } from '../testing/after-push.ts';
import { mailOf } from '../testing/open-task.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => vi.useRealTimers());

const openedItems = (task: OpenTask): InboxItem[] =>
  task.fakes.reports.flatMap(({ inbox }) => (inbox?.is === 'open' ? [inbox.item] : []));

describe('checks', () => {
  it('that run are waited for; once they pass the draft is ready and the person is asked', async () => {
    const task = await opened();
    task.fakes.host.checks = [{ name: 'test', state: 'pending', log: '' }];
    await look(task);
    expect(await task.stub.summary()).toMatchObject({ status: 'Checking' });
    task.fakes.host.checks = [{ name: 'test', state: 'passed', log: '' }];
    await look(task);
    expect(await task.stub.summary()).toMatchObject({ status: 'In review' });
    expect(task.fakes.host.shown.draft).toBe(false);
    await expect
      .poll(() => openedItems(task))
      .toMatchObject([{ kind: 'review', checks: { is: 'passed', count: 1 } }]);
  });

  it('that are none leave the draft a draft', async () => {
    const task = await opened();
    await look(task);
    expect(await task.stub.summary()).toMatchObject({ status: 'In review' });
    expect(task.fakes.host.shown.draft).toBe(true);
    await expect.poll(() => openedItems(task)).toMatchObject([{ checks: { is: 'none' } }]);
  });

  it('that fail go to the worker with their log, and the person hears nothing of it', async () => {
    const task = await opened();
    task.fakes.host.checks = [{ name: 'lint', state: 'failed', log: 'a.js: no tabs' }];
    await look(task);
    expect(await task.stub.summary()).toMatchObject({ status: 'Queued', attempt: 2 });
    await task.stub.advance(2, 1);
    expect(await mailOf(task)).toMatchObject([{ text: expect.stringContaining('a.js: no tabs') }]);
    expect(await task.stub.brief(task.pass())).toMatchObject({ value: { hasMail: true } });
    task.fakes.host.checks = [{ name: 'lint', state: 'passed', log: '' }];
    await workAgain(task, 2);
    await look(task);
    expect(await task.stub.summary()).toMatchObject({
      status: 'In review',
      pullRequest: PULL_REQUEST,
    });
    expect(task.fakes.host.drafts).toHaveLength(1);
    await expect.poll(() => openedItems(task)).toHaveLength(1);
  });

  it('that stay red are looked at again and again, and their log is read once a run', async () => {
    const task = await opened();
    task.fakes.host.checks = [{ name: 'lint', state: 'failed', log: 'a.js: no tabs' }];
    await look(task);
    for (let attempt = 2; attempt <= ROUNDS_MAX + 1; attempt++) {
      await workAgain(task, attempt);
      await look(task);
    }
    expect(await task.stub.summary()).toMatchObject({ status: 'In review' });
    const looks = () => task.fakes.host.asked.filter((one) => one === 'checks').length;
    const before = looks();
    for (let looked = 0; looked < 3; looked++) await look(task, 3_600_000);
    expect(looks()).toBe(before + 3);
    expect(task.fakes.host.logsRead).toBe(ROUNDS_MAX);
  });

  it('are asked for again when the host is away', async () => {
    const task = await opened();
    task.fakes.host.checks = [{ name: 'test', state: 'passed', log: '' }];
    task.fakes.host.fails = { checks: { failure: { is: 'unreachable' } } };
    await look(task);
    expect(await task.stub.summary()).toMatchObject({ status: 'Checking' });
    await look(task);
    expect(await task.stub.summary()).toMatchObject({ status: 'In review' });
  });
});

describe('feedback at the host', () => {
  it('goes to the worker once, and is answered in its thread once it was addressed', async () => {
    const task = await inReview();
    task.fakes.host.feedback = [commentOf('inline:5')];
    await look(task, 16_000);
    expect(await task.stub.summary()).toMatchObject({ status: 'Queued' });
    await task.stub.advance(2, 1);
    expect(await mailOf(task)).toMatchObject([{ text: expect.stringContaining('> Use tabs.') }]);
    await expect.poll(() => task.fakes.host.acknowledged).toEqual(['inline:5']);
    await expect
      .poll(() => task.fakes.reports.findLast(({ inbox }) => inbox !== null)?.inbox)
      .toMatchObject({
        is: 'settle',
        outcome: { by: 'github', text: 'Goes on with what was said by @ana on GitHub' },
      });
    expect(task.fakes.host.replies).toEqual([]);
    await workAgain(task, 2);
    await expect
      .poll(() => task.fakes.host.replies)
      .toEqual([{ to: 'inline:5', text: `Addressed in 2222222.\n\n> ${DELIVERED.summary}` }]);
    await look(task);
    await look(task, 16_000);
    expect(await task.stub.summary()).toMatchObject({ status: 'In review' });
  });

  it('for which nothing was changed is answered so, and the review shows no claim of the worker’s', async () => {
    const task = await inReview();
    task.fakes.host.feedback = [commentOf('inline:5')];
    await look(task, 16_000);
    await task.stub.advance(2, 1);
    const { commit } = DELIVERED;
    await workAgain(task, 2, { commit, summary: 'I rewrote it all, @ana.' });
    const text = 'Nothing was changed.\n\n> I rewrote it all, @\u2060ana.';
    await expect.poll(() => task.fakes.host.replies).toEqual([{ to: 'inline:5', text }]);
    await look(task);
    expect(await task.stub.summary()).toMatchObject({
      status: 'In review',
      note: 'No changes since',
    });
    await expect
      .poll(() => openedItems(task).at(-1))
      .toMatchObject({ kind: 'review', summary: `No changes since. ${DELIVERED.summary}` });
  });

  it('that is more than a worker takes at once comes in rounds, each shown as seen and answered in its own', async () => {
    const task = await inReview();
    const ids = ['comment:1', 'comment:2', 'comment:3'];
    task.fakes.host.feedback = ids.map((id) =>
      commentOf(id, { body: `${id} ${'x'.repeat(60_000)}` }),
    );
    for (const [place, id] of ids.entries()) {
      await look(task, 16_000);
      const attempt = place + 2;
      expect(await task.stub.summary()).toMatchObject({ status: 'Queued', attempt });
      await expect.poll(() => task.fakes.host.acknowledged).toEqual(ids.slice(0, place + 1));
      await task.stub.advance(attempt, 1);
      expect(await mailOf(task)).toMatchObject([{ text: expect.stringContaining(`> ${id} x`) }]);
      await workAgain(task, attempt);
      await expect
        .poll(() => task.fakes.host.replies.map(({ to }) => to))
        .toEqual(ids.slice(0, place + 1));
      await look(task);
    }
  });

  it('that is refused is answered so once, and not tried again at each look', async () => {
    const task = await inReview();
    const by = { is: 'github', login: 'ana' } as const;
    const refusal = await task.stub.command('feedback:inline:5', { do: 'interrupt' }, by);
    expect(refusal).toMatchObject({ is: 'refused' });
    task.fakes.host.feedback = [commentOf('inline:5')];
    await look(task, 16_000);
    const text = 'The worker was not given this. This task is not in the middle of a turn.';
    await expect.poll(() => task.fakes.host.replies).toEqual([{ to: 'inline:5', text }]);
    task.fakes.host.replies = [];
    await look(task, 30_000);
    expect(await task.stub.summary()).toMatchObject({ status: 'In review' });
    expect(task.fakes.host).toMatchObject({ replies: [], acknowledged: [] });
  });

  it('waits while the host does not tell whether they may write, and is given once it does', async () => {
    const task = await inReview();
    task.fakes.host.feedback = [commentOf('inline:5')];
    task.fakes.host.fails = { mayWrite: { failure: { is: 'unreachable' } } };
    await look(task, 16_000);
    expect(task.fakes.host.asked).toContain('mayWrite');
    expect(await task.stub.summary()).toMatchObject({ status: 'In review' });
    expect(task.fakes.host.acknowledged).toEqual([]);
    await look(task, 60_000);
    expect(await task.stub.summary()).toMatchObject({ status: 'Queued', attempt: 2 });
  });

  it('is taken up from one who was given the right to write since', async () => {
    const task = await inReview();
    task.fakes.host.feedback = [commentOf('inline:5', { author: 'eve' })];
    await look(task, 16_000);
    expect(await task.stub.summary()).toMatchObject({ status: 'In review' });
    task.fakes.host.writers = ['eve'];
    await look(task, 61_000);
    expect(await task.stub.summary()).toMatchObject({ status: 'Queued', attempt: 2 });
    await task.stub.advance(2, 1);
    expect(await mailOf(task)).toMatchObject([{ text: expect.stringContaining('by @eve') }]);
  });

  it('of strangers and bots reaches nobody', async () => {
    const task = await inReview();
    task.fakes.host.feedback = [
      commentOf('inline:5', { author: 'eve' }),
      commentOf('inline:6', { isBot: true }),
    ];
    await look(task, 16_000);
    expect(await task.stub.summary()).toMatchObject({ status: 'In review' });
    expect(await mailOf(task)).toEqual([]);
  });
});

it('a conflict with the base goes to the worker', async () => {
  const task = await inReview();
  task.fakes.host.shown = { draft: false, mergeable: false };
  await look(task, 16_000);
  await task.stub.advance(2, 1);
  expect(await mailOf(task)).toMatchObject([{ text: expect.stringContaining('origin/main') }]);
});

describe('a pull request that ends at the host', () => {
  it.each([
    { state: 'merged', status: 'Done' },
    { state: 'closed', status: 'Cancelled' },
    { state: 'open', status: 'In review' },
  ] as const)('as $state makes the task $status', async ({ state, status }) => {
    const task = await inReview();
    const [pullRequest] = task.fakes.host.pullRequests;
    if (pullRequest !== undefined) pullRequest.state = state;
    await look(task, 16_000);
    expect(await task.stub.summary()).toMatchObject({ status });
  });

  it('is noticed while its checks run, and later when the host was away', async () => {
    const task = await opened();
    const [pullRequest] = task.fakes.host.pullRequests;
    if (pullRequest !== undefined) pullRequest.state = 'merged';
    task.fakes.host.fails = { pullRequest: { failure: { is: 'unreachable' } } };
    await look(task);
    expect(await task.stub.summary()).toMatchObject({ status: 'Checking' });
    await look(task);
    expect(await task.stub.summary()).toMatchObject({ status: 'Done' });
  });
});

it('a follow-up a day later goes on the same branch, and into the same pull request', async () => {
  const task = await inReview();
  vi.setSystemTime(Date.now() + 24 * 60 * 60_000);
  expect(await ask(task.stub, say('Mention it in the README'))).toEqual({ is: 'done' });
  await expect.poll(() => task.fakes.dispatched.at(-1)).toMatchObject({ attempt: 2 });
  await workAgain(task, 2);
  expect(await task.stub.summary()).toMatchObject({
    status: 'Checking',
    pullRequest: PULL_REQUEST,
  });
  expect(task.fakes.host.drafts).toHaveLength(1);
});
