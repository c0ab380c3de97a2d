import { describe, expect, it } from 'vitest';
import { type Delivery, deliver, pullRequestBody } from './deliver.ts';
import { fakeHost } from '../../github/testing/fake-host.ts';

const COMMIT = 'c'.repeat(40);
const DELIVERY: Delivery = {
  taskId: '01JZZZZZZZZZZZZZZZZZZZ0001',
  repository: 'demo/tasks',
  branch: 'mainloop/add-a-flag',
  baseBranch: 'main',
  commit: COMMIT,
  title: 'Add a --json flag',
  body: 'It prints the list as JSON.',
  own: 'Add a --json flag, see #4.',
  issue: null,
  asker: null,
};
const SEVEN = { number: 7, url: 'https://git.example/demo/tasks/pull/7' };
const EXISTS = { is: 'refused', status: 422, message: 'A pull request already exists.' } as const;
const AWAY = { is: 'unreachable' } as const;

it('a pull request credits who asked for it, by what may be shown, and calls nobody', () => {
  const body = (asker: Delivery['asker']) => pullRequestBody({ ...DELIVERY, asker });
  expect(body(null)).not.toContain('Asked for');
  const ada = { name: 'ada', email: '7+ada@users.noreply.github.test' };
  const known = body({ ...ada, url: 'https://github.test/ada' });
  expect(known).toContain(
    '\n\nAsked for by [ada](https://github.test/ada).\n\n<!-- mainloop:task:',
  );
  expect(known).not.toContain('@');
  expect(body({ name: 'ada', email: 'ada@example.com', url: null })).toContain(
    'Asked for by ada@example.com.',
  );
});

describe('a runner’s word without evidence', () => {
  it.each([
    ['there is no such branch', null],
    ['the branch shows another commit', 'd'.repeat(40)],
  ])('opens nothing when %s, and is looked at again soon', async (_, head) => {
    const host = fakeHost(head);
    const outcome = await deliver(host.port, DELIVERY);
    expect(outcome).toMatchObject({ is: 'failed', retryAfterMs: 1_000 });
    expect(outcome).toMatchObject({ reason: /mainloop\/add-a-flag does not show its commit/ });
    expect(host.asked).not.toContain('createDraft');
  });
});

describe('delivered work', () => {
  it('opens one draft from the task’s branch, marked with the task', async () => {
    const host = fakeHost(COMMIT);
    expect(await deliver(host.port, DELIVERY)).toEqual({
      is: 'opened',
      pullRequest: SEVEN,
      commit: COMMIT,
    });
    const { repository, branch, baseBranch, title } = DELIVERY;
    const body = pullRequestBody(DELIVERY);
    expect(host.drafts).toEqual([{ repository, branch, baseBranch, title, body }]);
    expect(body).toBe(`${DELIVERY.body}\n\n<!-- mainloop:task:${DELIVERY.taskId} -->`);
  });

  it('adopts the branch’s open pull request', async () => {
    const host = fakeHost(COMMIT);
    host.pullRequests.push({ ...SEVEN, state: 'open' });
    expect(await deliver(host.port, DELIVERY)).toEqual({
      is: 'opened',
      pullRequest: SEVEN,
      commit: COMMIT,
    });
    expect(host.drafts).toEqual([]);
  });

  it.each(['closed', 'merged'] as const)('opens a new one when the old is %s', async (state) => {
    const host = fakeHost(COMMIT);
    host.pullRequests.push({ number: 3, url: 'https://git.example/demo/tasks/pull/3', state });
    expect(await deliver(host.port, DELIVERY)).toEqual({
      is: 'opened',
      pullRequest: SEVEN,
      commit: COMMIT,
    });
    expect(host.drafts).toHaveLength(1);
  });

  it('adopts what the host says exists already', async () => {
    const host = fakeHost(COMMIT);
    // Opened by another between our look and our request.
    host.fails = { createDraft: { failure: EXISTS, lost: true } };
    expect(await deliver(host.port, DELIVERY)).toEqual({
      is: 'opened',
      pullRequest: SEVEN,
      commit: COMMIT,
    });
    expect(host.drafts).toHaveLength(1);
  });

  it('adopts what was opened though the answer was lost', async () => {
    const host = fakeHost(COMMIT);
    host.fails = { createDraft: { failure: AWAY, lost: true } };
    expect(await deliver(host.port, DELIVERY)).toEqual({
      is: 'opened',
      pullRequest: SEVEN,
      commit: COMMIT,
    });
    expect(host.asked.filter((one) => one === 'createDraft')).toHaveLength(1);
  });

  it('is opened once, whichever answers are lost, over all tries', async () => {
    for (const kind of ['branchHead', 'pullRequestOf', 'createDraft'] as const) {
      const host = fakeHost(COMMIT);
      host.fails = { [kind]: { failure: AWAY, lost: true } };
      await deliver(host.port, DELIVERY);
      expect(await deliver(host.port, DELIVERY)).toEqual({
        is: 'opened',
        pullRequest: SEVEN,
        commit: COMMIT,
      });
      expect(host.drafts).toHaveLength(1);
    }
  });

  it('is opened at the next try when answer and look were both lost', async () => {
    const host = fakeHost(COMMIT);
    const { pullRequestOf } = host.port;
    let looks = 0;
    host.port.pullRequestOf = async (...asked) =>
      ++looks === 2 ? { is: 'failed', failure: AWAY } : pullRequestOf(...asked);
    host.fails = { createDraft: { failure: AWAY, lost: true } };
    expect(await deliver(host.port, DELIVERY)).toMatchObject({ is: 'failed', retryAfterMs: 5_000 });
    expect(await deliver(host.port, DELIVERY)).toEqual({
      is: 'opened',
      pullRequest: SEVEN,
      commit: COMMIT,
    });
    expect(host.drafts).toHaveLength(1);
  });

  it('is cut to what the host takes, and keeps its mark', async () => {
    const host = fakeHost(COMMIT);
    await deliver(host.port, { ...DELIVERY, title: 't'.repeat(999), body: 'b'.repeat(200_000) });
    const [draft] = host.drafts;
    expect(draft?.title).toHaveLength(250);
    expect(draft?.body.length).toBeLessThan(65_536);
    expect(draft?.body.endsWith(`<!-- mainloop:task:${DELIVERY.taskId} -->`)).toBe(true);
  });
});

describe('somebody who pushed right after the worker', () => {
  const theirs = 'd'.repeat(40);

  it.each(['ahead', 'diverged'] as const)('and stands %s keeps their commit', async (compared) => {
    const host = fakeHost(theirs);
    host.compared = compared;
    const opened = { is: 'opened', pullRequest: SEVEN, commit: theirs };
    expect(await deliver(host.port, DELIVERY)).toEqual(opened);
  });

  it('is not meant by a host that still shows what stood before', async () => {
    const host = fakeHost(theirs);
    host.compared = 'behind';
    expect(await deliver(host.port, DELIVERY)).toMatchObject({ is: 'failed', retryAfterMs: 1_000 });
    host.fails = { compare: { failure: AWAY } };
    expect(await deliver(host.port, DELIVERY)).toMatchObject({ is: 'failed', retryAfterMs: 5_000 });
    expect(host.drafts).toEqual([]);
  });
});

describe('a host that fails', () => {
  it.each([
    [AWAY, 5_000],
    [{ is: 'limited', retryAfterMs: 42_000 }, 42_000],
    [{ is: 'unauthorized' }, null],
    [{ is: 'not_found' }, null],
    [{ is: 'refused', status: 422, message: 'No commits between main and it.' }, null],
  ] as const)('with %o is asked again after %s ms', async (failure, retryAfterMs) => {
    for (const kind of ['branchHead', 'pullRequestOf', 'createDraft'] as const) {
      const host = fakeHost(COMMIT);
      host.fails = { [kind]: { failure } };
      const outcome = await deliver(host.port, DELIVERY);
      expect(outcome).toMatchObject({ is: 'failed', reason: /^GitHub .+/, retryAfterMs });
      expect(host.drafts).toEqual([]);
    }
  });
});

it('says nothing in the worker’s words that acts at the host, but what the person named', async () => {
  const host = fakeHost(COMMIT);
  const body = 'Closes #12, fixes #4.\n\n/approve\nThanks @org/team';
  await deliver(host.port, { ...DELIVERY, title: 'Flag (fixes #9)', body, issue: 40 });
  const [draft] = host.drafts;
  expect(draft?.title).toBe('Flag (f\u2060ixes #9)');
  const harmless = 'C\u2060loses #12, fixes #4.\n\n\u2060/approve\nThanks @\u2060org/team';
  expect(draft?.body.startsWith(`${harmless}\n\nCloses #40.\n\n`)).toBe(true);
  await deliver(host.port, { ...DELIVERY, body: '@a'.repeat(30_000) });
  expect(host.drafts.every((one) => one.body.length < 65_536)).toBe(true);
});

it('names the issue that its merge closes', () => {
  expect(pullRequestBody({ ...DELIVERY, issue: 12 })).toContain('\n\nCloses #12.');
  expect(pullRequestBody(DELIVERY)).not.toContain('Closes');
});
