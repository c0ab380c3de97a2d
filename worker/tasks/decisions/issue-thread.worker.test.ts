import { describe, expect, it } from 'vitest';
import type { RunnerEvent } from '../../../protocol/runner.ts';
import { timesTold } from '../testing/host-faults.ts';
import { ask, CANCEL, type OpenTask, startedTask, step } from '../testing/open-task.ts';

const QUESTIONS = [
  {
    question: 'Which format?',
    header: 'Format',
    options: ['CSV', 'JSON'].map((label) => ({ label, description: '' })),
    multiSelect: false,
  },
  {
    question: 'Which fields?',
    header: 'Fields',
    options: ['number', 'text'].map((label) => ({ label, description: '' })),
    multiSelect: true,
  },
];
const asks: RunnerEvent = {
  number: 2,
  at: 2,
  body: { type: 'question', toolUseId: 'ask-1', questions: QUESTIONS },
};
const plans: RunnerEvent = {
  number: 2,
  at: 2,
  body: { type: 'plan', toolUseId: 'plan-1', text: '# Plan\n\nAdd it.' },
};

/** A task whose question or plan stands in its issue. */
async function shown(event: RunnerEvent): Promise<OpenTask> {
  const task = await startedTask({ withIssue: true, mode: 'plan' });
  await expect.poll(() => task.fakes.host.issues).toHaveLength(1);
  await task.send(step(1), event);
  await expect.poll(() => task.fakes.host.comments).toHaveLength(1);
  return task;
}

function comment({ fakes }: OpenTask, body: string, changed: object = {}): void {
  fakes.host.comments.push({
    id: `comment:${fakes.host.comments.length + 1}`,
    kind: 'comment',
    commentId: 1,
    number: 40,
    author: 'ana',
    isBot: false,
    body,
    path: null,
    line: null,
    at: 1,
    ...changed,
  });
}

const outcomeOf = ({ fakes }: OpenTask) => {
  const settled = fakes.reports.findLast(({ inbox }) => inbox?.is === 'settle')?.inbox;
  return settled?.is === 'settle' ? settled.outcome : null;
};
const lastComment = ({ fakes }: OpenTask) => fakes.host.comments.at(-1)?.body;

it('an issue is opened once with request and requirements, and is on the line', async () => {
  const task = await shown(asks);
  expect(task.fakes.host.issues[0]?.body).toContain('Add a --json flag to the list command.');
  expect(await task.stub.summary()).toMatchObject({ issue: { number: 40 } });
});

describe('a question in the issue', () => {
  it('is answered by a comment, with who and where in the item', async () => {
    const task = await shown(asks);
    expect(lastComment(task)).toContain('1. Which format?');
    comment(task, '1. B\n2. A, B');
    await task.stub.poke();
    await expect
      .poll(() => outcomeOf(task))
      .toMatchObject({ by: 'github', text: 'Answered by @ana on GitHub: JSON; number, text' });
    expect(await task.stub.mailbox(task.pass(), 0)).toMatchObject({
      value: { items: [{ type: 'answer', answers: { 'Which format?': 'JSON' } }] },
    });
  });

  it('is not answered by strangers, by programs, by ourselves, or by half', async () => {
    const task = await shown(asks);
    comment(task, '1. A\n2. A', { author: 'eve' });
    comment(task, '1. A\n2. A', { isBot: true });
    comment(task, '1. A\n2. A\n\n<!-- mainloop:x -->');
    comment(task, '1. A');
    await task.stub.poke();
    expect(await task.stub.summary()).toMatchObject({ status: 'Needs answers' });
    await expect.poll(() => lastComment(task)).toContain('@ana That did not answer each question');
    const count = task.fakes.host.comments.length;
    await task.stub.poke();
    expect(task.fakes.host.comments).toHaveLength(count);
  });

  it('is not answered while the host does not tell who may write, and then is', async () => {
    const task = await shown(asks);
    comment(task, '1. B\n2. A, B');
    task.fakes.host.fails = {
      mayWrite: { failure: { is: 'refused', status: 403, message: 'No' } },
    };
    await task.stub.poke();
    expect(await task.stub.summary()).toMatchObject({ status: 'Needs answers' });
    await expect.poll(() => timesTold(task, /cannot be read: .*\(403\): No/)).toBe(1);
    await task.stub.poke();
    await expect.poll(() => outcomeOf(task)).toMatchObject({ by: 'github' });
  });

  it('that was answered here first says so there, and a late comment changes nothing', async () => {
    const task = await shown(asks);
    const opened = task.fakes.reports.flatMap(({ inbox }) =>
      inbox?.is === 'open' ? [inbox.item] : [],
    );
    const [item] = opened;
    const questionId = item?.kind === 'question' ? item.questionId : '';
    const answers = [
      { chosen: ['CSV'], other: '' },
      { chosen: ['text'], other: '' },
    ];
    await ask(task.stub, { do: 'answer', questionId: questionId, answers: answers });
    await expect.poll(() => lastComment(task)).toContain('Answered: CSV; text.');
    comment(task, '1. B\n2. A');
    await task.stub.poke();
    expect(outcomeOf(task)).toMatchObject({ by: 'person' });
  });
});

describe('a plan in the issue', () => {
  it('is approved by a comment, and becomes part of the issue', async () => {
    const task = await shown(plans);
    comment(task, 'lgtm');
    await task.stub.poke();
    await expect
      .poll(() => outcomeOf(task))
      .toMatchObject({ by: 'github', text: 'Approved by @ana on GitHub' });
    await expect.poll(() => task.fakes.host.issues[0]?.body).toContain('## Approved plan');
  });

  it('goes back with a comment that says what should change', async () => {
    const task = await shown(plans);
    comment(task, 'Please use tabs');
    await task.stub.poke();
    expect(await task.stub.mailbox(task.pass(), 0)).toMatchObject({
      value: { items: [{ type: 'changes', text: 'Please use tabs' }] },
    });
  });
});

it('cancelling closes the issue with a comment when the person wants that, and not otherwise', async () => {
  const kept = await shown(asks);
  await ask(kept.stub, CANCEL);
  expect(kept.fakes.host.issues[0]?.open).toBe(true);
  const task = await shown(asks);
  await ask(task.stub, { do: 'cancel', close: true });
  await expect.poll(() => task.fakes.host.issues[0]?.open).toBe(false);
  expect(lastComment(task)).toContain('The task was cancelled');
});

it('a lost answer of the host opens no second issue', async () => {
  const task = await startedTask();
  expect(task.fakes.host.issues).toEqual([]);
  task.fakes.host.fails = { openIssue: { failure: { is: 'unreachable' }, lost: true } };
  const other = await startedTask({ withIssue: true });
  await expect.poll(() => other.fakes.host.issues).toHaveLength(1);
});
