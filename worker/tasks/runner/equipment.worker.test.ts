import { evictDurableObject } from 'cloudflare:test';
import { expect, it } from 'vitest';
import type { Equipment } from '../../../protocol/equipment.ts';
import { DEFAULT_REPOSITORY_SETTINGS } from '../../../protocol/settings.ts';
import { openThread } from '../../thread/testing/open-thread.ts';
import { CANCEL, type OpenTask, RETRY, ask, startedTask } from '../testing/open-task.ts';

const [BEGUN, WORKERS] = ['b'.repeat(40), 'f'.repeat(40)];
const EQUIPMENT: Equipment = {
  commit: BEGUN,
  isUsed: true,
  skills: ['release'],
  commands: [],
  agents: [],
  plugins: [],
  servers: ['tiny'],
  notes: [],
};
const event = (number: number, equipment: Equipment) =>
  ({ number, at: 1, body: { type: 'equipment', ...equipment } }) as const;
const equipmentOf = async ({ stub, pass }: OpenTask) => {
  const brief = await stub.brief(pass());
  return brief.is === 'ok' ? brief.value.equipment : brief;
};
const told = async ({ stub }: OpenTask) =>
  (await stub.events(0, 100)).filter(({ body }) => body.type === 'equipment');

it('a sandbox is told whether its repository is trusted, as it is set when it begins', async () => {
  const task = await startedTask();
  expect(await equipmentOf(task)).toEqual({ isTrusted: false, commit: null });
  task.fakes.settings = { ...task.fakes.settings, trusted: true };
  expect(await equipmentOf(task)).toEqual({ isTrusted: true, commit: null });
});

it('what the first sandbox read is shown, and the next ones read the same commit', async () => {
  const task = await startedTask();
  await task.send(event(1, EQUIPMENT));
  expect(await told(task)).toMatchObject([{ body: EQUIPMENT }]);
  expect((await task.stub.details())?.equipment).toEqual(EQUIPMENT);
  await ask(task.stub, CANCEL);
  await ask(task.stub, RETRY);
  await task.stub.advance(2, 1);
  expect(await equipmentOf(task)).toMatchObject({ commit: BEGUN });
  await task.send(event(1, { ...EQUIPMENT, commit: WORKERS }));
  expect(await equipmentOf(task)).toMatchObject({ commit: BEGUN });
});

it('a worker that has begun says nothing of it any more', async () => {
  const task = await startedTask();
  expect(await task.stub.admitModel(task.pass())).toMatchObject({ is: 'ok' });
  expect(await task.send(event(1, { ...EQUIPMENT, commit: WORKERS }))).toMatchObject({
    value: { stored: 1 },
  });
  expect(await told(task)).toEqual([]);
  expect(await equipmentOf(task)).toMatchObject({ commit: null });
});

it('that there is nothing is no line of the activity, and still says the commit', async () => {
  const task = await startedTask();
  await task.send(event(1, { ...EQUIPMENT, skills: [], servers: [] }));
  expect(await told(task)).toEqual([]);
  expect(await equipmentOf(task)).toMatchObject({ commit: BEGUN });
});

it('no sandbox begins while nobody knows whether its repository is trusted', async () => {
  const task = await startedTask();
  await evictDurableObject(task.stub);
  await task.surround();
  const { thread } = task.fakes.ports;
  task.fakes.ports.thread = (personId) => ({
    ...thread(personId),
    sandboxSettings: () => Promise.reject(new Error('away')),
  });
  // The runner asks again.
  expect(await equipmentOf(task)).toMatchObject({ is: 'refused', error: 'unavailable' });
  task.fakes.ports.thread = thread;
  expect(await equipmentOf(task)).toMatchObject({ isTrusted: false });
});

it('a repository is trusted once the person says so, and no other with it', async () => {
  const thread = await openThread();
  const page = await thread.page();
  expect((await thread.stub.sandboxSettings('acme/todo')).trusted).toBe(false);
  page.send({
    type: 'change_settings',
    id: '01JZZZZZZZZZZZZZZZZZZZ0002',
    change: {
      is: 'repository',
      repository: 'acme/todo',
      settings: { ...DEFAULT_REPOSITORY_SETTINGS, trusted: true },
    },
  });
  await page.first('ack');
  expect((await thread.stub.sandboxSettings('acme/todo')).trusted).toBe(true);
  expect((await thread.stub.sandboxSettings('acme/site')).trusted).toBe(false);
});
