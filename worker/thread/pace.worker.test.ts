import { ulid } from 'ulid';
import { expect, it } from 'vitest';
import { fakeModel } from './testing/fake-model.ts';
import { says } from './testing/model-answers.ts';
import { openThread } from './testing/open-thread.ts';

const FLOOD = 200;
const AT_ONCE = 60;

it('a flood of messages is bounded, said so in words, and what was taken stays taken', async () => {
  const model = fakeModel(() => says('Hello.'));
  const thread = await openThread({ model: model.model });
  const page = await thread.page();
  const ids = Array.from({ length: FLOOD }, () => ulid());
  for (const id of ids) page.send({ type: 'send', id, text: `Message ${id}` });
  await page.until(
    () => page.all('ack').length + page.all('refused').length === FLOOD || null,
    'all',
  );
  const refused = page.all('refused');
  // A slow machine has earned a few more meanwhile.
  expect(page.all('ack').length).toBeGreaterThanOrEqual(AT_ONCE);
  expect(page.all('ack').length).toBeLessThan(AT_ONCE + 10);
  expect(
    new Set(refused.map(({ text }) => text.replace(/[\d]+ seconds|a second/, 'a while'))),
  ).toEqual(
    new Set(['That came faster than Mainloop takes it from one person. Try again in a while.']),
  );
  const [first = ''] = ids;
  page.send({ type: 'send', id: first, text: `Message ${first}` });
  await page.until(
    () => page.all('ack').filter(({ id }) => id === first).length === 2 || null,
    'it',
  );
  expect(model.requests.length).toBeLessThan(AT_ONCE + 10);
  // What is no message goes on.
  const stop = ulid();
  page.send({ type: 'stop', id: stop });
  await page.first('ack', ({ id }) => id === stop);
});

it('pages that connect in a storm are told to wait, and one that was there goes on', async () => {
  const thread = await openThread();
  const page = await thread.page();
  const storm = await thread.connect();
  for (let count = 0; count < FLOOD; count++) storm.hello();
  await storm.first('refused', ({ text }) => text.includes('Close some'));
  await storm.until(
    () => storm.all('welcome').length + storm.all('refused').length === FLOOD || null,
    'all',
  );
  expect(storm.all('welcome').length).toBeLessThan(AT_ONCE + 30);
  const id = ulid();
  page.send({ type: 'send', id, text: 'Still here' });
  await page.first('ack', (ack) => ack.id === id);
});

it('of too many pages the one that was silent longest gives way', async () => {
  const thread = await openThread();
  const first = await thread.connect();
  const others = await Promise.all(Array.from({ length: 49 }, () => thread.connect()));
  expect(first.closed).toBe(null);
  for (const other of others) other.raw('ping');
  const newest = await thread.connect();
  await first.until(() => first.closed, 'its end');
  expect(first.closed).toBe(1013);
  newest.hello();
  await newest.first('welcome');
  expect(others.filter(({ closed }) => closed !== null)).toEqual([]);
});
