import { runDurableObjectAlarm } from 'cloudflare:test';
import { ulid } from 'ulid';
import { afterEach, expect, it, vi } from 'vitest';
import type { TaskReport, TaskStanding } from '../../tasks/api.ts';
import { UNREADABLE_HEAD } from '../../tasks/storage/task-values.ts';
import { summaryOf } from '../testing/facts.ts';
import { fakeTasks, openThread } from '../testing/open-thread.ts';

afterEach(() => vi.useRealTimers());

/** Longer than a task that has just ended is asked. */
const LATER_MS = 60 * 60_000;
const WORKING = summaryOf({ id: ulid(), status: 'Working' });
const report = (number: number, changed: Partial<TaskReport> = {}): TaskReport => ({
  number,
  task: WORKING,
  inbox: null,
  notice: null,
  slot: 'taken',
  spent: null,
  ...changed,
});

/** A conversation that was told that its task cannot be read; what it says once it is asked. */
async function unreadable(standing: () => Promise<TaskStanding | null>) {
  const tasks = fakeTasks({ standing });
  const thread = await openThread({ task: tasks.task });
  await thread.stub.taskReport(report(1));
  await thread.stub.taskUnreadable(WORKING.id, UNREADABLE_HEAD);
  const snapshot = async () => (await (await thread.page()).first('snapshot')).snapshot;
  expect(await snapshot()).toMatchObject({
    tasks: [{ status: 'Failed', note: UNREADABLE_HEAD }],
    inbox: [{ kind: 'failure', outcome: null }],
  });
  return { thread, snapshot };
}

it('the first report of a task that is readable again is taken', async () => {
  const { thread, snapshot } = await unreadable(() => Promise.reject(new Error(UNREADABLE_HEAD)));
  await thread.stub.taskReport(report(2));
  expect(await snapshot()).toMatchObject({ tasks: [{ status: 'Working' }] });
});

it('a task that is readable again is asked, and its failure folds away', async () => {
  let isReadable = false;
  let asked = 0;
  const { thread, snapshot } = await unreadable(async () => {
    asked++;
    if (!isReadable) throw new Error(UNREADABLE_HEAD);
    return { summary: WORKING, slot: 'taken', reports: 1, waitsFor: null, told: true };
  });
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + LATER_MS });
  await thread.crash();
  asked = 0;
  await snapshot();
  await runDurableObjectAlarm(thread.stub);
  await expect.poll(() => asked).toBeGreaterThan(0);
  isReadable = true;
  await thread.crash();
  await snapshot();
  await expect
    .poll(async () => {
      await runDurableObjectAlarm(thread.stub);
      return snapshot();
    })
    .toMatchObject({
      tasks: [{ status: 'Working' }],
      inbox: [{ kind: 'failure', outcome: { by: 'task' } }],
    });
});
