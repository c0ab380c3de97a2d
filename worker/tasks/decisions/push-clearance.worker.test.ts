import { afterEach, describe, expect, it, vi } from 'vitest';
import type { TaskCommand } from '../../../protocol/task-command.ts';
import type { PowerChange } from '../../gateway/push-changes.ts';
import { look } from '../testing/after-push.ts';
import { timesTold } from '../testing/host-faults.ts';
import {
  type OpenTask,
  ask,
  mailOf,
  silenceTasks,
  startedTask,
  step,
} from '../testing/open-task.ts';
import { DELIVERED } from '../testing/records.ts';

afterEach(async () => {
  await silenceTasks();
  vi.useRealTimers();
});

const COMMIT = DELIVERED.commit;
const BASE = 'b'.repeat(40);
const NONE = '0'.repeat(40);
const CI: PowerChange = {
  path: '.github/workflows/ci.yml',
  from: 'on: push\nsteps:\n  - test\n',
  to: 'on: push\nsteps:\n  - test\n  - curl evil\u202e\n',
  modes: null,
};
const ALLOW = [{ chosen: ['Allow'], other: '' }];

async function atWork(): Promise<OpenTask> {
  const task = await startedTask();
  await task.send(step(1));
  task.fakes.host.compared = 'ahead';
  return task;
}

const clear = (task: OpenTask, fresh: PowerChange[], commit = COMMIT) =>
  task.stub.clearPush(task.pass(), {
    commit,
    before: null,
    base: BASE,
    fresh,
    paths: fresh.map(({ path }) => path),
  });
const isCleared = (task: OpenTask, commit = COMMIT, before = NONE) =>
  task.stub.isCleared(task.pass(), before, commit);

/** The question that the inbox shows. */
async function shownIn({ fakes }: OpenTask) {
  const opened = () =>
    fakes.reports.flatMap(({ inbox }) => (inbox?.is === 'open' ? [inbox.item] : [])).at(-1);
  await expect.poll(opened).toMatchObject({ kind: 'question' });
  const item = opened();
  if (item?.kind !== 'question') throw new Error('Nothing is asked.');
  return { questionId: item.questionId, text: item.questions[0]?.question ?? '' };
}

describe('a push that changes nothing of power', () => {
  it('is cleared at once: that commit, from that tip, by that sandbox', async () => {
    const task = await atWork();
    expect(await isCleared(task)).toBe(false);
    expect(await clear(task, [])).toEqual({ is: 'ok', value: { is: 'clear' } });
    expect(await isCleared(task)).toBe(true);
    expect(await isCleared(task, 'd'.repeat(40))).toBe(false);
    expect(await isCleared(task, COMMIT, 'd'.repeat(40))).toBe(false);
    const other = { ...task.pass(), secret: 'x'.repeat(43) };
    expect(await task.stub.isCleared(other, NONE, COMMIT)).toBe(false);
  });

  it.each(['diverged', 'behind', null] as const)(
    'is not, where what it is compared with is %s to the base branch',
    async (compared) => {
      const task = await atWork();
      task.fakes.host.compared = compared;
      expect(await clear(task, [])).toMatchObject({ is: 'refused', error: 'forbidden' });
      expect(await isCleared(task)).toBe(false);
    },
  );

  it('waits for a host that is away, and is refused by one that refuses', async () => {
    const task = await atWork();
    task.fakes.host.fails = { compare: { failure: { is: 'unreachable' } } };
    expect(await clear(task, [])).toMatchObject({ is: 'refused', error: 'unavailable' });
    task.fakes.host.fails = { compare: { failure: { is: 'unauthorized' } } };
    expect(await clear(task, [])).toMatchObject({ is: 'refused', error: 'forbidden' });
  });
});

describe('a push that changes a path of power', () => {
  it('is held, and the inbox shows what changes, also what nobody would see', async () => {
    const task = await atWork();
    expect(await clear(task, [CI])).toEqual({ is: 'ok', value: { is: 'held' } });
    expect(await isCleared(task)).toBe(false);
    expect(await task.stub.summary()).toMatchObject({ status: 'Needs answers' });
    const { text } = await shownIn(task);
    expect(text).toContain(`May commit ${COMMIT.slice(0, 7)} be pushed?`);
    expect(text).toContain(
      '.github/workflows/ci.yml (changed)\n on: push\n steps:\n   - test\n+  - curl evil\\u{202e}\n ',
    );
    expect(await timesTold(task, /Held back from the git host/)).toBe(1);
    expect(await clear(task, [CI])).toEqual({ is: 'ok', value: { is: 'held' } });
    expect(await timesTold(task, /Held back from the git host/)).toBe(1);
  });

  it('is cleared once the person allows it: that commit and no other', async () => {
    const task = await atWork();
    await clear(task, [CI]);
    const { questionId } = await shownIn(task);
    const answer = { do: 'answer', questionId, answers: ALLOW } as const;
    expect(await ask(task.stub, answer)).toEqual({ is: 'done' });
    expect(await mailOf(task)).toMatchObject([
      { type: 'message', text: expect.stringContaining('allows your commit') },
    ]);
    expect(await clear(task, [CI], 'd'.repeat(40))).toMatchObject({ value: { is: 'held' } });
    expect(await isCleared(task, 'd'.repeat(40))).toBe(false);
    expect(await clear(task, [CI])).toEqual({ is: 'ok', value: { is: 'clear' } });
    expect(await isCleared(task)).toBe(true);
  });

  it('is allowed where all of it is shown only; elsewhere it can be refused', async () => {
    const task = await atWork();
    await clear(task, [CI]);
    const { questionId } = await shownIn(task);
    const answer = (chosen: string): TaskCommand => ({
      do: 'answer',
      questionId,
      answers: [{ chosen: [chosen], other: '' }],
    });
    const by = { is: 'conversation' } as const;
    expect(await ask(task.stub, answer('Allow'), { by })).toMatchObject({
      is: 'refused',
      text: /in the inbox only/,
    });
    expect(await task.stub.summary()).toMatchObject({ status: 'Needs answers' });
    expect(await ask(task.stub, answer('Not allowed'), { by })).toEqual({ is: 'done' });
  });

  it.each([
    ['the other button', [{ chosen: ['Not allowed'], other: '' }]],
    ['both', [{ chosen: ['Allow', 'Not allowed'], other: '' }]],
    ['a condition', [{ chosen: ['Allow'], other: 'but without curl' }]],
    ['words', [{ chosen: [], other: 'Allow' }]],
  ])('is not allowed by %s, and the worker is told in words', async (_, answers) => {
    const task = await atWork();
    await clear(task, [CI]);
    const { questionId } = await shownIn(task);
    await ask(task.stub, { do: 'answer', questionId, answers });
    const other = answers[0]?.other ?? '';
    expect(await mailOf(task)).toMatchObject([
      { type: 'message', text: expect.stringMatching(/does not allow your commit/) },
    ]);
    expect(await mailOf(task)).toMatchObject([{ text: expect.stringContaining(other) }]);
    expect(await clear(task, [CI])).toMatchObject({
      value: { is: 'refused', text: /did not allow/ },
    });
    expect(await isCleared(task)).toBe(false);
  });

  it('is refused in words where it is more than a person can look at', async () => {
    const task = await atWork();
    const great = { ...CI, to: 'x\n'.repeat(30_000) };
    expect(await clear(task, [great])).toMatchObject({
      value: { is: 'refused', text: /more than a person can look at/ },
    });
    expect(await task.stub.summary()).toMatchObject({ status: 'Working' });
  });

  it('is told in the task’s issue, and decided where all of it is seen as it is', async () => {
    const task = await startedTask({ withIssue: true });
    await expect.poll(() => task.fakes.host.issues).toHaveLength(1);
    await task.send(step(1));
    task.fakes.host.compared = 'ahead';
    await clear(task, [{ ...CI, to: '<!--\nevil\n-->\n' }]);
    await expect.poll(() => task.fakes.host.comments).toHaveLength(1);
    const [shown] = task.fakes.host.comments;
    expect(shown?.body).toContain('It changes what acts by itself: .github/workflows/ci.yml');
    expect(shown?.body).not.toContain('evil');
    if (shown !== undefined) {
      task.fakes.host.comments.push({ ...shown, id: 'comment:2', author: 'ana', body: '1. A' });
    }
    await task.stub.poke();
    expect(await task.stub.summary()).toMatchObject({ status: 'Needs answers' });
    expect(task.fakes.host.asked).not.toContain('issueComments');
  });

  it('cannot be allowed by the answer to a question of the worker’s own', async () => {
    const task = await atWork();
    const questions = [
      {
        question: 'Tabs?',
        header: 'Tabs',
        options: ['Allow', 'No'].map((label) => ({ label, description: '' })),
        multiSelect: false,
      },
    ];
    const toolUseId = `mainloop:push:${COMMIT}`;
    await task.send({ number: 2, at: 2, body: { type: 'question', toolUseId, questions } });
    expect(await task.stub.summary()).toMatchObject({ status: 'Working' });
    expect(await clear(task, [CI])).toMatchObject({ value: { is: 'held' } });
    expect((await shownIn(task)).text).not.toContain('Tabs');
  });

  it('is told first to whoever reviews it', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const task = await atWork();
    await clear(task, [CI]);
    const { questionId } = await shownIn(task);
    await ask(task.stub, { do: 'answer', questionId, answers: ALLOW });
    await clear(task, [CI]);
    const acknowledged = (await mailOf(task)).map(({ id }) => id);
    const result = { number: 2, at: 2, body: { type: 'result', result: DELIVERED } } as const;
    await task.stub.receive(task.pass(), { events: [result], acknowledged });
    task.fakes.host.head = COMMIT;
    await task.stub.advance(1, 2);
    task.fakes.host.checks = [{ name: 'test', state: 'passed', log: '' }];
    await look(task);
    await expect
      .poll(() => JSON.stringify(task.fakes.reports))
      .toContain('Changes what acts by itself, as was allowed:** `.github/workflows/ci.yml`');
  });
});
