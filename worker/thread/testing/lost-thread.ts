import { runInDurableObject } from 'cloudflare:test';
import { ulid } from 'ulid';
import { expect } from 'vitest';
import type { fakePostgres } from '../../history/testing/fake-postgres.ts';
import { fakeModel, holdAnswer, lastText } from './fake-model.ts';
import { callsTool, says } from './model-answers.ts';
import { type OpenThread, openThread } from './open-thread.ts';

const START = { repository: 'demo/tasks', title: 'Add a flag', prompt: 'Add it.', mode: 'direct' };

export type Postgres = ReturnType<typeof fakePostgres>;

/** A conversation in which a task was started, a limit set, and something said last. */
export async function conversation(postgres: Postgres): Promise<OpenThread> {
  const { model } = fakeModel((request) => {
    const said = lastText(request);
    if (said.includes('Start')) return callsTool(ulid(), 'start_task', START);
    if (said.includes('Hold') && !said.includes('another'))
      return holdAnswer('Once upon ').respond();
    return says(`You said something of ${said.length} letters.`);
  });
  const thread = await openThread({ model, history: postgres.open });
  const page = await thread.page();
  page.send({ type: 'send', id: ulid(), text: 'Start it' });
  await page.ended(1);
  const limits = { parallel: 3, taskBudget: null, dayBudget: 7, waitsForPlan: true };
  page.send({ type: 'change_settings', id: ulid(), change: { is: 'limits', limits } });
  page.send({ type: 'send', id: ulid(), text: 'Thank you' });
  await page.ended(2);
  page.close();
  return thread;
}

/** Who signed in there. */
export const person = ({ personId }: OpenThread) => ({
  id: personId,
  email: 'ada@example.com',
  expiresAt: null,
});

/** Waits until all that was written is in Postgres. */
export const drained = (thread: OpenThread) =>
  expect
    .poll(() =>
      runInDurableObject(
        thread.stub,
        (_, { storage }) =>
          storage.sql.exec('SELECT count(*) AS rows FROM history_outbox').one()['rows'],
      ),
    )
    .toBe(0);

/** Everything that the object holds is gone, as after the loss of its storage. */
export async function lose(thread: OpenThread): Promise<void> {
  await runInDurableObject(thread.stub, async (_, state) => {
    await state.storage.deleteAlarm();
    await state.storage.deleteAll();
    await state.storage.sync();
    state.abort('lost by the test');
  }).catch(() => {});
  await thread.surround();
}

/** What a page is given that comes with this cursor. */
export async function snapshotOf(thread: OpenThread, cursor: number | null = null) {
  const page = await thread.page(cursor);
  const { snapshot } = await page.first('snapshot');
  page.close();
  return snapshot;
}
