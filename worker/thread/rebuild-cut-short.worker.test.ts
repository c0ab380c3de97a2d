import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { fakePostgres } from '../history/testing/fake-postgres.ts';
import { conversation, drained, lose, person, snapshotOf } from './testing/lost-thread.ts';

describe('a rebuild that is cut short', () => {
  it('stays closed when Postgres goes away in the middle, and the next time goes on with it', async () => {
    const postgres = fakePostgres();
    const thread = await conversation(postgres);
    await drained(thread);
    const before = await snapshotOf(thread);
    await lose(thread);
    postgres.failsAt = 'inbox_items';
    await expect(
      runInDurableObject(thread.stub, (instance) => instance.rebuild(person(thread))),
    ).rejects.toThrow('connection reset');
    await thread.stub.signIn(person(thread));
    expect(await thread.stub.health()).toMatchObject({ closed: expect.stringMatching(/rebuilt/) });
    expect(await thread.stub.counts()).toBeNull();
    postgres.failsAt = null;
    expect(await thread.stub.rebuild(person(thread))).toMatchObject({ is: 'rebuilt' });
    expect((await snapshotOf(thread)).messages).toEqual(before.messages);
  });

  it('by a crash takes no task’s report into what is half there, and goes on by itself', async () => {
    const postgres = fakePostgres();
    const thread = await conversation(postgres);
    await drained(thread);
    const before = await snapshotOf(thread);
    await lose(thread);
    postgres.failsAt = 'thread_tasks';
    await expect(
      runInDurableObject(thread.stub, (instance) => instance.rebuild(person(thread))),
    ).rejects.toThrow('connection reset');
    await thread.crash();
    const [task] = before.tasks;
    if (task === undefined) throw new Error('No task was started.');
    const report = {
      number: 99,
      task: { ...task, status: 'Done' as const },
      slot: 'none' as const,
      spent: { day: '2026-11-02', cost: 1 },
      inbox: null,
      notice: null,
    };
    expect(await thread.stub.taskReport(report)).toBe('closed');
    // Postgres is still away: it is tried again, and again after that.
    expect(await runDurableObjectAlarm(thread.stub)).toBe(true);
    expect(await thread.stub.counts()).toBeNull();
    postgres.failsAt = null;
    expect(await runDurableObjectAlarm(thread.stub)).toBe(true);
    const { seq: _, ...after } = await snapshotOf(thread);
    const { seq: __, ...whole } = before;
    expect(after).toEqual(whole);
    expect(await thread.stub.health()).toMatchObject({ closed: null });
  });

  it('is one with the rebuild that is asked for meanwhile', async () => {
    const postgres = fakePostgres();
    const thread = await conversation(postgres);
    await drained(thread);
    await lose(thread);
    const answers = await runInDurableObject(thread.stub, (instance) =>
      Promise.all([instance.rebuild(person(thread)), instance.rebuild(person(thread))]),
    );
    expect(answers[0]).toMatchObject({ is: 'rebuilt' });
    expect(answers[1]).toEqual(answers[0]);
  });
});
