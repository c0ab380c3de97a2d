import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import type { TaskApi } from '../../tasks/api.ts';
import { fakeModel, lastText } from '../testing/fake-model.ts';
import { callsTool, says } from '../testing/model-answers.ts';
import { fakeTasks, openThread } from '../testing/open-thread.ts';

const START = { repository: 'demo/tasks', title: 'Add a flag', prompt: 'Add it.', mode: 'direct' };

/** A conversation that started a task whose object lost it. What it does on its next look at it. */
async function afterLoss(rebuild: TaskApi['rebuild']) {
  let asked = 0;
  const tasks = fakeTasks({
    standing: async () => null,
    rebuild: () => {
      asked++;
      return rebuild();
    },
  });
  const { model } = fakeModel((request) =>
    lastText(request) === 'Start' ? callsTool('toolu_1', 'start_task', START) : says('Done.'),
  );
  const thread = await openThread({ model, task: tasks.task });
  const page = await thread.page();
  page.send({ type: 'send', id: ulid(), text: 'Start' });
  await page.ended(1);
  await expect.poll(() => tasks.created.length).toBe(1);
  // The next life of the conversation asks its tasks how they stand.
  await thread.crash();
  const again = await thread.page();
  await expect.poll(() => asked).toBeGreaterThan(0);
  return {
    tasks,
    status: async () => (await (await thread.page()).first('snapshot')).snapshot.tasks[0]?.status,
    close: () => again.close(),
  };
}

describe('a task that lost everything', () => {
  it('is rebuilt where Postgres has it, and not begun anew', async () => {
    const lost = await afterLoss(async () => ({ is: 'rebuilt', text: 'Rebuilt.' }));
    expect(lost.tasks.created).toHaveLength(1);
    expect(await lost.status()).toBe('Queued');
    lost.close();
  });

  it('is neither begun anew nor given up while Postgres is away', async () => {
    const lost = await afterLoss(() => Promise.reject(new Error('connection refused')));
    expect(lost.tasks.created).toHaveLength(1);
    expect(await lost.status()).toBe('Queued');
    lost.close();
  });

  it('begins anew where Postgres has nothing of it', async () => {
    const lost = await afterLoss(async () => ({ is: 'nothing', text: 'Nothing is there.' }));
    await expect.poll(() => lost.tasks.created.length).toBe(2);
    expect(lost.tasks.created[1]).toEqual(lost.tasks.created[0]);
    lost.close();
  });
});
