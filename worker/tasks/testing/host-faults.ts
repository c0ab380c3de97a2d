import { expect } from 'vitest';
import type { GitHubFailure } from '../../github/failures.ts';
import type { GitHubPort } from '../../github/port.ts';
import { commentOf } from './after-push.ts';
import { type OpenTask, CANCEL, ask, deliveredTask, emptyTask, startedTask } from './open-task.ts';
import { DELIVERED } from './records.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export type Call = keyof GitHubPort;
type Fault = (task: OpenTask) => void;

export const calls = ({ fakes }: OpenTask, kind: Call) =>
  fakes.host.asked.filter((one) => one === kind).length;

/** How often the activity says it. */
export async function timesTold({ stub }: OpenTask, words: RegExp): Promise<number> {
  const events = await stub.events(0, 1_000);
  return events.filter(({ body }) => 'text' in body && words.test(body.text)).length;
}

export const AWAY: GitHubFailure = { is: 'unreachable' };
export const REFUSALS: [string, GitHubFailure][] = [
  ['401', { is: 'unauthorized' }],
  ['403', { is: 'refused', status: 403, message: 'Forbidden' }],
  ['404', { is: 'not_found' }],
  ['422', { is: 'refused', status: 422, message: 'Validation failed' }],
];

/** These calls, or all, fail for so long. */
export const failing =
  (failure: GitHubFailure, forMs = Infinity, ...kinds: Call[]): Fault =>
  ({ fakes }) => {
    const until = Date.now() + forMs;
    const isMeant = (kind: Call) => kinds.length === 0 || kinds.includes(kind);
    fakes.host.down = (kind) => (Date.now() < until && isMeant(kind) ? failure : null);
  };

/** The host is limited for so long, says so, and takes down whether anybody asks all the same. */
export function limited({ fakes }: OpenTask, forMs: number): { early: Call[]; until: number } {
  const until = Date.now() + forMs;
  const seen: { early: Call[]; until: number } = { early: [], until };
  let isTold = false;
  fakes.host.down = (kind) => {
    if (Date.now() >= until) return null;
    if (isTold) seen.early.push(kind);
    isTold = true;
    return { is: 'limited', retryAfterMs: until - Date.now() };
  };
  return seen;
}

const RESULT = { number: 1, at: 1, body: { type: 'result', result: DELIVERED } } as const;

/** A task whose pull request is in review, with checks that passed. */
export async function inReview(): Promise<OpenTask> {
  const task = await deliveredTask();
  await task.stub.advance(1, 2);
  task.fakes.host.checks = [{ name: 'test', state: 'passed', log: '' }];
  await task.elapse(5_000);
  expect(await task.stub.summary()).toMatchObject({ status: 'In review' });
  return task;
}

/** The same, with a comment that the worker is given. */
async function commented(fault: Fault): Promise<OpenTask> {
  const task = await inReview();
  task.fakes.host.feedback = [commentOf('inline:5')];
  fault(task);
  await task.elapse(20_000);
  return task;
}

/** What is to be done at the git host: how it begins once the host has its fault, and how it ends. */
export const EFFECTS: { call: Call; ends: RegExp; begin(fault: Fault): Promise<OpenTask> }[] = [
  {
    call: 'openIssue',
    ends: /^The issue could not be opened: .+ Questions are shown here only\.$/,
    begin: async (fault) => {
      const task = await emptyTask({ withIssue: true });
      fault(task);
      await task.stub.create(task.spec);
      // What is to be done at the host outlives the task's own end.
      await ask(task.stub, CANCEL);
      return task;
    },
  },
  {
    call: 'comment',
    ends: /^The issue could not be commented on: .+ It is shown here only\.$/,
    begin: async (fault) => {
      const task = await startedTask({ withIssue: true });
      await expect.poll(() => task.fakes.host.issues).toHaveLength(1);
      fault(task);
      const body = { type: 'plan', toolUseId: 'p', text: 'Add it.' } as const;
      await task.send({ number: 1, at: 1, body });
      return task;
    },
  },
  {
    call: 'closePullRequest',
    ends: /^It could not be closed on GitHub: .+ Close it there\.$/,
    begin: async (fault) => {
      const task = await inReview();
      fault(task);
      await ask(task.stub, { do: 'cancel', close: true });
      return task;
    },
  },
  {
    call: 'acknowledge',
    ends: /^A comment could not be marked as seen on GitHub: .+\.$/,
    begin: commented,
  },
  {
    call: 'reply',
    ends: /^A comment on GitHub could not be answered: .+\.$/,
    begin: async (fault) => {
      const task = await commented(() => {});
      await task.stub.advance(2, 1);
      fault(task);
      await task.send(RESULT);
      await task.stub.advance(2, 2);
      return task;
    },
  },
];

/** A task whose pull request waits for its checks, which are under way. */
export async function checking(): Promise<OpenTask> {
  const task = await deliveredTask();
  task.fakes.host.checks = [{ name: 'test', state: 'pending', log: '' }];
  await task.stub.advance(1, 2);
  return task;
}
