import { runInDurableObject } from 'cloudflare:test';
import { ulid } from 'ulid';
import { expect, it } from 'vitest';
import { QUIET, summaryOf } from '../testing/facts.ts';
import { fakeTasks, openThread } from '../testing/open-thread.ts';
import { dayOf } from './spending.ts';

const DAY_MS = 24 * 60 * 60_000;

it('what was spent is told by day, repository and model, the conversation’s own beside it', async () => {
  const tasks = fakeTasks();
  const thread = await openThread({ task: tasks.task });
  await thread.page();
  const now = Date.now();
  const [today, before, long] = [now, now - DAY_MS, now - 40 * DAY_MS].map(dayOf);
  if (today === undefined || before === undefined || long === undefined) throw new Error();
  let number = 0;
  const tell = async (model: 'opus' | 'haiku', day: string, cost: number) => {
    number += 1;
    const task = summaryOf({ id: ulid(), status: 'Done', model });
    await thread.stub.taskReport({ ...QUIET, number, task, spent: { day, cost } });
    return task;
  };
  const { repository, id } = await tell('opus', today, 1);
  await tell('opus', today, 2);
  await tell('haiku', before, 4);
  await tell('haiku', long, 8);
  await runInDurableObject(thread.stub, (_, { storage }) => {
    storage.sql.exec('INSERT INTO spending VALUES (?, ?, ?)', today, '', 16);
    storage.sql.exec('INSERT INTO spending VALUES (?, ?, ?)', today, 'gone', 32);
    storage.sql.exec("INSERT INTO spending VALUES (?, 'odd', 'much')", today);
    storage.sql.exec("UPDATE tasks SET body = 'no JSON' WHERE id = ?", id);
  });
  const own = { by: 'conversation', repository: null, model: null };
  expect(await thread.stub.spent(30)).toEqual({
    today,
    rows: [
      { day: before, by: 'tasks', repository, model: 'haiku', cost: 4 },
      { day: today, ...own, cost: 16 },
      // Of tasks that are gone, or cannot be read, the money is known and no more.
      { day: today, by: 'tasks', repository: null, model: null, cost: 33 },
      { day: today, by: 'tasks', repository, model: 'opus', cost: 2 },
    ],
  });
});
