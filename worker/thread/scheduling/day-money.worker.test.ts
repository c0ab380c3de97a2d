import { ulid } from 'ulid';
import { describe, expect, it, vi } from 'vitest';
import { DEFAULT_SETTINGS } from '../../../protocol/settings.ts';
import type { DayAnswer } from '../../tasks/api.ts';
import { QUIET, summaryOf } from '../testing/facts.ts';
import { openThread } from '../testing/open-thread.ts';
import { dayOf } from './spending.ts';

/** A person whose day may cost this much, and tasks that know what they have under way and have cost. */
async function personWith(dayBudget: number | null, tasks: number) {
  const { stub, page: openPage } = await openThread();
  const page = await openPage();
  const setBudget = async (limit: number | null) => {
    const id = ulid();
    const limits = { ...DEFAULT_SETTINGS.limits, dayBudget: limit };
    page.send({ type: 'change_settings', id, change: { is: 'limits', limits } });
    await page.first('ack', (ack) => ack.id === id);
  };
  await setBudget(dayBudget);
  let revision = 0;
  const some = Array.from({ length: tasks }, () => {
    const task = summaryOf({ id: ulid(), status: 'Working' });
    let [open, cost] = [0, 0];
    let asks: number | null = null;
    const said = () => ({ worst: open, revision: ++revision, asks });
    return {
      task,
      said,
      ask: async (worst: number): Promise<DayAnswer['is']> => {
        const word = said();
        asks = word.revision;
        const { is } = await stub.reserveOfDay(task.id, worst, word);
        asks = null;
        if (is === 'ok') open += worst;
        return is;
      },
      end: async (worst: number, costs: number) => {
        open -= worst;
        cost += costs;
        const usage = { ...task.usage, cost };
        const spent = { day: dayOf(Date.now()), cost };
        const words = { report: 1, note: null, changes: null, usage, spent };
        await stub.taskProgress({ taskId: task.id, ...words, openCalls: said() });
      },
      cost: () => cost,
    };
  });
  for (const { task } of some) {
    await stub.taskReport({ ...QUIET, number: 1, task, slot: 'taken' });
  }
  return { stub, tasks: some, setBudget };
}

type Tasks = Awaited<ReturnType<typeof personWith>>['tasks'];
function two(tasks: Tasks) {
  const [one, other] = tasks;
  if (one === undefined || other === undefined) throw new Error('There are not two.');
  return { one, other };
}

describe('the day’s money for calls to models', () => {
  it('has no end where no budget is set', async () => {
    const { tasks } = await personWith(null, 2);
    const { one, other } = two(tasks);
    expect([await one.ask(1e6), await other.ask(1e6)]).toEqual(['ok', 'ok']);
  });

  it('lets a call of another task wait for those that may use it up, until one of them ends', async () => {
    const { tasks } = await personWith(10, 2);
    const { one, other } = two(tasks);
    expect(await one.ask(10)).toBe('ok');
    const asked = other.ask(1);
    await one.end(10, 2);
    expect(await asked).toBe('ok');
  });

  it('that is raised lets those go on that wait', async () => {
    const { tasks, setBudget } = await personWith(10, 2);
    const { one, other } = two(tasks);
    await one.ask(10);
    const asked = other.ask(1);
    await setBudget(20);
    expect(await asked).toBe('ok');
  });

  it('that is spent meanwhile is told to those that wait', async () => {
    const { tasks } = await personWith(10, 2);
    const { one, other } = two(tasks);
    await one.ask(12);
    const asked = other.ask(1);
    await one.end(12, 11);
    expect(await asked).toBe('over');
  });

  it('is not held by a word that a later one has overtaken, nor by a task that is long silent', async () => {
    const { stub, tasks } = await personWith(10, 2);
    const { one, other } = two(tasks);
    const early = one.said();
    await one.ask(10);
    await one.end(10, 0);
    await stub.taskProgress({
      taskId: one.task.id,
      report: 1,
      note: null,
      changes: null,
      usage: one.task.usage,
      spent: null,
      openCalls: { ...early, worst: 10 },
    });
    expect(await other.ask(10)).toBe('ok');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 16 * 60_000 });
    try {
      expect(await one.ask(1)).toBe('ok');
    } finally {
      vi.useRealTimers();
    }
  });

  it('counts a call that is let through before its task knows of that', async () => {
    const { stub, tasks } = await personWith(10, 2);
    const { one, other } = two(tasks);
    const word = one.said();
    await stub.reserveOfDay(one.task.id, 10, word);
    const late = { ...one.said(), asks: word.revision };
    const words = { report: 1, note: null, changes: null, usage: one.task.usage, spent: null };
    await stub.taskProgress({ taskId: one.task.id, ...words, openCalls: late });
    const asked = other.ask(1);
    expect(
      await Promise.race([asked, stub.taskProgress({ taskId: 'none', ...words, openCalls: late })]),
    ).toBe(undefined);
    await one.end(0, 1);
    expect(await asked).toBe('ok');
  });

  it('goes on at once for a task that asks for more while one of its calls ends', async () => {
    const { tasks } = await personWith(10, 1);
    const [task] = tasks;
    await task?.ask(10);
    const asked = task?.ask(1);
    const begun = Date.now();
    await task?.end(10, 1);
    expect(await asked).toBe('ok');
    expect(Date.now() - begun).toBeLessThan(10_000);
  });

  it('is passed by no more than one call, by 50 tasks with four calls each at once', async () => {
    const { tasks } = await personWith(5, 50);
    let dearest = 0;
    const call = async (task: Tasks[number], worst: number) => {
      if ((await task.ask(worst)) !== 'ok') return;
      dearest = Math.max(dearest, worst);
      await task.end(worst, worst);
    };
    await Promise.all(
      tasks.map(async (task, place) => {
        for (let number = 0; number < 4; number++)
          await call(task, 0.1 + ((place + number) % 5) / 10);
      }),
    );
    const spent = tasks.reduce((sum, { cost }) => sum + cost(), 0);
    expect(spent).toBeGreaterThanOrEqual(5);
    expect(spent).toBeLessThan(5 + dearest);
  });
});
