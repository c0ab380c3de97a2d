import { ulid } from 'ulid';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { InboxItem } from '../../../protocol/inbox.ts';
import type { Feedback } from './feedback.ts';
import { DELIVERED, PULL_REQUEST } from '../testing/records.ts';
import { ask, deliveredTask, type OpenTask, say } from '../testing/open-task.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => vi.useRealTimers());

/** The time of the next look comes. */
async function look(task: OpenTask, afterMs = 5_000): Promise<void> {
  vi.setSystemTime(Date.now() + afterMs);
  await task.runWorkflow();
}

async function opened(): Promise<OpenTask> {
  const task = await deliveredTask();
  await task.stub.advance(1, 2);
  return task;
}

/** A task whose pull request is in review, with checks that passed. */
async function inReview(): Promise<OpenTask> {
  const task = await opened();
  task.fakes.host.checks = [{ name: 'test', state: 'passed', log: '' }];
  await look(task);
  expect(await task.stub.summary()).toMatchObject({ status: 'In review' });
  return task;
}

async function mailOf(task: OpenTask) {
  const mail = await task.stub.mailbox(task.pass(), 1);
  return mail.is === 'ok' ? mail.value.items : [];
}

/** The next stretch of work, up to its delivery. */
async function workAgain(task: OpenTask, attempt: number): Promise<void> {
  await task.stub.advance(attempt, 1);
  const acknowledged = (await mailOf(task)).map(({ id }) => id);
  const result = { number: 1, at: 1, body: { type: 'result', result: DELIVERED } } as const;
  await task.stub.receive(task.pass(), { events: [result], acknowledged });
  await task.stub.advance(attempt, 2);
}

const openedItems = (task: OpenTask): InboxItem[] =>
  task.fakes.reports.flatMap(({ inbox }) => (inbox?.is === 'open' ? [inbox.item] : []));

const CHAT = { is: 'conversation' } as const;
const comment = (id: string, changed: Partial<Feedback> = {}): Feedback => ({
  id,
  kind: 'inline',
  commentId: 5,
  author: 'ana',
  isBot: false,
  mayInstruct: true,
  body: 'Use tabs.',
  path: 'src/a.js',
  line: 3,
  at: 1,
  ...changed,
});

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
    task.fakes.host.feedback = [comment('inline:5')];
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
      .toEqual([{ to: 'inline:5', text: `Addressed in ccccccc. ${DELIVERED.summary}` }]);
    await look(task);
    await look(task, 16_000);
    expect(await task.stub.summary()).toMatchObject({ status: 'In review' });
  });

  it('of strangers and bots reaches nobody', async () => {
    const task = await inReview();
    task.fakes.host.feedback = [
      comment('inline:5', { mayInstruct: false }),
      comment('inline:6', { isBot: true }),
    ];
    await look(task, 16_000);
    expect(await task.stub.summary()).toMatchObject({ status: 'In review' });
  });
});

it('a conflict with the base goes to the worker', async () => {
  const task = await inReview();
  task.fakes.host.shown = { draft: false, mergeable: false };
  await look(task, 16_000);
  await task.stub.advance(2, 1);
  expect(await mailOf(task)).toMatchObject([{ text: expect.stringContaining('origin/main') }]);
});

describe('merging', () => {
  it('makes the task done, and says so', async () => {
    const task = await inReview();
    const id = ulid();
    expect(await ask(task.stub, { do: 'merge' }, { id, by: CHAT })).toEqual({ is: 'done' });
    expect(await task.stub.summary()).toMatchObject({ status: 'Done' });
    expect(await ask(task.stub, { do: 'merge' }, { id, by: CHAT })).toEqual({ is: 'done' });
    expect(task.fakes.host.asked.filter((one) => one === 'merge')).toHaveLength(1);
    await expect
      .poll(() => task.fakes.reports.at(-1))
      .toMatchObject({
        inbox: {
          is: 'settle',
          outcome: { by: 'conversation', text: 'Merged in the conversation' },
        },
        notice: { is: 'merged' },
      });
  });

  it('is asked of the host once, though it is said twice at the same time', async () => {
    const task = await inReview();
    const { port } = task.fakes.host;
    const { merge: mergeNow } = port;
    port.merge = async (...asked) => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      return mergeNow(...asked);
    };
    const merge = { do: 'merge' } as const;
    const answers = await Promise.all([ask(task.stub, merge), ask(task.stub, merge)]);
    expect(answers).toEqual([{ is: 'done' }, { is: 'done' }]);
    expect(task.fakes.host.asked.filter((one) => one === 'merge')).toHaveLength(1);
  });

  it('takes the draft mark off where it is left', async () => {
    const task = await opened();
    await look(task);
    expect(task.fakes.host.shown.draft).toBe(true);
    await ask(task.stub, { do: 'merge' });
    expect(task.fakes.host.shown.draft).toBe(false);
  });

  it.each([
    [{ is: 'moved' } as const, /pushed to the pull request meanwhile/],
    [{ is: 'not_mergeable', message: 'A review is required' } as const, /A review is required/],
  ])('that the host refuses as %j is refused in words', async (outcome, words) => {
    const task = await inReview();
    task.fakes.host.merging = outcome;
    expect(await ask(task.stub, { do: 'merge' })).toMatchObject({ is: 'refused', text: words });
    expect(await task.stub.summary()).toMatchObject({ status: 'In review' });
  });

  it('waits for the checks', async () => {
    const task = await opened();
    expect(await ask(task.stub, { do: 'merge' })).toMatchObject({
      is: 'refused',
      text: /still running/,
    });
  });
});

describe('a person who pushes to the pull request', () => {
  const theirs = 'd'.repeat(40);
  const mergedHeads = (task: OpenTask) => {
    const heads: string[] = [];
    const { merge } = task.fakes.host.port;
    task.fakes.host.port.merge = (repository, number, head) => {
      heads.push(head);
      return merge(repository, number, head);
    };
    return heads;
  };

  it('while it waits for review merges what they see: their commit, after its own checks', async () => {
    const task = await inReview();
    const heads = mergedHeads(task);
    Object.assign(task.fakes.host, { head: theirs, compared: 'ahead' });
    task.fakes.host.checks = [{ name: 'test', state: 'pending', log: '' }];
    await look(task, 16_000);
    expect(await task.stub.summary()).toMatchObject({ status: 'Checking' });
    expect(await ask(task.stub, { do: 'merge' })).toMatchObject({
      is: 'refused',
      text: /still running/,
    });
    task.fakes.host.checks = [{ name: 'test', state: 'passed', log: '' }];
    await look(task);
    await look(task);
    expect(await task.stub.summary()).toMatchObject({ status: 'In review' });
    expect(await ask(task.stub, { do: 'merge' })).toEqual({ is: 'done' });
    expect(heads).toEqual([theirs]);
  });

  it('right before they merge is told to look again, and can merge then', async () => {
    const task = await inReview();
    const heads = mergedHeads(task);
    // Not what a look alone would take for newer: the host's word counts that it moved.
    Object.assign(task.fakes.host, { head: theirs, compared: 'behind', merging: { is: 'moved' } });
    expect(await ask(task.stub, { do: 'merge' })).toMatchObject({
      is: 'refused',
      text: /Look at it again/,
    });
    expect(await task.stub.summary()).toMatchObject({ status: 'Checking' });
    await look(task);
    await look(task);
    task.fakes.host.merging = { is: 'merged' };
    expect(await ask(task.stub, { do: 'merge' })).toEqual({ is: 'done' });
    expect(heads).toEqual([DELIVERED.commit, theirs]);
  });

  it('is not taken for one by a host that shows an older head for a while', async () => {
    const task = await inReview();
    Object.assign(task.fakes.host, { head: theirs, compared: 'behind' });
    await look(task, 16_000);
    expect(await task.stub.summary()).toMatchObject({ status: 'In review' });
  });
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
