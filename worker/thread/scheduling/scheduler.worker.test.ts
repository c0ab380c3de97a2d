import { runDurableObjectAlarm } from 'cloudflare:test';
import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import type { Limits } from '../../../protocol/settings.ts';
import { DEFAULT_SETTINGS } from '../../../protocol/settings.ts';
import type { TaskSummary } from '../../../protocol/task.ts';
import type { TaskReport } from '../../tasks/api.ts';
import type { ThreadClient } from '../testing/client.ts';
import { NO_CALLS, QUIET, summaryOf } from '../testing/facts.ts';
import { type FakeTasks, type OpenThread, fakeTasks, openThread } from '../testing/open-thread.ts';
import { dayOf } from './spending.ts';

type Person = { thread: OpenThread; tasks: FakeTasks; page: ThreadClient };

/** A person with these limits, whose page is open. */
async function person(limits: Partial<Limits>): Promise<Person> {
  const tasks = fakeTasks();
  const thread = await openThread({ task: tasks.task });
  const page = await thread.page();
  const change = { is: 'limits', limits: { ...DEFAULT_SETTINGS.limits, ...limits } } as const;
  const id = ulid();
  page.send({ type: 'change_settings', id, change });
  await page.first('ack', (ack) => ack.id === id);
  return { thread, tasks, page };
}

let reports = 0;
function tell({ thread }: Person, task: TaskSummary, changed: Partial<TaskReport>) {
  reports += 1;
  return thread.stub.taskReport({ ...QUIET, number: reports, task, ...changed });
}

const turnsOf = ({ tasks }: Person) =>
  tasks.told.filter(({ what }) => what === 'grantSlot').map(({ taskId }) => taskId);
const newTask = () => summaryOf({ id: ulid(), status: 'Queued' });

describe('tasks beyond the limit', () => {
  it('wait in order; a place that is freed goes to the next', async () => {
    const ada = await person({ parallel: 2 });
    const lines = [newTask(), newTask(), newTask(), newTask()];
    for (const task of lines) await tell(ada, task, { slot: 'waiting' });
    const [one, two, three, four] = lines.map(({ id }) => id);
    await expect.poll(() => turnsOf(ada)).toEqual([one, two]);
    const shown = await ada.page.until(() => {
      const change = ada.page.entries().findLast((entry) => entry.change.type === 'queue')?.change;
      return change?.type === 'queue' && change.queue.length === 2 ? change.queue : null;
    }, 'the queue');
    expect(shown.map(({ taskId }) => taskId)).toEqual([three, four]);
    for (const task of lines.slice(0, 2)) await tell(ada, task, { slot: 'taken' });
    expect(turnsOf(ada)).toEqual([one, two]);
    await tell(ada, { ...newTask(), id: two ?? '', status: 'In review' }, { slot: 'none' });
    await expect.poll(() => turnsOf(ada)).toEqual([one, two, three]);
  });

  it('can be moved, and go on after others that were begun before', async () => {
    const ada = await person({ parallel: 1 });
    const [busy, first, second, begun] = [newTask(), newTask(), newTask(), newTask()];
    await tell(ada, busy, { slot: 'taken' });
    await tell(ada, first, { slot: 'waiting' });
    await tell(ada, second, { slot: 'waiting' });
    const id = ulid();
    ada.page.send({ type: 'move_task', id, taskId: second.id, position: 1 });
    await ada.page.first('ack', (ack) => ack.id === id);
    await tell(ada, { ...begun, attempt: 2 }, { slot: 'waiting' });
    const { snapshot } = await (await ada.thread.page()).first('snapshot');
    expect(snapshot.queue.map(({ taskId }) => taskId)).toEqual([begun.id, second.id, first.id]);
  });

  it('that do not wait cannot be moved', async () => {
    const ada = await person({});
    const id = ulid();
    ada.page.send({ type: 'move_task', id, taskId: ulid(), position: 1 });
    const refused = await ada.page.first('refused', (frame) => frame.id === id);
    expect(refused.text).toBe('This task does not wait in the queue.');
  });

  it('are told once more when no word came of it', async () => {
    const ada = await person({ parallel: 1 });
    const task = newTask();
    await tell(ada, task, { slot: 'waiting' });
    await expect.poll(() => turnsOf(ada)).toEqual([task.id]);
    expect(await runDurableObjectAlarm(ada.thread.stub)).toBe(true);
    await expect.poll(() => turnsOf(ada)).toEqual([task.id, task.id]);
  });

  it('go on at once when the limit is raised', async () => {
    const ada = await person({ parallel: 1 });
    const [one, two] = [newTask(), newTask()];
    await tell(ada, one, { slot: 'taken' });
    await tell(ada, two, { slot: 'waiting' });
    expect(turnsOf(ada)).toEqual([]);
    const limits = { ...DEFAULT_SETTINGS.limits, parallel: 2 };
    ada.page.send({ type: 'change_settings', id: ulid(), change: { is: 'limits', limits } });
    await expect.poll(() => turnsOf(ada)).toEqual([two.id]);
  });
});

describe('the day’s money', () => {
  const day = dayOf(Date.now());
  const asked = ({ tasks }: Person, what: string) =>
    tasks.told.filter((one) => one.what === what).map(({ taskId }) => taskId);

  it('stops all that makes model calls once it is spent, and lets no other begin', async () => {
    const ada = await person({ dayBudget: 10 });
    const [one, two, three] = [newTask(), newTask(), newTask()];
    await tell(ada, { ...one, status: 'Working' }, { slot: 'taken', spent: { day, cost: 4 } });
    await tell(ada, { ...two, status: 'In review' }, { spent: { day, cost: 5 } });
    expect(asked(ada, 'pauseForDay')).toEqual([]);
    await tell(ada, { ...one, status: 'Working' }, { slot: 'taken', spent: { day, cost: 6 } });
    expect(asked(ada, 'pauseForDay')).toEqual([one.id]);
    await tell(ada, three, { slot: 'waiting' });
    expect(turnsOf(ada)).toEqual([]);
  });

  it('is told of once when most of it is spent', async () => {
    const ada = await person({ dayBudget: 10 });
    const task = { ...newTask(), status: 'Working' as const };
    for (const cost of [7, 8, 9]) {
      await ada.thread.stub.taskProgress({
        openCalls: NO_CALLS,
        taskId: task.id,
        report: 1,
        note: null,
        usage: { ...task.usage, cost },
        changes: null,
        spent: { day, cost },
      });
      await tell(ada, task, { slot: 'taken', spent: { day, cost } });
    }
    await ada.page.ended(1);
    expect(ada.page.replies()).toHaveLength(1);
    expect(ada.page.all('spending').at(-1)).toMatchObject({ day });
  });

  it('that is raised lets the paused ones go on', async () => {
    const ada = await person({ dayBudget: 10 });
    const task = newTask();
    const item = {
      id: ulid(),
      taskId: task.id,
      title: task.title,
      repository: task.repository,
      at: 1,
      outcome: null,
      kind: 'budget',
      scope: 'day',
      limit: 10,
      used: 11,
    } as const;
    await tell(ada, task, { inbox: { is: 'open', item }, spent: { day, cost: 11 } });
    expect(asked(ada, 'resumeForDay')).toEqual([]);
    const limits = { ...DEFAULT_SETTINGS.limits, dayBudget: 20 };
    ada.page.send({ type: 'change_settings', id: ulid(), change: { is: 'limits', limits } });
    await expect.poll(() => asked(ada, 'resumeForDay')).toContain(task.id);
  });
});
