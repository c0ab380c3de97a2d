import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { ulid } from 'ulid';
import { expect, it, vi } from 'vitest';
import { HealthReport } from '../../../protocol/health.ts';
import { app } from '../../app.ts';
import { fakePostgres } from '../../history/testing/fake-postgres.ts';
import type { TaskVitals } from '../../tasks/api.ts';
import type { ThreadPorts } from '../ports.ts';
import { QUIET, summaryOf } from '../testing/facts.ts';
import { fakeModel } from '../testing/fake-model.ts';
import { says } from '../testing/model-answers.ts';
import { type OpenThread, fakeTasks, openThread } from '../testing/open-thread.ts';

const VITALS: TaskVitals = {
  history: { rows: 0, behindSince: null },
  effect: null,
  ended: null,
  setAside: 0,
  sandbox: 'none',
  pushedAt: null,
};
const WEBHOOKS = { configured: true, lastAt: null, unsigned: [] as number[] };

/** A conversation with one open task that says of itself what is set here. */
async function watched() {
  const vitals = { ...VITALS };
  const webhooks = { ...WEBHOOKS };
  const tasks = fakeTasks({ vitals: async () => ({ ...vitals }) });
  const ports: Partial<ThreadPorts> = { task: tasks.task, webhooks: async () => ({ ...webhooks }) };
  const thread = await openThread({ ...ports, history: fakePostgres().open });
  await thread.stub.taskReport({ ...QUIET, number: 1, task: summaryOf({ status: 'Working' }) });
  return { thread, vitals, webhooks };
}

const alerts = async (thread: OpenThread) => {
  const page = await thread.page();
  const { snapshot } = await page.first('snapshot');
  page.close();
  return snapshot.inbox.flatMap((item) =>
    item.kind === 'alert' ? [{ about: item.about, outcome: item.outcome?.text ?? null }] : [],
  );
};

it('a row that was set aside is told', async () => {
  const { thread, vitals } = await watched();
  await thread.stub.checks();
  expect(await alerts(thread)).toEqual([]);
  vitals.setAside = 1;
  await thread.stub.checks();
  expect(await alerts(thread)).toEqual([{ about: 'set_aside', outcome: null }]);
  vitals.setAside = 0;
  await thread.stub.checks();
  expect(await alerts(thread)).toEqual([{ about: 'set_aside', outcome: 'Works again' }]);
});

it('an effect that was given up is told, and goes once the same succeeds', async () => {
  const { thread, vitals } = await watched();
  vitals.ended = { at: Date.now(), text: 'Its sandbox could not be stopped: it does not answer.' };
  await thread.stub.checks();
  expect(await alerts(thread)).toEqual([{ about: 'effects', outcome: null }]);
  vitals.ended = null;
  await thread.stub.checks();
  expect(await alerts(thread)).toEqual([{ about: 'effects', outcome: 'Works again' }]);
});

it('what a task that ended long ago gave up is told by its own report', async () => {
  const vitals = { ...VITALS, ended: { at: Date.now(), text: 'It could not be closed.' } };
  const tasks = fakeTasks({ vitals: async () => vitals });
  const thread = await openThread({ task: tasks.task, history: fakePostgres().open });
  const task = summaryOf({ status: 'Done', endedAt: 1 });
  await thread.stub.taskReport({ ...QUIET, number: 1, task });
  expect(await alerts(thread)).toEqual([]);
  const notice = { is: 'not_done', reason: vitals.ended.text } as const;
  await thread.stub.taskReport({ ...QUIET, number: 2, task, notice });
  await expect.poll(() => alerts(thread)).toEqual([{ about: 'effects', outcome: null }]);
});

it('a model that fails three times in a row is told, and goes with its next answer', async () => {
  let isDown = true;
  const { model } = fakeModel(() =>
    isDown ? new Response('{"error":{"type":"x","message":"x"}}', { status: 401 }) : says('Hello.'),
  );
  const thread = await openThread({ model, history: fakePostgres().open });
  const page = await thread.page();
  const hello = async (number: number) => {
    page.send({ type: 'send', id: ulid(), text: 'Hello' });
    await page.ended(number);
  };
  for (const number of [1, 2, 3]) await hello(number);
  await expect.poll(() => alerts(thread)).toEqual([{ about: 'model', outcome: null }]);
  isDown = false;
  await hello(4);
  await expect.poll(() => alerts(thread)).toEqual([{ about: 'model', outcome: 'Works again' }]);
  page.close();
});

it('a sandbox that is missing for five minutes is told, and goes when it is there', async () => {
  const { thread, vitals } = await watched();
  vitals.sandbox = 'missing';
  await thread.stub.checks();
  const later = Date.now() + 6 * 60_000;
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => later);
  try {
    await thread.stub.checks();
    expect(await alerts(thread)).toEqual([{ about: 'sandboxes', outcome: null }]);
    vitals.sandbox = 'there';
    await thread.stub.checks();
    expect(await alerts(thread)).toEqual([{ about: 'sandboxes', outcome: 'Works again' }]);
  } finally {
    clock.mockRestore();
  }
});

it('webhooks with a wrong signature are told, and go with the next good one', async () => {
  const { thread, webhooks } = await watched();
  const now = Date.now();
  webhooks.unsigned = [now - 3, now - 2, now - 1];
  await thread.stub.checks();
  expect(await alerts(thread)).toEqual([{ about: 'webhooks', outcome: null }]);
  Object.assign(webhooks, { lastAt: now });
  await thread.stub.checks();
  expect(await alerts(thread)).toEqual([{ about: 'webhooks', outcome: 'Works again' }]);
});

it('a sandbox that is not there for a moment is no alert yet', async () => {
  const { thread, vitals } = await watched();
  vitals.sandbox = 'missing';
  const checks = await thread.stub.checks();
  expect(checks.find(({ name }) => name === 'sandboxes')).toMatchObject({ state: 'warning' });
  expect(await alerts(thread)).toEqual([]);
});

it('Postgres that is away for long is told by the alarm alone, and goes when it is back', async () => {
  const postgres = fakePostgres();
  const { model } = fakeModel(() => says('Hello.'));
  const thread = await openThread({ model, history: postgres.open });
  postgres.before = async () => {
    throw new Error('connection refused');
  };
  const page = await thread.page();
  page.send({ type: 'send', id: ulid(), text: 'Hello' });
  await page.ended(1);
  const behind = () =>
    runInDurableObject(thread.stub, (_, { storage }) => storage.kv.get('history_behind_since'));
  await expect.poll(behind).toEqual(expect.any(Number));
  expect(await alerts(thread)).toEqual([]);
  // Eleven minutes pass.
  await runInDurableObject(thread.stub, (_, { storage }) =>
    storage.kv.put('history_behind_since', Date.now() - 11 * 60_000),
  );
  await runInDurableObject(thread.stub, (instance) => instance.alarm());
  await expect.poll(() => alerts(thread)).toEqual([{ about: 'history', outcome: null }]);
  const shown = await thread.stub.checks();
  expect(shown[0]).toMatchObject({ name: 'history', state: 'failing' });
  postgres.before = async () => {};
  await expect
    .poll(() => alerts(thread), { timeout: 20_000 })
    .toEqual([{ about: 'history', outcome: 'Works again' }]);
  // The alert itself is history, too.
  expect(postgres.kept().some(({ table }) => table === 'inbox_items')).toBe(true);
  page.close();
}, 30_000);

it('a person puts an alert aside', async () => {
  const { thread, vitals } = await watched();
  vitals.setAside = 1;
  await thread.stub.checks();
  const page = await thread.page();
  const [item] = (await page.first('snapshot')).snapshot.inbox;
  page.send({ type: 'dismiss', id: ulid(), itemId: item?.id ?? '' });
  await page.first('ack');
  await thread.stub.checks();
  expect(await alerts(thread)).toEqual([{ about: 'set_aside', outcome: 'Dismissed' }]);
  page.close();
});

it('GET /api/health says how everything is, and which versions answer', async () => {
  const ask = (path: string) => app.fetch(new Request(`http://127.0.0.1${path}`), env);
  const answer = HealthReport.parse(await (await ask('/api/health')).json());
  expect(answer.version).toMatchObject({ protocol: expect.any(Number), deployed: null });
  expect(answer.version.thread).toBeGreaterThan(3);
});
