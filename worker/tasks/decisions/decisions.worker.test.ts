import { afterEach, describe, expect, it, vi } from 'vitest';
import type { PlanVerdict } from '../../../protocol/decision.ts';
import { LEAVING_MS, WARM_MS } from '../lifecycle/state.ts';
import { DELIVERED } from '../testing/records.ts';
import { ask, CANCEL, type OpenTask, say, startedTask, step } from '../testing/open-task.ts';
import { asks, plans, itemsOf, asked } from '../testing/asking.ts';
import { mailOf } from '../testing/open-task.ts';

const decide = (planId: string, hash: string, verdict: PlanVerdict) =>
  ({ do: 'decide', planId, hash, verdict }) as const;
const CHAT = { is: 'conversation' } as const;
const CSV = [{ chosen: ['CSV'], other: '' }];

/** Makes the time pass for the object as well: both run in one process. */
function pass(ms: number): void {
  vi.setSystemTime(Date.now() + ms);
}

/** The runner stays silent and says nothing but that it lives. */
async function beat(task: OpenTask, ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 10_000) {
    pass(Math.min(left, 10_000));
    await task.send();
  }
}

afterEach(() => vi.useRealTimers());

describe('a question', () => {
  it('waits for the person, and its answer waits for the worker', async () => {
    const task = await asked();
    expect(await task.stub.summary()).toMatchObject({ status: 'Needs answers' });
    expect(
      await ask(task.stub, { do: 'answer', questionId: task.questionId, answers: CSV }),
    ).toEqual({ is: 'done' });
    expect(await task.stub.summary()).toMatchObject({ status: 'Working' });
    expect(await mailOf(task)).toMatchObject([
      { type: 'answer', toolUseId: 'call-1', answers: { 'Which format?': 'CSV' } },
    ]);
    await expect
      .poll(() => task.fakes.reports.findLast(({ inbox }) => inbox !== null)?.inbox)
      .toMatchObject({
        is: 'settle',
        outcome: { by: 'person', text: 'Answered: CSV' },
      });
  });

  it('is decided by the first answer; the other is told what it was and where', async () => {
    const task = await asked();
    await ask(task.stub, { do: 'answer', questionId: task.questionId, answers: CSV }, { by: CHAT });
    const answers = [{ chosen: ['JSON'], other: '' }];
    const second = await ask(task.stub, { do: 'answer', questionId: task.questionId, answers });
    expect(second).toEqual({
      is: 'refused',
      text: 'That was decided before: Answered in the conversation: CSV.',
    });
    expect(await mailOf(task)).toHaveLength(1);
  });

  it('that is answered after its task was cancelled is refused in words', async () => {
    const task = await asked();
    await ask(task.stub, CANCEL);
    const answer = await ask(task.stub, {
      do: 'answer',
      questionId: task.questionId,
      answers: CSV,
    });
    expect(answer).toMatchObject({ is: 'refused', text: /does not wait/ });
  });

  it.each([
    ['too few answers', []],
    ['an empty one', [{ chosen: [], other: '  ' }]],
  ])('is not answered by %s', async (_, answers) => {
    const task = await asked();
    const answer = await ask(task.stub, {
      do: 'answer',
      questionId: task.questionId,
      answers: answers,
    });
    expect(answer).toMatchObject({ is: 'refused', text: 'Each question needs an answer.' });
    expect(await task.stub.summary()).toMatchObject({ status: 'Needs answers' });
  });

  it('is filed once, though a second sandbox asks it again', async () => {
    const task = await asked();
    await task.send(asks(3));
    expect(await itemsOf(task, 'question')).toHaveLength(1);
  });

  it('whose answer the first sandbox did not take is answered to the next one', async () => {
    const task = await asked();
    await ask(task.stub, { do: 'answer', questionId: task.questionId, answers: CSV });
    task.fakes.alive = false;
    vi.useFakeTimers({ toFake: ['Date'] });
    pass(60_000);
    await task.runWorkflow();
    await task.stub.advance(1, 2);
    const brief = await task.stub.brief(task.pass());
    expect(brief).toMatchObject({ value: { generation: 2, decided: 'call-1' } });
    // It asks once more, because the transcript ends there: its answer is in the mailbox already.
    await task.send(asks(1));
    expect(await itemsOf(task, 'question')).toHaveLength(1);
    expect(await task.stub.summary()).toMatchObject({ status: 'Working' });
  });
});

describe('a question that nobody answers in time', () => {
  it('keeps no sandbox; the answer, days later, starts another one with it', async () => {
    const task = await asked();
    vi.useFakeTimers({ toFake: ['Date'] });
    await beat(task, WARM_MS + 1_000);
    await task.runWorkflow();
    expect(await mailOf(task)).toMatchObject([{ type: 'park' }]);
    expect(await task.stub.summary()).toMatchObject({ status: 'Needs answers' });
    await task.send({ number: 3, at: 3, body: { type: 'result', result: { is: 'parked' } } });
    await expect.poll(() => task.fakes.stopped).toMatchObject([{ generation: 1 }]);
    expect(await task.send(step(4))).toMatchObject({ is: 'refused', error: 'gone' });
    expect(await task.stub.advance(1, 2)).toEqual({ do: 'end' });

    pass(3 * 24 * 3_600_000);
    expect(
      await ask(task.stub, { do: 'answer', questionId: task.questionId, answers: CSV }),
    ).toEqual({ is: 'done' });
    await expect.poll(() => task.fakes.dispatched.at(-1)).toMatchObject({ attempt: 2 });
    await task.stub.advance(2, 1);
    expect(await task.stub.brief(task.pass())).toMatchObject({
      value: { generation: 2, decided: 'call-1' },
    });
    expect(await mailOf(task)).toMatchObject([{ type: 'answer' }]);
  });

  it('whose sandbox does not go by itself loses it', async () => {
    const task = await asked();
    vi.useFakeTimers({ toFake: ['Date'] });
    await beat(task, WARM_MS + 1_000);
    await task.runWorkflow();
    pass(LEAVING_MS + 1_000);
    await task.runWorkflow();
    await expect.poll(() => task.fakes.stopped).toMatchObject([{ generation: 1 }]);
    expect(await task.stub.summary()).toMatchObject({ status: 'Needs answers' });
  });
});

describe('a plan', () => {
  async function planned(): Promise<OpenTask> {
    const task = await startedTask();
    await task.send(plans(1, '# Export\n\n1. Write CSV', 'plan-1'));
    return task;
  }

  it('is approved by its hash, and by no other', async () => {
    const task = await planned();
    const [item] = await itemsOf(task, 'plan');
    const { id, hash } = item?.plan ?? { id: '', hash: '' };
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    const approve = { is: 'approve', alternative: null } as const;
    expect(await ask(task.stub, decide(id, '0'.repeat(64), approve))).toMatchObject({
      is: 'refused',
      text: /has changed/,
    });
    expect(await ask(task.stub, decide(id, hash, approve))).toEqual({ is: 'done' });
    expect(await mailOf(task)).toMatchObject([{ type: 'approval', toolUseId: 'plan-1' }]);
    expect(await ask(task.stub, decide(id, hash, { is: 'reject' }), { by: CHAT })).toEqual({
      is: 'refused',
      text: 'That was decided before: Approved.',
    });
  });

  it('comes back revised, beside the one before it', async () => {
    const task = await planned();
    const [first] = await itemsOf(task, 'plan');
    const changes = { is: 'changes', text: 'Name it tasks.csv' } as const;
    await ask(task.stub, decide(first?.plan.id ?? '', first?.plan.hash ?? '', changes));
    expect(await mailOf(task)).toMatchObject([{ type: 'changes', text: 'Name it tasks.csv' }]);
    await task.send(plans(2, '# Export\n\n1. Write tasks.csv', 'plan-2'));
    const [, second] = await itemsOf(task, 'plan');
    expect(second?.plan).toMatchObject({ round: 2, previous: '# Export\n\n1. Write CSV' });
    expect(await task.stub.summary()).toMatchObject({ status: 'Needs approval' });
  });

  it('that is rejected ends the task, with who and what in the item', async () => {
    const task = await planned();
    const [item] = await itemsOf(task, 'plan');
    const { id, hash } = item?.plan ?? { id: '', hash: '' };
    expect(await ask(task.stub, decide(id, hash, { is: 'reject' }), { by: CHAT })).toEqual({
      is: 'done',
    });
    expect(await task.stub.summary()).toMatchObject({ status: 'Cancelled' });
    await expect
      .poll(() => task.fakes.reports.findLast(({ inbox }) => inbox !== null)?.inbox)
      .toMatchObject({
        outcome: { by: 'conversation', text: 'Rejected in the conversation' },
      });
  });

  it('offers alternatives, of which one that it has can be picked', async () => {
    const task = await startedTask();
    const text = '# Plan\n\n## Alternatives\n\n- **One file**: short\n- **A folder**: long\n';
    await task.send(plans(1, text, 'plan-1'));
    const [item] = await itemsOf(task, 'plan');
    expect(item?.plan.alternatives).toEqual(['One file', 'A folder']);
    const pick = (alternative: string) =>
      ask(
        task.stub,
        decide(item?.plan.id ?? '', item?.plan.hash ?? '', { is: 'approve', alternative }),
      );
    expect(await pick('Another one')).toMatchObject({ is: 'refused' });
    expect(await pick('A folder')).toEqual({ is: 'done' });
    expect(await mailOf(task)).toMatchObject([{ plan: expect.stringContaining('A folder') }]);
  });
});

describe('words for the next turn', () => {
  it('wait in their order, can be changed, and are given one by one', async () => {
    const task = await startedTask();
    await task.send(step(1));
    for (const text of ['One', 'Two', 'Three']) await ask(task.stub, say(text, 'later'));
    const queued = (await task.stub.summary())?.queued ?? [];
    const [one, two, three] = queued;
    if (one === undefined || two === undefined || three === undefined)
      throw new Error('Not queued.');
    await ask(task.stub, {
      do: 'arrange_queue',
      messages: [three, { ...one, text: 'One, changed' }],
    });
    expect(await mailOf(task)).toEqual([]);
    expect(await task.stub.nextTurn(task.pass())).toMatchObject({ value: { hasMail: true } });
    expect(await mailOf(task)).toMatchObject([{ text: 'Three' }]);
    expect((await task.stub.summary())?.queued).toMatchObject([{ text: 'One, changed' }]);
    await task.stub.receive(task.pass(), { events: [], acknowledged: [three.id] });
    await task.stub.nextTurn(task.pass());
    await task.stub.receive(task.pass(), { events: [], acknowledged: [one.id] });
    expect(await task.stub.nextTurn(task.pass())).toMatchObject({ value: { hasMail: false } });
  });

  it('that come while the work is delivered are the next stretch of work', async () => {
    const task = await startedTask();
    await task.send({ number: 1, at: 1, body: { type: 'result', result: DELIVERED } });
    expect(await ask(task.stub, say('Also this.'))).toEqual({ is: 'done' });
    await task.stub.advance(1, 2);
    expect(await task.stub.summary()).toMatchObject({ status: 'Queued', attempt: 2 });
    await task.stub.advance(2, 1);
    expect(await mailOf(task)).toMatchObject([{ text: 'Also this.' }]);
    expect(await task.stub.brief(task.pass())).toMatchObject({ value: { hasMail: true } });
  });

  it('continue a task whose pull request is there', async () => {
    const task = await startedTask();
    await task.send({ number: 1, at: 1, body: { type: 'result', result: DELIVERED } });
    await task.stub.advance(1, 2);
    expect(await task.stub.summary()).toMatchObject({ status: 'Checking' });
    await ask(task.stub, say('Rename it.'));
    expect(await task.stub.summary()).toMatchObject({
      status: 'Queued',
      pullRequest: { number: 7 },
    });
  });
});

it('an interrupted task keeps its sandbox and goes on with the next word', async () => {
  const task = await startedTask();
  await task.send(step(1));
  expect(await ask(task.stub, { do: 'interrupt' })).toEqual({ is: 'done' });
  const [mail] = await mailOf(task);
  expect(mail).toMatchObject({ type: 'interrupt' });
  await task.stub.receive(task.pass(), {
    events: [{ number: 2, at: 2, body: { type: 'interrupted' } }],
    acknowledged: [mail?.id ?? ''],
  });
  expect(await task.stub.summary()).toMatchObject({
    status: 'Needs answers',
    note: 'Interrupted: say how to go on',
  });
  const inbox = () => task.fakes.reports.flatMap((report) => report.inbox ?? []);
  await expect.poll(inbox).toMatchObject([{ is: 'open', item: { kind: 'word' } }]);
  await ask(task.stub, say('Use tabs.'));
  const outcome = { by: 'person', text: 'Goes on with your message' };
  await expect.poll(() => inbox().at(-1)).toMatchObject({ is: 'settle', outcome });
  expect(await task.stub.summary()).toMatchObject({ status: 'Working' });
  expect(await mailOf(task)).toMatchObject([{ type: 'message', text: 'Use tabs.' }]);
});

it('a new model is the worker’s from its next turn on', async () => {
  const task = await startedTask();
  await ask(task.stub, { do: 'set_model', model: 'sonnet' });
  expect(await task.stub.summary()).toMatchObject({ model: 'sonnet' });
  expect(await task.stub.nextTurn(task.pass())).toMatchObject({
    value: { model: expect.stringContaining('sonnet') },
  });
  expect(await task.stub.admit(task.pass())).toMatchObject({
    value: { models: expect.arrayContaining([expect.stringContaining('opus')]) },
  });
});
