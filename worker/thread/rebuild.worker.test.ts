import { runInDurableObject } from 'cloudflare:test';
import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import { fakePostgres } from '../history/testing/fake-postgres.ts';
import {
  type Postgres,
  conversation,
  drained,
  lose,
  person,
  snapshotOf,
} from './testing/lost-thread.ts';
import { type OpenThread, openThread } from './testing/open-thread.ts';

/** The last four messages. */
async function lastOnes(thread: OpenThread) {
  const { messages } = await snapshotOf(thread);
  return messages.slice(-4).map(({ from, text }) => [from, text]);
}

describe('a conversation that lost everything', () => {
  it('is rebuilt from Postgres as it was, and says what may be missing', async () => {
    const postgres = fakePostgres();
    const thread = await conversation(postgres);
    await drained(thread);
    const { seq, ...before } = await snapshotOf(thread);
    expect([before.messages.length, before.tasks.length]).toEqual([4, 1]);
    await lose(thread);
    const answer = await thread.stub.rebuild(person(thread));
    expect(answer).toMatchObject({ is: 'rebuilt' });
    expect(answer.text).toMatch(/4 messages, 1 task and 0 inbox items.*is missing/);
    const { seq: later, ...after } = await snapshotOf(thread);
    expect(after).toEqual(before);
    expect(later).toBeGreaterThan(seq);
    // A page that had seen all of it gets all of it anew.
    expect((await snapshotOf(thread, seq)).messages).toEqual(before.messages);
  });

  it('goes on: what is said then is newer in Postgres than all before', async () => {
    const postgres = fakePostgres();
    const thread = await conversation(postgres);
    await drained(thread);
    await lose(thread);
    await thread.stub.rebuild(person(thread));
    const page = await thread.page();
    const before = postgres.batches.flat().map(({ epoch }) => epoch);
    const id = ulid();
    page.send({ type: 'send', id, text: 'Are you back?' });
    await page.ended(3);
    page.close();
    await drained(thread);
    const said = postgres.batches.flat().findLast(({ row }) => row.table === 'messages');
    expect(said?.epoch).toBeGreaterThan(Math.max(...before.slice(0, 5)));
    await lose(thread);
    await thread.stub.rebuild(person(thread));
    const { messages } = await snapshotOf(thread);
    expect(messages).toHaveLength(6);
    expect(messages.map((message) => message.id)).toContain(id);
  });

  it('shows a reply that was being written as cut, and answers what was not answered', async () => {
    const postgres = fakePostgres();
    const thread = await conversation(postgres);
    const page = await thread.page();
    page.send({ type: 'send', id: ulid(), text: 'Hold on' });
    await page.first('delta');
    page.send({ type: 'send', id: ulid(), text: 'And another thing' });
    await expect.poll(() => page.messages().at(-1)?.text).toBe('And another thing');
    await drained(thread);
    await lose(thread);
    await thread.stub.rebuild(person(thread));
    const again = await thread.page();
    await expect
      .poll(async () => lastOnes(thread))
      .toEqual([
        ['person', 'Hold on'],
        ['mainloop', expect.any(String)],
        ['person', 'And another thing'],
        ['mainloop', expect.stringContaining('You said')],
      ]);
    const reply = (await snapshotOf(thread)).messages.at(-3);
    expect(reply).toMatchObject({ state: { is: 'cut', why: 'restarted' } });
    for (const client of [page, again]) client.close();
  });

  it('takes what a page sends again for what it has, and answers it once', async () => {
    const postgres = fakePostgres();
    const thread = await conversation(postgres);
    await drained(thread);
    const before = await snapshotOf(thread);
    const said = before.messages.find(({ from }) => from === 'person');
    if (said === undefined) throw new Error('Nothing was said.');
    await lose(thread);
    await thread.stub.rebuild(person(thread));
    const page = await thread.page();
    page.send({ type: 'send', id: said.id, text: said.text });
    expect(await page.first('ack')).toMatchObject({ id: said.id, seq: said.seq });
    page.send({ type: 'send', id: ulid(), text: 'And then?' });
    await page.ended(3);
    page.close();
    const { messages } = await snapshotOf(thread);
    expect(messages.slice(0, 4)).toEqual(before.messages);
    expect(messages).toHaveLength(6);
  });

  it('is rebuilt though somebody signed in meanwhile and said nothing', async () => {
    const postgres = fakePostgres();
    const thread = await conversation(postgres);
    await drained(thread);
    const before = await snapshotOf(thread);
    await lose(thread);
    await thread.stub.signIn(person(thread));
    expect((await snapshotOf(thread)).messages).toEqual([]);
    expect(await thread.stub.rebuild(person(thread))).toMatchObject({ is: 'rebuilt' });
    expect((await snapshotOf(thread)).messages).toEqual(before.messages);
  });
});

describe('nothing is changed', () => {
  it('of a conversation that holds something', async () => {
    const postgres = fakePostgres();
    const thread = await conversation(postgres);
    const before = await snapshotOf(thread);
    const answer = await thread.stub.rebuild(person(thread));
    expect(answer).toMatchObject({ is: 'refused', text: expect.stringMatching(/not empty/) });
    expect(await snapshotOf(thread)).toEqual(before);
  });

  it('where there is no Postgres, or none that knows this person', async () => {
    await openThread({ history: fakePostgres().open }, async (stub, personId) => {
      const who = { id: personId, email: 'ada@example.com', expiresAt: null };
      expect(await stub.rebuild(who)).toMatchObject({ is: 'refused' });
      await runInDurableObject(stub, async (instance, { storage }) => {
        const ports = instance.ports();
        instance.ports = () => ({ ...ports, history: fakePostgres().open });
        expect([...storage.kv.list()]).toEqual([]);
      });
    });
    const thread = await openThread({ history: fakePostgres().open });
    expect(await thread.stub.rebuild(person(thread))).toMatchObject({ is: 'nothing' });
  });
});

describe('a refill', () => {
  const spent = async (postgres: Postgres, thread: OpenThread) => {
    const days = await postgres.open().read(thread.personId).spending();
    return days.reduce((sum, { cost }) => sum + cost, 0);
  };

  it('of an empty Postgres brings all that the conversation holds, and what each day cost', async () => {
    const postgres = fakePostgres();
    const thread = await conversation(postgres);
    await drained(thread);
    const before = postgres.kept();
    const cost = await spent(postgres, thread);
    expect(cost).toBeGreaterThan(0);
    postgres.batches.length = 0;
    const own = await thread.stub.refill(null);
    expect(own?.rows).toBe(4 + 1 + 2 + 1);
    await drained(thread);
    // Its own calls are kept by day only.
    const lost = before.filter(({ table }) => table === 'usage');
    expect(lost).toHaveLength(3);
    expect([...postgres.kept(), ...lost]).toEqual(expect.arrayContaining(before));
    expect(await spent(postgres, thread)).toBeCloseTo(cost, 10);
  });

  it('of one that is not empty counts nothing twice', async () => {
    const postgres = fakePostgres();
    const thread = await conversation(postgres);
    await drained(thread);
    const cost = await spent(postgres, thread);
    for (let times = 0; times < 2; times++) {
      await thread.stub.refill(null);
      await drained(thread);
    }
    expect(await spent(postgres, thread)).toBeCloseTo(cost, 10);
  });
});
