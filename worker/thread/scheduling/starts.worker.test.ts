import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../../protocol/settings.ts';
import { REPOSITORY } from '../testing/facts.ts';
import { fakeModel } from '../testing/fake-model.ts';
import { answer, says } from '../testing/model-answers.ts';
import { type FakeTasks, type OpenThread, fakeTasks, openThread } from '../testing/open-thread.ts';

const startTask = (title: string) => ({
  id: `toolu_${ulid()}`,
  name: 'start_task',
  input: { repository: REPOSITORY.name, title, prompt: 'Do it.' },
});

/** A person whose model starts these tasks in one answer. */
async function starting(titles: readonly string[], tasks: FakeTasks, parallel?: number) {
  const { model } = fakeModel((_, number) =>
    number === 1 ? answer(titles.map(startTask)) : says('They are under way.'),
  );
  const thread = await openThread({ model, task: tasks.task });
  const page = await thread.page();
  if (parallel !== undefined) {
    const limits = { ...DEFAULT_SETTINGS.limits, parallel };
    const id = ulid();
    page.send({ type: 'change_settings', id, change: { is: 'limits', limits } });
    await page.first('ack', (ack) => ack.id === id);
  }
  page.send({ type: 'send', id: ulid(), text: 'Please' });
  return { thread, page };
}

/** Tasks whose objects cannot be reached while `away` says so. */
function sometimesAway(): FakeTasks & { away: boolean; tried: number } {
  const tasks = fakeTasks();
  const fakes = { ...tasks, away: true, tried: 0 };
  fakes.task = (personId, taskId) => {
    const task = tasks.task(personId, taskId);
    return {
      ...task,
      create: (spec, slot) => {
        fakes.tried += 1;
        if (fakes.away) return Promise.reject(new Error('away'));
        return task.create(spec, slot);
      },
    };
  };
  return fakes;
}

const startsOf = ({ stub }: OpenThread) =>
  runInDurableObject(stub, (_, { storage }) =>
    storage.sql.exec<{ state: string; tries: number }>('SELECT state, tries FROM starts').toArray(),
  );

describe('a task that is started', () => {
  it('has its slot from the beginning where one is free, and waits in order where none is', async () => {
    const tasks = fakeTasks();
    const { page } = await starting(['a', 'b', 'c', 'd'], tasks, 2);
    const { taskIds } = await page.ended(1);
    await expect.poll(() => tasks.created.length).toBe(4);
    expect(tasks.granted.toSorted()).toEqual(taskIds.slice(0, 2));
    expect(tasks.told).toEqual([]);
    const queues = page
      .entries()
      .flatMap(({ change }) => (change.type === 'queue' ? [change.queue] : []));
    // One change for all of them, and never a word of a place that was none.
    expect(queues.map((queue) => queue.map(({ taskId }) => taskId))).toEqual([taskIds.slice(2)]);
  });

  it('is written down with its place, its card and the call’s result in one step', async () => {
    const tasks = sometimesAway();
    const { thread, page } = await starting(['a'], tasks);
    const { taskIds, text } = await page.ended(1);
    expect(text).toBe('They are under way.');
    const kept = await runInDurableObject(thread.stub, (_, { storage }) => ({
      line: storage.sql.exec('SELECT id FROM tasks').toArray(),
      slot: storage.sql.exec('SELECT task_id AS id FROM slots').toArray(),
      start: storage.sql.exec('SELECT task_id AS id FROM starts').toArray(),
      result: storage.sql.exec<{ result: string }>('SELECT result FROM tool_calls').toArray(),
    }));
    const [id] = taskIds;
    expect(kept).toMatchObject({ line: [{ id }], slot: [{ id }], start: [{ id }] });
    expect(kept.result).toMatchObject([{ result: expect.stringContaining(id ?? '') }]);
  });

  it('is handed to its object by the alarm when that could not be reached', async () => {
    const tasks = sometimesAway();
    const { thread, page } = await starting(['a'], tasks);
    const { taskIds } = await page.ended(1);
    await expect.poll(() => startsOf(thread)).toMatchObject([{ state: 'wanted', tries: 1 }]);
    tasks.away = false;
    await runInDurableObject(thread.stub, (_, { storage }) => {
      storage.sql.exec('UPDATE starts SET due_at = 0');
    });
    expect(await runDurableObjectAlarm(thread.stub)).toBe(true);
    await expect.poll(() => tasks.created.map(({ taskId }) => taskId)).toEqual(taskIds);
    // Its slot was granted meanwhile, and goes with it.
    expect(tasks.granted).toEqual(taskIds);
    await expect.poll(() => startsOf(thread)).toMatchObject([{ state: 'created' }]);
  });

  it('is handed over at once by the object’s next life', async () => {
    const tasks = sometimesAway();
    const { thread, page } = await starting(['a'], tasks);
    const { taskIds } = await page.ended(1);
    await expect.poll(() => startsOf(thread)).toMatchObject([{ tries: 1 }]);
    tasks.away = false;
    await thread.crash();
    await runDurableObjectAlarm(thread.stub);
    await expect.poll(() => tasks.created.map(({ taskId }) => taskId)).toEqual(taskIds);
  });

  it('is created before anything is asked of it', async () => {
    const tasks = sometimesAway();
    const { page, thread } = await starting(['a'], tasks);
    const [taskId = ''] = (await page.ended(1)).taskIds;
    await expect.poll(() => startsOf(thread)).toMatchObject([{ tries: 1 }]);
    tasks.away = false;
    const id = ulid();
    const command = { do: 'message', text: 'Use tabs', when: 'now' } as const;
    page.send({ type: 'task', id, taskId, command });
    await page.first('ack', (ack) => ack.id === id);
    expect(tasks.created).toHaveLength(1);
    expect(tasks.asked.map(({ command: asked }) => asked)).toEqual([command]);
  });

  it('is told as failed after many tries, gives its slot back, and begins again with Retry', async () => {
    const tasks = sometimesAway();
    const { page, thread } = await starting(['a'], tasks);
    const [taskId = ''] = (await page.ended(1)).taskIds;
    await expect.poll(() => startsOf(thread)).toMatchObject([{ tries: 1 }]);
    await runInDurableObject(thread.stub, (_, { storage }) => {
      storage.sql.exec('UPDATE starts SET tries = 14, due_at = 0');
    });
    await runDurableObjectAlarm(thread.stub);
    const failed = await page.until(
      () =>
        page
          .entries()
          .find(({ change }) => change.type === 'task' && change.task.status === 'Failed') ?? null,
      'the failure',
    );
    expect(failed.change).toMatchObject({ task: { note: /Retry/ } });
    expect((await page.ended(2)).text).not.toBe('');
    const slots = () =>
      runInDurableObject(thread.stub, (_, { storage }) =>
        storage.sql.exec('SELECT task_id FROM slots').toArray(),
      );
    expect(await slots()).toEqual([]);
    tasks.away = false;
    const id = ulid();
    page.send({ type: 'task', id, taskId, command: { do: 'retry', from: 'checkpoint' } });
    await page.first('ack', (ack) => ack.id === id);
    expect(tasks.created.map((spec) => spec.taskId)).toEqual([taskId]);
    await expect.poll(slots).toHaveLength(1);
  });
});

describe('a hundred tasks asked for in one message', () => {
  it('begin in one answer, in parallel, while the conversation answers', async () => {
    const tasks = fakeTasks();
    const slow = tasks.task;
    // As far away as objects elsewhere are.
    tasks.task = (personId, taskId) => {
      const task = slow(personId, taskId);
      return {
        ...task,
        create: async (spec, slot) => {
          await new Promise((resolve) => setTimeout(resolve, 40));
          return task.create(spec, slot);
        },
      };
    };
    const titles = Array.from({ length: 100 }, (_, at) => `Task ${at + 1}`);
    const begun = performance.now();
    const { page } = await starting(titles, tasks);
    const { taskIds, text } = await page.ended(1);
    await expect.poll(() => tasks.created.length, { timeout: 10_000 }).toBe(100);
    const tookMs = performance.now() - begun;
    expect(text).toBe('They are under way.');
    expect(new Set(taskIds).size).toBe(100);
    expect(tasks.created.map(({ title }) => title).toSorted()).toEqual(titles.toSorted());
    // One after the other they would take four seconds for their objects alone.
    expect(tookMs).toBeLessThan(4_000);
    // The queue is told once, not a hundred times.
    const queues = page.entries().filter(({ change }) => change.type === 'queue');
    expect(queues).toHaveLength(1);
    expect(queues[0]?.change).toMatchObject({
      queue: taskIds.slice(DEFAULT_SETTINGS.limits.parallel).map((taskId) => ({ taskId })),
    });
  });
});
