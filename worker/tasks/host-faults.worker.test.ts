import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ask, deliveredTask, emptyTask, silenceTasks, startedTask } from './testing/open-task.ts';
import {
  MINUTE,
  HOUR,
  DAY,
  type Call,
  calls,
  timesTold,
  AWAY,
  REFUSALS,
  failing,
  limited,
  inReview,
  EFFECTS,
  checking,
} from './testing/host-faults.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(async () => {
  await silenceTasks();
  vi.useRealTimers();
});

/** Most calls of one kind for one effect, whatever the host does. */
const TRIES_MAX = 5;

describe.each(EFFECTS)('$call', ({ call, ends, begin }) => {
  it('of a host that is away for a day is tried at most 5 times, and its end is told once', async () => {
    const task = await begin(failing(AWAY, DAY, call));
    await task.elapse(4 * HOUR);
    expect(calls(task, call)).toBe(TRIES_MAX);
    vi.setSystemTime(Date.now() + 18 * HOUR);
    await task.elapse(MINUTE);
    expect(calls(task, call)).toBe(TRIES_MAX);
    expect(await timesTold(task, ends)).toBe(1);
  });

  it.each(REFUSALS)('that is refused for good with %s is tried once, and told', async (_, why) => {
    const task = await begin(failing(why, DAY, call));
    await task.elapse(MINUTE);
    expect(calls(task, call)).toBe(1);
    expect(await timesTold(task, ends)).toBe(1);
  });
});

describe('what a task does at a host that is limited for an hour', () => {
  it.each(EFFECTS.filter(({ call }) => call !== 'reply'))(
    '$call: nobody asks in that hour, and then it is done',
    async ({ call, ends, begin }) => {
      let seen: { early: Call[]; until: number } = { early: [], until: 0 };
      const task = await begin((one) => {
        seen = limited(one, HOUR);
      });
      await task.elapse(seen.until - 1 - Date.now());
      const before = task.fakes.host.asked.length;
      await task.elapse(MINUTE);
      expect(seen.early).toEqual([]);
      expect(task.fakes.host.asked.length).toBeGreaterThan(before);
      expect(calls(task, call)).toBeGreaterThan(0);
      expect(await timesTold(task, ends)).toBe(0);
    },
  );

  it('a webhook and a person’s click do not ask either; the person is told to wait', async () => {
    const task = await inReview();
    const seen = limited(task, HOUR);
    await task.stub.poke();
    await task.stub.poke();
    expect(await ask(task.stub, { do: 'merge' })).toMatchObject({
      is: 'refused',
      text: 'GitHub asks to wait 3600 s before the next request.',
    });
    expect(seen.early).toEqual([]);
    await task.elapse(HOUR);
    expect(await ask(task.stub, { do: 'merge' })).toEqual({ is: 'done' });
  });

  it('the delivery waits, says why, and opens its pull request afterwards', async () => {
    const task = await deliveredTask();
    const seen = limited(task, HOUR);
    await task.stub.advance(1, 2);
    expect(await timesTold(task, /^Not delivered yet: GitHub asks to wait 3600 s/)).toBe(1);
    await task.elapse(HOUR - 1);
    expect(seen.early).toEqual([]);
    expect(task.fakes.host.drafts).toEqual([]);
    await task.elapse(5_000);
    expect(task.fakes.host.drafts).toHaveLength(1);
  });

  it.each(['pullRequest', 'checks', 'feedback'] as const)(
    '%s: it is looked at again at that very second',
    async (call) => {
      const task = call === 'feedback' ? await inReview() : await checking();
      failing({ is: 'limited', retryAfterMs: HOUR }, 1, call)(task);
      await task.stub.poke();
      const before = task.fakes.host.asked.length;
      await task.elapse(HOUR - 1);
      expect(task.fakes.host.asked).toHaveLength(before);
      await task.elapse(2_000);
      expect(task.fakes.host.asked.length).toBeGreaterThan(before);
      expect(await timesTold(task, /^Its pull request cannot be read: /)).toBe(1);
    },
  );
});

describe('the delivery', () => {
  it('to a host that is away for a day is tried at most 5 times, and fails in words', async () => {
    for (const call of ['branchHead', 'pullRequestOf', 'createDraft'] as const) {
      const task = await deliveredTask();
      failing(AWAY, DAY, call)(task);
      await task.elapse(DAY);
      expect(calls(task, call)).toBeLessThanOrEqual(call === 'pullRequestOf' ? 10 : TRIES_MAX);
      expect(await task.stub.summary()).toMatchObject({
        status: 'Failed',
        note: /cannot be reached/,
      });
    }
  });

  it.each(REFUSALS)('that is refused with %s is tried once, and fails in words', async (_, why) => {
    const task = await deliveredTask();
    failing(why, DAY, 'createDraft')(task);
    await task.elapse(HOUR);
    expect(calls(task, 'createDraft')).toBe(1);
    expect(await task.stub.summary()).toMatchObject({ status: 'Failed', note: /GitHub/ });
  });
});

describe('polling', () => {
  /** Most looks in a day at a host that does not answer, from the closest to the rarest. */
  const LOOKS_MAX = 60;

  it.each(['pullRequest', 'checks', 'feedback'] as const)(
    '%s of a host that is away for a day becomes rare, is told, and goes on afterwards',
    async (call) => {
      const task = call === 'feedback' ? await inReview() : await checking();
      const before = calls(task, call);
      failing(AWAY, DAY, call)(task);
      await task.elapse(DAY);
      expect(calls(task, call) - before).toBeLessThan(LOOKS_MAX);
      expect(calls(task, call) - before).toBeGreaterThan(10);
      expect(await timesTold(task, /^Its pull request cannot be read: /)).toBeGreaterThan(0);
      expect(await timesTold(task, /^Its pull request cannot be read: /)).toBeLessThanOrEqual(2);
      task.fakes.host.checks = [{ name: 'test', state: 'failed', log: 'No.' }];
      await task.stub.poke();
      expect(await task.stub.summary()).toMatchObject({ attempt: 2 });
    },
  );

  it.each(REFUSALS)(
    'that is refused with %s looks once an hour, and says why once',
    async (_, why) => {
      const task = await checking();
      const before = calls(task, 'pullRequest');
      failing(why, DAY, 'pullRequest')(task);
      await task.elapse(DAY);
      expect(calls(task, 'pullRequest') - before).toBeLessThan(LOOKS_MAX);
      expect(await timesTold(task, /^Its pull request cannot be read: /)).toBeLessThanOrEqual(2);
    },
  );

  it('the comments of an issue becomes rare, too, and is told once', async () => {
    const task = await startedTask({ withIssue: true, mode: 'plan' });
    const body = { type: 'plan', toolUseId: 'p', text: 'Add it.' } as const;
    await task.send({ number: 1, at: 1, body });
    await expect.poll(() => task.fakes.host.comments).toHaveLength(1);
    failing(AWAY, DAY, 'issueComments')(task);
    await task.elapse(DAY);
    expect(calls(task, 'issueComments')).toBeGreaterThan(5);
    expect(calls(task, 'issueComments')).toBeLessThan(LOOKS_MAX);
    expect(await timesTold(task, /^Comments on its issue cannot be read: .+ Answer here\.$/)).toBe(
      1,
    );
  });

  it('a pull request in review is not hot, and sees checks that turn red', async () => {
    const task = await inReview();
    const before = calls(task, 'checks');
    await task.elapse(5 * HOUR);
    // A look in five minutes, once the first pauses have grown to that.
    expect(calls(task, 'checks') - before).toBeGreaterThan(55);
    expect(calls(task, 'checks') - before).toBeLessThan(70);
    task.fakes.host.checks = [{ name: 'test', state: 'failed', log: 'No.' }];
    await task.elapse(6 * MINUTE);
    expect(await task.stub.summary()).toMatchObject({ attempt: 2 });
  });
});

it('a merge asks the host a few times at most, and refuses in words', async () => {
  for (const [, why] of [...REFUSALS, ['away', AWAY] as const]) {
    const task = await inReview();
    const before = task.fakes.host.asked.length;
    failing(why)(task);
    expect(await ask(task.stub, { do: 'merge' })).toMatchObject({ is: 'refused', text: /GitHub/ });
    expect(task.fakes.host.asked.length - before).toBeLessThanOrEqual(2);
    expect(await task.stub.summary()).toMatchObject({ status: 'In review' });
  }
});

it('comments and edits end with the issue that was refused, without a word of their own', async () => {
  const task = await emptyTask({ withIssue: true, mode: 'plan' });
  failing(AWAY, DAY, 'openIssue')(task);
  await task.stub.create(task.spec);
  await task.stub.grantSlot(1);
  await task.stub.advance(1, 1);
  const body = { type: 'plan', toolUseId: 'p', text: 'Add it.' } as const;
  await task.send({ number: 1, at: 1, body });
  await task.elapse(DAY);
  expect(calls(task, 'comment')).toBe(0);
  expect(await timesTold(task, /The issue could not be/)).toBe(1);
  expect(await task.stub.summary()).toMatchObject({ status: 'Needs approval' });
});
