import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  CANCEL,
  type OpenTask,
  RETRY,
  ask,
  silenceTasks,
  startedTask,
} from './testing/open-task.ts';

beforeEach(() => vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(async () => {
  vi.useRealTimers();
  await silenceTasks();
});

const MINUTE_MS = 60_000;

/** A cancelled task whose conversation takes no report any more. */
async function unheard(): Promise<OpenTask> {
  const task = await startedTask();
  await expect.poll(async () => (await task.stub.standing())?.told).toBe(true);
  task.fakes.fails.report = Infinity;
  await ask(task.stub, CANCEL);
  return task;
}
const isTold = async ({ stub }: OpenTask) => (await stub.standing())?.told;
const notes = async ({ stub }: OpenTask) =>
  (await stub.events(0, 1_000)).flatMap(({ body }) =>
    body.type === 'step' && body.text.includes('did not take') ? [body.text] : [],
  );

describe('a report that the conversation does not take', () => {
  it('has an end, which stands in the activity, and holds up no later one', async () => {
    const task = await unheard();
    await task.elapse(10 * MINUTE_MS);
    expect(await isTold(task)).toBe(false);
    expect(await notes(task)).toEqual([]);
    await task.elapse(10 * MINUTE_MS);
    expect(await notes(task)).not.toEqual([]);
    expect(await isTold(task)).toBe(true);
    const before = task.fakes.reports.length;
    task.fakes.fails.report = 0;
    await ask(task.stub, RETRY);
    await expect.poll(() => task.fakes.reports.length).toBeGreaterThan(before);
  });

  it('is told all the same when it takes them again in time', async () => {
    const task = await unheard();
    await task.elapse(10 * MINUTE_MS);
    task.fakes.fails.report = 0;
    await task.elapse(MINUTE_MS);
    expect(await isTold(task)).toBe(true);
    expect(task.fakes.reports.map(({ task: { status } }) => status)).toContain('Cancelled');
    expect(await notes(task)).toEqual([]);
  });
});

it('a report to a conversation that is closed for now is told later, and is no fault', async () => {
  const errors = vi.spyOn(console, 'error');
  const task = await startedTask();
  await expect.poll(() => isTold(task)).toBe(true);
  task.fakes.isClosed = true;
  await ask(task.stub, CANCEL);
  expect(await isTold(task)).toBe(false);
  task.fakes.isClosed = false;
  await task.elapse(MINUTE_MS);
  expect(await isTold(task)).toBe(true);
  expect(task.fakes.reports.at(-1)?.task.status).toBe('Cancelled');
  expect(errors).not.toHaveBeenCalled();
  errors.mockRestore();
});
