import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import { InboxItem } from '../../../protocol/inbox.ts';
import { TaskSummary } from '../../../protocol/task.ts';
import { SetAside } from '../../platform/set-aside.ts';
import type { TaskState } from '../../tasks/lifecycle/state.ts';
import { type Decision, DecisionStore } from '../../tasks/storage/decisions.ts';
import { NOW, STATES, recordIn, taskSpec } from '../../tasks/testing/records.ts';
import { PLAIN_REVIEW, summaryOf } from '../testing/facts.ts';
import { type OpenThread, openThread } from '../testing/open-thread.ts';
import { DEAF, surroundTask, taskStub } from '../testing/real-tasks.ts';
import { itemRepairs } from './items.ts';
import { SlotStore } from './slot-store.ts';
import { type SlotRow, disagreements } from './slots.ts';

const HOUR_MS = 3_600_000;
const PLAN = {
  id: ulid(),
  text: '# Plan',
  hash: 'a'.repeat(64),
  round: 1,
  previous: null,
  alternatives: [],
};
const ROWS = ['none', 'waiting', 'granted', 'taken'] as const;

const QUESTION_ID = ulid();

/** The same state with its times an hour from now, so that nothing in it is due, and its question. */
function later(state: TaskState): TaskState {
  return JSON.parse(JSON.stringify(state), (key, value: unknown) => {
    if (key === 'questionId') return QUESTION_ID;
    return typeof value === 'number' && value > NOW / 2
      ? value - NOW + Date.now() + HOUR_MS
      : value;
  });
}

/** The question that a task waits for, and a plan that was presented before it. */
const DECISIONS: Decision[] = [
  {
    id: QUESTION_ID,
    toolUseId: 'call-1',
    body: { is: 'question', questions: [] },
    outcome: null,
  },
  {
    id: PLAN.id,
    toolUseId: 'call-2',
    body: { is: 'plan', plan: PLAN },
    outcome: null,
  },
];

async function createTask({ personId }: OpenThread, state: TaskState, stopping: boolean) {
  const taskId = ulid();
  const stub = taskStub(personId, taskId);
  await surroundTask(stub, () => DEAF);
  await stub.create(taskSpec({ personId, taskId }));
  await expect.poll(async () => (await stub.standing())?.told).toBe(true);
  await runInDurableObject(stub, (_, { storage }) => {
    storage.kv.put('record', recordIn(later(state), { attempt: 1, generation: 0 }));
    const decisions = new DecisionStore(storage, new SetAside(storage));
    for (const decision of DECISIONS) decisions.put(decision);
    if (!stopping) return;
    const body = JSON.stringify({ do: 'stop_sandbox', generation: 1 });
    storage.sql.exec(
      'INSERT INTO intents VALUES (?, ?, 0, ?)',
      'stop:1',
      body,
      Date.now() + HOUR_MS,
    );
  });
  return { taskId, stub };
}

/** Puts a task's summary and its slot into the conversation as they shall be, with no word about it. */
async function plant(
  { stub }: OpenThread,
  summary: TaskSummary,
  slot: (typeof ROWS)[number],
  items: readonly InboxItem[] = [],
): Promise<void> {
  await runInDurableObject(stub, (_, { storage }) => {
    const open = ['Done', 'Failed', 'Cancelled'].includes(summary.status) ? 0 : 1;
    storage.sql.exec(
      'INSERT OR REPLACE INTO tasks VALUES (?, ?, ?, 1, ?)',
      summary.id,
      summary.createdAt,
      open,
      JSON.stringify(summary),
    );
    for (const item of items) {
      const body = JSON.stringify(item);
      storage.sql.exec('INSERT INTO inbox VALUES (?, ?, 1, ?)', item.id, summary.id, body);
    }
    const slots = new SlotStore(storage, new SetAside(storage));
    if (slot === 'none') return;
    slots.join(summary.id, { attempt: 1, ahead: false, after: null });
    if (slot === 'granted') slots.grant(summary.id);
    if (slot === 'taken') slots.put(summary.id, 'taken', 1);
  });
}

/** What the conversation has of a task now. */
function known(
  { stub }: OpenThread,
  taskId: string,
): Promise<{ summary: TaskSummary; slot: SlotRow | null; items: InboxItem[] }> {
  return runInDurableObject(stub, (_, { storage }) => {
    const [row] = storage.sql.exec<{ body: string }>('SELECT body FROM tasks WHERE id = ?', taskId);
    const summary = TaskSummary.parse(JSON.parse(row?.body ?? '{}'));
    const items = storage.sql
      .exec<{ body: string }>('SELECT body FROM inbox WHERE task_id = ? ORDER BY id', taskId)
      .toArray()
      .map(({ body }) => InboxItem.parse(JSON.parse(body)));
    return { summary, slot: new SlotStore(storage, new SetAside(storage)).row(taskId), items };
  });
}

async function differences(thread: OpenThread, taskId: string): Promise<string[]> {
  const { summary, slot, items } = await known(thread, taskId);
  const standing = await taskStub(thread.personId, taskId).standing();
  const shown = itemRepairs(items, standing?.waitsFor ?? null);
  return [
    ...disagreements(
      { status: summary.status, attempt: summary.attempt, slot },
      standing === null ? null : { ...standing.summary, slot: standing.slot },
    ),
    ...(shown.open ? ['open_item'] : []),
    ...shown.settle.map(({ kind }) => `settle ${kind}`),
  ];
}

/** Items of every kind for which no task here waits: of another question, plan, day and pull request. */
function strays({ id: taskId, title, repository }: TaskSummary): InboxItem[] {
  const base = () => ({ id: ulid(), taskId, title, repository, at: NOW, outcome: null });
  return [
    { ...base(), kind: 'question', questionId: ulid(), questions: [] },
    { ...base(), kind: 'plan', plan: { ...PLAN, id: ulid() } },
    { ...base(), kind: 'budget', scope: 'day', limit: 1, used: 1 },
    { ...base(), kind: 'word' },
    { ...base(), ...PLAIN_REVIEW },
  ];
}

describe('one alarm after a start', () => {
  const states: [string, TaskState][] = [
    ...Object.entries(STATES),
    [
      'planned',
      { is: 'waiting', what: { for: 'approval', planId: PLAN.id }, sandbox: { is: 'gone' } },
    ],
  ];
  /** What is there of the task's inbox and its sandboxes. */
  const around = [
    { name: 'with no item', stopping: false, stray: false },
    { name: 'with no item, stopping', stopping: true, stray: false },
    { name: 'with items of before', stopping: false, stray: true },
  ];

  it.each(ROWS)(
    'mends every task whose slot is %s here and anything there',
    { timeout: 120_000 },
    async (row) => {
      const thread = await openThread({ task: taskStub });
      const planted = await Promise.all(
        states.flatMap(([name, state]) =>
          // One that is granted a slot meanwhile tells so, and its items are compared by the next look.
          around
            .slice(0, name === 'in_line' ? 2 : 3)
            .map(async ({ name: how, stopping, stray }) => {
              const { taskId, stub } = await createTask(thread, state, stopping);
              await surroundTask(stub, () => thread.stub);
              const summary = await stub.summary();
              if (summary === null) throw new Error('The task is not there.');
              await plant(thread, summary, row, stray ? strays(summary) : []);
              return { name: `${name} ${how}`, taskId };
            }),
        ),
      );
      const wrong = await Promise.all(planted.map(({ taskId }) => differences(thread, taskId)));
      expect(wrong.filter((repairs) => repairs.length > 0).length).toBeGreaterThan(10);
      expect(wrong.filter((repairs) => repairs.includes('open_item')).length).toBeGreaterThan(10);
      expect(wrong.filter((repairs) => repairs.includes('settle plan')).length).toBeGreaterThan(10);
      await thread.crash();
      await runDurableObjectAlarm(thread.stub);
      const left = async () => {
        const all = planted.map(async ({ name, taskId }) => ({
          name,
          repairs: await differences(thread, taskId),
        }));
        return (await Promise.all(all)).filter(({ repairs }) => repairs.length > 0);
      };
      await expect.poll(left, { timeout: 20_000 }).toEqual([]);
    },
  );

  it.each(ROWS)(
    'has a task whose object is empty created again: its slot is %s here',
    async (row) => {
      const thread = await openThread({ task: taskStub });
      const spec = taskSpec({ personId: thread.personId, taskId: ulid() });
      await surroundTask(taskStub(thread.personId, spec.taskId), () => thread.stub);
      await plant(thread, summaryOf({ id: spec.taskId, status: 'Working' }), row);
      await runInDurableObject(thread.stub, (_, { storage }) => {
        storage.sql.exec(
          `INSERT INTO starts VALUES (?, ?, 'created', 0, 0)`,
          spec.taskId,
          JSON.stringify(spec),
        );
      });
      await thread.crash();
      await runDurableObjectAlarm(thread.stub);
      await expect
        .poll(async () => (await taskStub(thread.personId, spec.taskId).standing())?.slot)
        .toBe('taken');
      await expect.poll(() => differences(thread, spec.taskId)).toEqual([]);
    },
  );

  it('tells the person of a task that nobody has any more', async () => {
    const thread = await openThread({ task: taskStub });
    const summary = summaryOf({ id: ulid(), status: 'Working' });
    await plant(thread, summary, 'taken');
    await thread.crash();
    await runDurableObjectAlarm(thread.stub);
    await expect
      .poll(() => known(thread, summary.id))
      .toMatchObject({ summary: { status: 'Failed', note: /is lost/ }, slot: null });
    const { snapshot } = await (await thread.page()).first('snapshot');
    expect(snapshot.inbox).toMatchObject([{ kind: 'failure', taskId: summary.id }]);
  });

  it('shows a review once more only where it was not put aside', async () => {
    const thread = await openThread({ task: taskStub });
    const { taskId, stub } = await createTask(thread, STATES.in_review, false);
    await surroundTask(stub, () => thread.stub);
    const summary = await stub.summary();
    if (summary === null) throw new Error('The task is not there.');
    await plant(thread, summary, 'none');
    await thread.crash();
    await runDurableObjectAlarm(thread.stub);
    const items = async () => (await known(thread, taskId)).items;
    await expect.poll(items).toMatchObject([{ kind: 'review', outcome: null }]);
    const page = await thread.page();
    const itemId = (await items())[0]?.id ?? '';
    page.send({ type: 'dismiss', id: ulid(), itemId });
    await expect.poll(items).toMatchObject([{ outcome: { text: 'Dismissed' } }]);
    await thread.crash();
    await runDurableObjectAlarm(thread.stub);
    expect(await differences(thread, taskId)).toEqual([]);
    expect(await items()).toHaveLength(1);
  });

  it('takes a summary that says something else than its task', async () => {
    const thread = await openThread({ task: taskStub });
    const { taskId, stub } = await createTask(thread, STATES.in_review, false);
    await surroundTask(stub, () => thread.stub);
    await plant(thread, summaryOf({ id: taskId, status: 'Working' }), 'taken');
    await thread.crash();
    await runDurableObjectAlarm(thread.stub);
    await expect
      .poll(() => known(thread, taskId))
      .toMatchObject({ summary: { status: 'In review', pullRequest: { number: 7 } }, slot: null });
  });
});

describe('an idle person', () => {
  const alarmOf = (thread: OpenThread) =>
    runInDurableObject(thread.stub, async (_, { storage }) => {
      storage.sql.exec('DELETE FROM history_outbox');
      return storage.getAlarm();
    });

  it('has no timer: nothing is open, and nothing waits', async () => {
    const thread = await openThread({ task: taskStub });
    const page = await thread.page();
    page.send({ type: 'send', id: ulid(), text: 'Hello' });
    await page.ended(1);
    await alarmOf(thread);
    // What is set for the reply finds nothing left to do.
    await runDurableObjectAlarm(thread.stub);
    await expect.poll(() => alarmOf(thread)).toBeNull();
  });

  it('has one once a task is open', async () => {
    const thread = await openThread({ task: taskStub });
    const { taskId, stub } = await createTask(thread, STATES.working, false);
    await surroundTask(stub, () => thread.stub);
    await plant(thread, summaryOf({ id: taskId, status: 'Working' }), 'taken');
    await thread.crash();
    await expect.poll(() => alarmOf(thread)).not.toBeNull();
    await runDurableObjectAlarm(thread.stub);
    await expect
      .poll(async () => (await alarmOf(thread)) ?? 0)
      .toBeGreaterThan(Date.now() + 30_000);
  });
});
