import { runInDurableObject } from 'cloudflare:test';
import { afterEach, describe, expect, it } from 'vitest';
import {
  CANCEL,
  type OpenTask,
  RETRY,
  ask,
  silenceTasks,
  startedTask,
} from '../testing/open-task.ts';
import { asked, asks, itemsOf, plans } from '../testing/asking.ts';

afterEach(silenceTasks);

/** Another stretch of work, whose sandbox goes on from the same transcript. */
async function again({ stub }: OpenTask): Promise<void> {
  await ask(stub, CANCEL);
  await ask(stub, RETRY);
  await stub.advance(2, 1);
}

describe('what is asked again after its task was cancelled', () => {
  it('is shown once more, as the question that it was', async () => {
    const task = await asked();
    await again(task);
    await task.send(asks(1));
    expect(await task.stub.summary()).toMatchObject({ status: 'Needs answers' });
    const items = await itemsOf(task, 'question');
    expect(items).toMatchObject([{ questionId: task.questionId }, { questionId: task.questionId }]);
    expect(items[1]?.id).not.toBe(items[0]?.id);
    await task.send(asks(2));
    expect(await itemsOf(task, 'question')).toHaveLength(2);
    const answers = [{ chosen: ['CSV'], other: '' }];
    expect(await ask(task.stub, { do: 'answer', questionId: task.questionId, answers })).toEqual({
      is: 'done',
    });
  });

  it('is shown once more, as the plan that it was', async () => {
    const task = await startedTask();
    await task.send(plans(1, '# Export', 'plan-1'));
    await again(task);
    await task.send(plans(1, '# Export', 'plan-1'));
    const [first, second, ...more] = await itemsOf(task, 'plan');
    expect(second?.plan).toEqual(first?.plan);
    expect(more).toEqual([]);
  });
});

it('a question from before it was kept whether it is shown counts as shown', async () => {
  const task = await asked();
  await runInDurableObject(task.stub, (_, { storage }) =>
    storage.sql.exec("UPDATE decisions SET body = json_remove(body, '$.open')"),
  );
  await task.send(asks(3));
  expect(await itemsOf(task, 'question')).toHaveLength(1);
  await again(task);
  await task.send(asks(1));
  expect(await itemsOf(task, 'question')).toHaveLength(2);
});
