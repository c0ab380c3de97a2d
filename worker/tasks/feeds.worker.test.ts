import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { expect, it } from 'vitest';
import { CLOSE } from '../../protocol/down.ts';
import { FEED_NEWEST, FEED_TEXT_MAX_CHARS, TaskFeed } from '../../protocol/task-feed.ts';
import { IS_STATUS } from './storage/task-store.ts';
import { type OpenTask, startedTask, step } from './testing/open-task.ts';

/** The task's page: all that its socket brought, in order. */
async function open({ stub }: OpenTask, query = '', expiresAt = 0) {
  const answer = await stub.fetch(`http://task/${query}`, {
    headers: { upgrade: 'websocket', 'x-mainloop-expires-at': String(expiresAt) },
  });
  const { webSocket } = answer;
  if (webSocket === null) throw new Error('The task opened no socket.');
  const numbers: number[] = [];
  const other: unknown[] = [];
  /** How many bytes each frame had. */
  const frames: number[] = [];
  webSocket.addEventListener('message', ({ data }) => {
    frames.push(new TextEncoder().encode(String(data)).byteLength);
    if (data === 'pong') other.push(data);
    else
      for (const { number } of TaskFeed.parse(JSON.parse(String(data))).events)
        numbers.push(number);
  });
  webSocket.accept();
  return { socket: webSocket, numbers, other, frames };
}

const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at);

it('a page gets everything that was, then everything that comes, without a gap', async () => {
  const task = await startedTask();
  await task.send(...upTo(300).map((number) => step(number)));
  const page = await open(task, '?after=0');
  await task.send(step(301), step(302));
  const stored = (await task.stub.counts())?.events ?? 0;
  await expect.poll(() => page.numbers).toEqual(upTo(stored));
  expect(stored).toBeGreaterThan(302);
});

it('a page gets long events in frames that a socket takes', async () => {
  const task = await startedTask();
  for (const first of [1, 41]) {
    const numbers = upTo(first + 39, first);
    await task.send(...numbers.map((number) => step(number, '\uFFFD'.repeat(20_000))));
  }
  const page = await open(task, '?after=0');
  const stored = (await task.stub.counts())?.events ?? 0;
  await expect.poll(() => page.numbers).toEqual(upTo(stored));
  expect(page.frames.length).toBeGreaterThan(4);
  expect(Math.max(...page.frames)).toBeLessThan(1_048_576);
});

it('a page that comes again gets only what it missed', async () => {
  const task = await startedTask();
  await task.send(step(1), step(2), step(3));
  const stored = (await task.stub.counts())?.events ?? 0;
  const page = await open(task, `?after=${stored - 1}`);
  await task.send(step(4));
  await expect.poll(() => page.numbers).toEqual([stored, stored + 1]);
});

it('a page of a task without a line hears that there is none, and then what comes', async () => {
  const task = await startedTask();
  await runInDurableObject(task.stub, (_, { storage }) => {
    storage.sql.exec('DELETE FROM events');
  });
  const page = await open(task);
  await expect.poll(() => page.frames).toHaveLength(1);
  expect(page.numbers).toEqual([]);
  await task.send(step(1));
  await expect.poll(() => page.numbers.length).toBeGreaterThan(0);
});

it.each(['?after=-1', '?after=x', '?after=1.5', ''])(
  '"%s" means from the beginning',
  async (query) => {
    const task = await startedTask();
    const stored = (await task.stub.counts())?.events ?? 0;
    const page = await open(task, query);
    await expect.poll(() => page.numbers).toEqual(upTo(stored));
  },
);

it('a page stays connected over the object’s sleep and hears what comes then', async () => {
  const task = await startedTask();
  const page = await open(task, '?after=0');
  const stored = (await task.stub.counts())?.events ?? 0;
  await expect.poll(() => page.numbers).toHaveLength(stored);
  await evictDurableObject(task.stub);
  await task.surround();
  await task.send(step(1));
  await expect.poll(() => page.numbers.length).toBeGreaterThan(stored);
  expect(page.numbers).toEqual(upTo(page.numbers.length));
});

it('a page that went away holds up nobody', async () => {
  const task = await startedTask();
  const [gone, here] = [await open(task), await open(task)];
  gone.socket.close(1000);
  expect(await task.send(step(1))).toMatchObject({ is: 'ok' });
  const stored = (await task.stub.counts())?.events ?? 0;
  await expect.poll(() => here.numbers).toEqual(upTo(stored));
});

it('a ping is answered', async () => {
  const page = await open(await startedTask());
  page.socket.send('ping');
  await expect.poll(() => page.other).toEqual(['pong']);
});

it('a page whose sign-in has ended is closed, and hears nothing more', async () => {
  const task = await startedTask();
  const page = await open(task, '', Date.now() - 1);
  const closed = new Promise<number>((resolve) => {
    page.socket.addEventListener('close', ({ code }) => resolve(code));
  });
  await task.send(step(1));
  expect(await closed).toBe(CLOSE.signedOut);
  expect((await task.stub.counts())?.events).toBeGreaterThan(page.numbers.length);
});

it('a page that has nothing yet begins with the newest lines, and asks for the older ones', async () => {
  const task = await startedTask();
  await task.send(...upTo(400).map((number) => step(number)));
  const stored = (await task.stub.counts())?.events ?? 0;
  const page = await open(task);
  await expect.poll(() => page.numbers).toEqual(upTo(stored, stored - FEED_NEWEST + 1));
  const [first = 0] = page.numbers;
  const older = (await task.stub.page(first, 150)) ?? [];
  expect(older.map(({ number }) => number)).toEqual(upTo(first - 1, first - 150));
  expect(await task.stub.page(1, 150)).toEqual([]);
});

it('a long line comes as an excerpt, and whole when it is asked for by its number', async () => {
  const task = await startedTask();
  const output = `begins\n${'x'.repeat(50_000)}\nends`;
  const answered = { toolUseId: 'a', parent: 'agent', isError: true, output, truncated: false };
  await task.send({ number: 1, at: 1, body: { type: 'tool_result', ...answered } });
  const number = (await task.stub.counts())?.events ?? 0;
  const [line] = (await task.stub.page(number + 1, 1)) ?? [];
  expect(line).toMatchObject({ number, isExcerpt: true });
  expect(JSON.stringify(line).length).toBeLessThan(FEED_TEXT_MAX_CHARS + 300);
  expect(await task.stub.event(number)).toMatchObject({ body: answered });
  expect(await task.stub.event(number + 1)).toBeNull();
  const found = await task.stub.find('ENDS', number + 1);
  expect(found?.hits.map((hit) => hit.number)).toEqual([number]);
});

it('each change of status is told with its time, from an index of its own', async () => {
  const task = await startedTask();
  await task.send(step(1));
  const { changes = [] } = (await task.stub.details()) ?? {};
  expect(changes.map(({ status }) => status)).toEqual(['Queued', 'Starting', 'Working']);
  expect(changes.every(({ at }, place) => at >= (changes[place - 1]?.at ?? 0))).toBe(true);
  const plan = await runInDurableObject(task.stub, (_, { storage }) =>
    storage.sql
      .exec<{ detail: string }>(
        `EXPLAIN QUERY PLAN SELECT at FROM events WHERE ${IS_STATUS} ORDER BY number DESC LIMIT 1`,
      )
      .toArray()
      .map(({ detail }) => detail),
  );
  expect(plan.join()).toContain('events_of_status');
});
