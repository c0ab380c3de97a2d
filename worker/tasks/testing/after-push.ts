import { expect, vi } from 'vitest';
import type { Feedback } from '../delivery/feedback.ts';
import { deliveredTask, mailOf, type OpenTask } from './open-task.ts';
import { DELIVERED } from './records.ts';

/** The time of the next look comes. */
export async function look(task: OpenTask, afterMs = 5_000): Promise<void> {
  vi.setSystemTime(Date.now() + afterMs);
  await task.runWorkflow();
}

export async function opened(): Promise<OpenTask> {
  const task = await deliveredTask();
  await task.stub.advance(1, 2);
  return task;
}

/** A task whose pull request is in review, with checks that passed. */
export async function inReview(): Promise<OpenTask> {
  const task = await opened();
  task.fakes.host.checks = [{ name: 'test', state: 'passed', log: '' }];
  await look(task);
  expect(await task.stub.summary()).toMatchObject({ status: 'In review' });
  return task;
}

/** A remark of somebody who may give the worker work. */
export const commentOf = (id: string, changed: Partial<Feedback> = {}): Feedback => ({
  id,
  kind: 'inline',
  commentId: 5,
  author: 'ana',
  isBot: false,
  body: 'Use tabs.',
  path: 'src/a.js',
  line: 3,
  at: 1,
  ...changed,
});

/** The next stretch of work, up to its delivery. */
export async function workAgain(
  task: OpenTask,
  attempt: number,
  changed: { commit?: string; summary?: string } = {},
): Promise<void> {
  await task.stub.advance(attempt, 1);
  const acknowledged = (await mailOf(task)).map(({ id }) => id);
  const delivered = { ...DELIVERED, commit: String(attempt).repeat(40), ...changed };
  task.fakes.host.head = delivered.commit;
  const result = { number: 1, at: 1, body: { type: 'result', result: delivered } } as const;
  await task.stub.receive(task.pass(), { events: [result], acknowledged });
  await task.stub.advance(attempt, 2);
}
