import { ulid } from 'ulid';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DELIVERED } from '../testing/records.ts';
import { ask, type OpenTask } from '../testing/open-task.ts';
import { look, opened, inReview } from '../testing/after-push.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => vi.useRealTimers());

const CHAT = { is: 'conversation' } as const;

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
    task.fakes.host.port.merge = (repository, number, head, words) => {
      heads.push(head);
      expect(words.title).toMatch(/^Add a --json flag.* \(#7\)$/);
      return merge(repository, number, head, words);
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
