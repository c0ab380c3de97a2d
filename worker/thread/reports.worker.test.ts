import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import type { InboxItem } from '../../protocol/inbox.ts';
import type { TaskSummary } from '../../protocol/task.ts';
import type { TaskReport } from '../tasks/api.ts';
import type { ThreadClient } from './testing/client.ts';
import { NO_CALLS, PLAIN_REVIEW, QUIET, summaryOf } from './testing/facts.ts';
import { fakeModel, holdAnswer, lastText } from './testing/fake-model.ts';
import { START, beginText, refuses, says, stream, textDelta } from './testing/model-answers.ts';
import { openThread } from './testing/open-thread.ts';

const { pullRequest } = PLAIN_REVIEW;

function review(number = 1, task = summaryOf({ id: ulid(), status: 'In review', pullRequest })) {
  const { id: taskId, title, repository } = task;
  const item: InboxItem = {
    id: ulid(),
    taskId,
    title,
    repository,
    at: 1,
    outcome: null,
    ...PLAIN_REVIEW,
  };
  const notice = {
    is: 'review',
    pullRequest,
    summary: 'Added the flag.',
    checks: { is: 'none' },
  } as const;
  return { ...QUIET, number, task, inbox: { is: 'open', item }, notice } satisfies TaskReport;
}

const quiet = (number: number, task: TaskSummary): TaskReport => ({
  ...QUIET,
  number,
  task,
  inbox: null,
  notice: null,
});

const items = (page: ThreadClient) =>
  page.entries().flatMap(({ change }) => (change.type === 'inbox' ? [change.item] : []));
const lines = (page: ThreadClient) =>
  page.entries().flatMap(({ change }) => (change.type === 'task' ? [change.task] : []));

describe('a task’s report', () => {
  it('shows the task, opens the inbox item, and is said in the model’s words', async () => {
    const { model, requests } = fakeModel(() => says('A pull request waits for you.'));
    const thread = await openThread({ model });
    const page = await thread.page();
    const report = review();
    await thread.stub.taskReport(report);
    expect(await page.ended(1)).toMatchObject({
      text: 'A pull request waits for you.',
      state: { is: 'done' },
    });
    expect(lines(page)).toEqual([report.task]);
    expect(items(page)).toEqual([report.inbox.item]);
    expect(requests.map(lastText)).toEqual([expect.stringMatching(/^<task_update>.*"review"/)]);
  });

  it('that comes again changes nothing and is not said again', async () => {
    const { model, requests } = fakeModel(() => says('A pull request waits for you.'));
    const thread = await openThread({ model });
    const page = await thread.page();
    const report = review();
    await thread.stub.taskReport(report);
    await thread.stub.taskReport(report);
    await page.ended(1);
    await thread.stub.taskReport(report);
    page.send({ type: 'send', id: ulid(), text: 'Thanks' });
    await page.ended(2);
    expect(requests.map(lastText).filter((text) => text.includes('task_update'))).toHaveLength(1);
    expect(items(page)).toHaveLength(1);
    expect(lines(page)).toHaveLength(1);
  });

  it('that is older than what is known changes nothing', async () => {
    const thread = await openThread();
    const task = summaryOf({ id: ulid(), status: 'Working' });
    await thread.stub.taskReport(quiet(2, task));
    await thread.stub.taskReport(quiet(1, { ...task, status: 'Queued' }));
    const { snapshot } = await (await thread.page()).first('snapshot');
    expect(snapshot.tasks).toEqual([task]);
  });

  it('settles what is open for that task only, and says who did', async () => {
    const thread = await openThread();
    const [one, two] = [review(), review()];
    for (const report of [one, two]) await thread.stub.taskReport({ ...report, notice: null });
    const page = await thread.page();
    await thread.stub.taskReport({
      ...QUIET,
      number: 2,
      task: { ...one.task, status: 'Done' },
      inbox: { is: 'settle', outcome: { by: 'task', text: 'Merged', at: 5 } },
      notice: null,
    });
    await page.until(() => items(page)[0] ?? null, 'the settled item');
    expect(items(page)).toEqual([
      { ...one.inbox.item, outcome: { by: 'task', text: 'Merged', at: 5 } },
    ]);
    const { snapshot } = await (await thread.page()).first('snapshot');
    expect(snapshot.inbox.filter(({ outcome }) => outcome === null)).toEqual([two.inbox.item]);
    // By its address, an item is there for good.
    expect(await thread.stub.inboxItem(one.inbox.item.id)).toMatchObject({
      outcome: { text: 'Merged' },
    });
    expect(await thread.stub.inboxItem(ulid())).toBeNull();
  });
});

describe('a review that opens again', () => {
  it('takes the place of what its checks said before', async () => {
    const thread = await openThread();
    const first = review();
    const second = review(2, first.task);
    for (const report of [first, second]) await thread.stub.taskReport({ ...report, notice: null });
    const { snapshot } = await (await thread.page()).first('snapshot');
    const open = snapshot.inbox.filter(({ outcome }) => outcome === null);
    expect(open).toEqual([second.inbox.item]);
  });
});

describe('what a task has to say is said in a fixed sentence', () => {
  const SENTENCE = /\*\*Add a --json flag\*\*: a draft pull request is ready.*\/pull\/7/;
  const said = { text: expect.stringMatching(SENTENCE), state: { is: 'done' } };

  it('when the model fails', async () => {
    const thread = await openThread({ model: fakeModel(() => refuses(401)).model });
    const page = await thread.page();
    await thread.stub.taskReport(review());
    expect(await page.ended(1)).toMatchObject(said);
  });

  it('when the model’s answer breaks off each time', async () => {
    const { model, requests } = fakeModel(() =>
      stream([START, beginText(0), textDelta(0, 'The pull req')]),
    );
    const thread = await openThread({ model });
    const page = await thread.page();
    await thread.stub.taskReport(review());
    expect(await page.ended(1)).toMatchObject(said);
    expect(requests).toHaveLength(3);
  });

  it('when the person stops it', async () => {
    const held = holdAnswer('The pull req');
    const thread = await openThread({ model: fakeModel(() => held.respond()).model });
    const page = await thread.page();
    await thread.stub.taskReport(review());
    await page.first('delta');
    page.send({ type: 'stop', id: ulid() });
    expect(await page.ended(1)).toMatchObject(said);
  });

  it('when the object restarts in the middle', async () => {
    const held = holdAnswer('The pull req');
    const thread = await openThread({ model: fakeModel(() => held.respond()).model });
    const page = await thread.page();
    await thread.stub.taskReport(review());
    await page.first('delta');
    await thread.crash();
    const back = await thread.page();
    expect(await back.ended(1)).toMatchObject(said);
    expect(back.replies()).toHaveLength(1);
  });
});

describe('dismiss', () => {
  it('settles the item for every page, once', async () => {
    const thread = await openThread();
    const report = { ...review(), notice: null };
    await thread.stub.taskReport(report);
    const [one, two] = [await thread.page(), await thread.page()];
    const { id: itemId } = report.inbox.item;
    const [first, second] = [ulid(), ulid()];
    one.send({ type: 'dismiss', id: first, itemId });
    const ack = await one.first('ack');
    await two.until(() => items(two)[0] ?? null, 'the settled item');
    two.send({ type: 'dismiss', id: second, itemId });
    expect(await two.first('refused')).toMatchObject({
      id: second,
      code: 'already_settled',
      text: 'That was settled before: Dismissed.',
    });
    one.send({ type: 'dismiss', id: first, itemId });
    await one.until(() => (one.all('ack').length === 2 ? true : null), 'the same ack');
    expect(one.all('ack')).toEqual([ack, ack]);
    expect(items(two)).toMatchObject([
      { id: itemId, outcome: { by: 'person', text: 'Dismissed' } },
    ]);
  });

  it('of what is not there is refused', async () => {
    const page = await (await openThread()).page();
    page.send({ type: 'dismiss', id: ulid(), itemId: ulid() });
    expect(await page.first('refused')).toMatchObject({ code: 'not_found' });
  });
});

describe('a task’s progress', () => {
  const usage = { ...summaryOf().usage, inputTokens: 12, cost: 0.5 };

  it('is shown at once, and to a page that comes later', async () => {
    const thread = await openThread();
    const page = await thread.page();
    const task = summaryOf({ id: ulid(), status: 'Working' });
    const changes = { version: ulid(), files: 2, added: 12, removed: 3 };
    await thread.stub.taskReport(quiet(1, task));
    await thread.stub.taskProgress({
      openCalls: NO_CALLS,
      taskId: task.id,
      report: 1,
      note: 'Running the tests',
      usage,
      changes,
      spent: null,
    });
    const seen = await page.first('progress');
    expect(seen).toEqual({
      type: 'progress',
      taskId: task.id,
      note: 'Running the tests',
      usage,
      changes,
    });
    expect((await thread.page()).all('progress')).toEqual([seen]);
  });

  it('that a report has overtaken takes nothing back', async () => {
    const thread = await openThread();
    const task = summaryOf({ id: ulid(), status: 'Working' });
    await thread.stub.taskReport(quiet(1, task));
    await thread.stub.taskReport(quiet(2, { ...task, status: 'In review', usage }));
    const late = { taskId: task.id, report: 1, note: 'Late', changes: null, spent: null };
    await thread.stub.taskProgress({ openCalls: NO_CALLS, ...late, usage: task.usage });
    const page = await thread.page();
    expect(page.all('snapshot')[0]?.snapshot.tasks[0]).toMatchObject({
      status: 'In review',
      usage,
    });
  });

  it('of a task that nobody knows is left alone', async () => {
    const thread = await openThread();
    await thread.stub.taskProgress({
      openCalls: NO_CALLS,
      taskId: ulid(),
      report: 1,
      note: 'Running',
      usage,
      changes: null,
      spent: null,
    });
    expect((await thread.page()).all('progress')).toEqual([]);
  });
});

it('a message that comes while a task’s news wait is answered for what it says', async () => {
  const held = holdAnswer('Once ');
  const texts: string[] = [];
  const { model } = fakeModel((request, number) => {
    texts.push(lastText(request));
    return number === 1 ? held.respond() : says('Fine.');
  });
  const thread = await openThread({ model });
  const page = await thread.page();
  page.send({ type: 'send', id: ulid(), text: 'Tell me a story' });
  await page.first('delta');
  await thread.stub.taskReport(review());
  const id = ulid();
  page.send({ type: 'send', id, text: 'Fix the tests' });
  await page.first('ack', (ack) => ack.id === id);
  await thread.inside(held.finish);
  await page.ended(3);
  expect(texts).toEqual([
    'Tell me a story',
    expect.stringContaining('<task_update>'),
    'Fix the tests',
  ]);
  // The news are told by themselves: the message has its own answer.
  expect(texts[1]).not.toContain('Fix the tests');
});
