import { expect, it } from 'vitest';
import type { EventBatch, RunnerEvent } from '../protocol/runner.ts';
import { Redactor } from '../protocol/redaction/redactor.ts';
import { Reporter, nextBatch } from './reporter.ts';

const step = (text: string): RunnerEvent['body'] => ({ type: 'step', text });

/** A gateway that stores what it likes: `store` says how far. */
function gateway(store: (batch: EventBatch) => number) {
  const batches: EventBatch[] = [];
  return {
    batches,
    send: async (batch: EventBatch) => {
      batches.push(structuredClone(batch));
      return { stored: store(batch) };
    },
  };
}

it('numbers on from what is stored already, without gaps', async () => {
  const host = gateway((batch) => batch.events.at(-1)?.number ?? 7);
  const reporter = new Reporter(host, new Redactor(), 7, () => {});
  for (const text of ['a', 'b', 'c']) reporter.add(step(text));
  await reporter.flush();
  reporter.stop();
  const numbers = host.batches.flatMap((batch) => batch.events.map((event) => event.number));
  expect([...new Set(numbers)]).toEqual([8, 9, 10]);
});

it('a flush waits for what was acknowledged too', async () => {
  const host = gateway(() => 0);
  const reporter = new Reporter(host, new Redactor(), 0, () => {});
  reporter.acknowledge('a');
  reporter.acknowledge('b');
  await reporter.flush();
  reporter.stop();
  expect(host.batches.flatMap((batch) => batch.acknowledged)).toEqual(['a', 'b']);
});

it('sends again what the gateway did not store', async () => {
  let calls = 0;
  const host = gateway((batch) => (++calls === 1 ? 0 : (batch.events.at(-1)?.number ?? 0)));
  const reporter = new Reporter(host, new Redactor(), 0, () => {});
  reporter.add(step('a'));
  await reporter.flush();
  reporter.stop();
  expect(host.batches.map((batch) => batch.events.map((event) => event.number))).toEqual([
    [1],
    [1],
  ]);
});

it('says that it was dismissed, once, and flush rejects', async () => {
  const lost: unknown[] = [];
  const gone = new Error('gone');
  const host = { send: () => Promise.reject(gone) };
  const reporter = new Reporter(host, new Redactor(), 0, (error) => lost.push(error));
  reporter.add(step('a'));
  reporter.add(step('b'));
  await expect(reporter.flush()).rejects.toBe(gone);
  reporter.stop();
  expect(lost).toEqual([gone]);
});

it('tells of mailbox items that were carried out', async () => {
  const host = gateway((batch) => batch.events.at(-1)?.number ?? 0);
  const reporter = new Reporter(host, new Redactor(), 0, () => {});
  reporter.acknowledge('01ARZ3NDEKTSV4RRFFQ69G5FAV');
  reporter.add(step('a'));
  await reporter.flush();
  reporter.stop();
  expect(host.batches.flatMap((batch) => batch.acknowledged)).toEqual([
    '01ARZ3NDEKTSV4RRFFQ69G5FAV',
  ]);
});

it('fills a batch up to its bound, and takes at least one event', () => {
  const events = [1, 2, 3].map((number) => ({ number, at: 0, body: step('x'.repeat(100)) }));
  expect(nextBatch(events, 400).map((event) => event.number)).toEqual([1, 2]);
  expect(nextBatch(events, 10).map((event) => event.number)).toEqual([1]);
});

it('reports without the secrets that it is to hide, and what others go by as it is', async () => {
  const host = gateway((batch) => batch.events.at(-1)?.number ?? 0);
  const redactor = new Redactor();
  const reporter = new Reporter(host, redactor, 0, () => {});
  redactor.know(['hunter2-hunter2', 'tool_result']);
  const options = [{ label: 'hunter2-hunter2', description: 'x' }];
  const questions = [
    { question: 'Is it hunter2-hunter2?', header: 'h', options, multiSelect: false },
  ];
  reporter.add({ type: 'question', toolUseId: 'hunter2-hunter2', questions });
  const output = `a ${Buffer.from('hunter2-hunter2').toString('base64')} b`;
  reporter.add({
    type: 'tool_result',
    toolUseId: 't',
    parent: null,
    isError: false,
    output,
    truncated: false,
  });
  await reporter.flush();
  reporter.stop();
  const bodies = host.batches.flatMap(({ events }) => events.map(({ body }) => body));
  expect(bodies).toMatchObject([
    { toolUseId: 'hunter2-hunter2', questions: [{ question: 'Is it [secret]?' }] },
    { type: 'tool_result', output: expect.stringMatching(/^a \[secret\].* b$/) },
  ]);
});
