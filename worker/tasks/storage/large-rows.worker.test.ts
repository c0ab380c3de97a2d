import { evictDurableObject } from 'cloudflare:test';
import { expect, it } from 'vitest';
import { deliveredTask, startedTask, step } from '../testing/open-task.ts';
import { DELIVERED } from '../testing/records.ts';

/** More than a row may hold, in whichever way it is counted. */
const HUGE = '\uFFFD'.repeat(1_200_000);

it('an event that no row could hold is kept with its text cut', async () => {
  const task = await startedTask();
  expect(await task.send(step(1, HUGE), step(2))).toMatchObject({ value: { stored: 2 } });
  const events = await task.stub.events(0, 100);
  const steps = events.flatMap(({ body }) => (body.type === 'step' ? [body.text.length] : []));
  expect(steps).toEqual([expect.any(Number), expect.any(Number)]);
  expect(Math.max(...steps)).toBeLessThan(HUGE.length / 10);
  expect(await task.stub.health()).toMatchObject({ setAside: { count: 0 } });
});

it('a result that no value can hold is delivered all the same', async () => {
  const task = await startedTask();
  const result = { ...DELIVERED, summary: HUGE, body: HUGE };
  await task.send(step(1), { number: 2, at: 2, body: { type: 'result', result } });
  await evictDurableObject(task.stub);
  await task.surround();
  expect(await task.stub.summary()).toMatchObject({ status: 'Checking' });
  await task.stub.advance(1, 2);
  expect(await task.stub.summary()).toMatchObject({ pullRequest: { number: expect.any(Number) } });
});

it('what fits is not cut', async () => {
  const task = await deliveredTask();
  await task.stub.advance(1, 2);
  expect(await task.stub.health()).toMatchObject({ setAside: { count: 0 } });
});
