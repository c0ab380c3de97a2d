import { runInDurableObject } from 'cloudflare:test';
import { afterEach, expect, it } from 'vitest';
import { emptyTask, deliveredTask, silenceTasks, startedTask } from './testing/open-task.ts';

afterEach(silenceTasks);

it('a task says whether it should have a sandbox, and whether one answers', async () => {
  const task = await startedTask();
  task.fakes.alive = true;
  expect(await task.stub.vitals()).toMatchObject({ sandbox: 'there', pushedAt: null });
  task.fakes.alive = false;
  expect(await task.stub.vitals()).toMatchObject({ sandbox: 'missing' });
});

it('a task needs none once its work is delivered, and says when that was', async () => {
  const task = await deliveredTask();
  await task.stub.advance(1, 2);
  expect(await task.stub.vitals()).toMatchObject({
    sandbox: 'none',
    pushedAt: expect.any(Number),
    ended: null,
    history: { behindSince: null },
    setAside: 0,
  });
});

it('what it has to do outside is told while it is tried in vain', async () => {
  const task = await startedTask();
  await runInDurableObject(task.stub, (_, { storage }) => {
    storage.sql.exec(
      'INSERT INTO intents (key, body, tries, due_at) VALUES (?, ?, 2, ?)',
      'stop:9',
      JSON.stringify({ do: 'stop_sandbox', generation: 9, since: 5 }),
      Date.now() + 60_000,
    );
  });
  expect(await task.stub.vitals()).toMatchObject({
    effect: { what: 'stop_sandbox', since: 5, tries: 2 },
  });
});

it('nobody’s task has none', async () => {
  const task = await emptyTask();
  expect(await task.stub.vitals()).toBeNull();
});
