import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import type { RunnerEvent } from '../../../protocol/runner.ts';
import { gateway } from '../../gateway/app.ts';
import { formatToken } from '../../gateway/token.ts';
import { fakeModel } from '../../thread/testing/fake-model.ts';
import { says } from '../../thread/testing/model-answers.ts';
import { openThread } from '../../thread/testing/open-thread.ts';
import { type OpenTask, ask, startedTask } from '../testing/open-task.ts';
import { DELIVERED } from '../testing/records.ts';

/** What a row of an object, and a WebSocket's message, may have. */
const ROW_MAX_BYTES = 2_000_000;
const FRAME_MAX_BYTES = 1_048_576;
const HUGE_AT = 9_007_199_254_740_991;
const encoder = new TextEncoder();
const bytesOf = (value: unknown) => encoder.encode(JSON.stringify(value)).byteLength;

const bodies: Record<string, RunnerEvent['body']> = {
  'a summary of 350,000 times U+FFFD': {
    type: 'result',
    result: { ...DELIVERED, summary: '\uFFFD'.repeat(350_000), body: '\uFFFD'.repeat(350_000) },
  },
  'a summary of a task without a change': {
    type: 'result',
    result: { is: 'nothing_to_deliver', summary: '\uFFFD'.repeat(350_000) },
  },
  'a plan of 999,000 bytes': { type: 'plan', toolUseId: 'call', text: '\u0001'.repeat(166_500) },
  'a question set of 300,000 characters': {
    type: 'question',
    toolUseId: 'call',
    questions: Array.from({ length: 4 }, (_, at) => ({
      question: `${at}${'?'.repeat(30_000)}`,
      header: 'h'.repeat(15_000),
      options: Array.from({ length: 30 }, () => ({ label: 'l'.repeat(500), description: '' })),
      multiSelect: true,
    })),
  },
  'a reason of 900,000 bytes': {
    type: 'result',
    result: { is: 'failed', reason: '"'.repeat(300_000), detail: '\\'.repeat(100_000) },
  },
};

/** Reports as the task's own runner does, through the gateway. */
async function report({ pass }: OpenTask, ...events: RunnerEvent[]) {
  const request = new Request('http://gateway.test/gateway/events', {
    method: 'POST',
    headers: { authorization: `Bearer ${formatToken(pass())}` },
    body: JSON.stringify({ events, acknowledged: [] }),
  });
  return gateway.fetch(request, env);
}

/** The longest row of each table of an object. */
function longestRows(storage: DurableObjectStorage): number[] {
  const tables = storage.sql
    .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table'")
    .toArray()
    .filter(({ name }) => !name.startsWith('_') && !name.startsWith('sqlite'));
  return tables.flatMap(({ name }) => {
    const rows = storage.sql.exec(`SELECT * FROM ${name}`).toArray();
    return rows.map((row) => bytesOf(row));
  });
}

describe.each(Object.entries(bodies))('%s', (_name, body) => {
  it('is taken, cut to what rows and frames hold, and the conversation opens', async () => {
    const task = await startedTask();
    const answer = await report(task, { number: 1, at: HUGE_AT, body });
    expect({ status: answer.status, ...(await answer.json<object>()) }).toEqual({
      status: 200,
      stored: 1,
    });
    await runInDurableObject(task.stub, (_, { storage }) => {
      expect(Math.max(...longestRows(storage))).toBeLessThan(ROW_MAX_BYTES / 2);
      const set = storage.sql.exec<{ count: number }>('SELECT count(*) AS count FROM set_aside');
      expect(set.one().count).toBe(0);
      const [event] = storage.sql.exec<{ at: number }>('SELECT max(at) AS at FROM events');
      expect(event?.at).toBeLessThanOrEqual(Date.now());
    });

    const thread = await openThread({ model: fakeModel(() => says('News.')).model });
    const page = await thread.page();
    for (const told of task.fakes.reports) await thread.stub.taskReport(told);
    const lines = () => page.entries().filter(({ change }) => change.type === 'task').length;
    await page.until(() => (lines() === task.fakes.reports.length ? true : null), 'every report');
    await runInDurableObject(thread.stub, (_, { storage }) => {
      expect(Math.max(...longestRows(storage))).toBeLessThan(ROW_MAX_BYTES / 2);
    });
    // For whoever is there, whoever comes, and whoever comes back.
    for (const client of [page, await thread.page(), await thread.page(0)]) {
      expect(Math.max(...client.frames.map(bytesOf))).toBeLessThan(FRAME_MAX_BYTES);
      const shown = client.frames.some(({ type }) => type === 'snapshot' || type === 'entries');
      expect(shown).toBe(true);
    }
  });
});

it('a batch of thousands of events is stored in parts, in order', async () => {
  const task = await startedTask();
  const events = Array.from({ length: 1_200 }, (_, at): RunnerEvent => ({
    number: at + 1,
    at: 1,
    body: { type: 'step', text: `${at + 1}` },
  }));
  expect(await (await report(task, ...events)).json()).toEqual({ stored: 500 });
  expect(await (await report(task, ...events.slice(500))).json()).toEqual({ stored: 1_000 });
  expect(await (await report(task, ...events.slice(1_000))).json()).toEqual({ stored: 1_200 });
});

it('a batch beyond all measure is refused in words, and the next one is taken', async () => {
  const task = await startedTask();
  const text = 'x'.repeat(4_100_000);
  const answer = await report(task, { number: 1, at: 1, body: { type: 'step', text } });
  expect(answer.status).toBe(413);
  expect(await answer.json()).toEqual({ error: 'too_large', text: 'That batch is too large.' });
  const short: RunnerEvent = { number: 1, at: 1, body: { type: 'step', text: 'Here.' } };
  expect(await (await report(task, short)).json()).toEqual({ stored: 1 });
});

it('messages that wait are refused in words before their task’s line cannot hold them whole', async () => {
  const task = await startedTask();
  await task.send({ number: 1, at: 1, body: { type: 'step', text: 'Working.' } });
  const text = '\uFFFD'.repeat(100_000);
  const later = () => ask(task.stub, { do: 'message', text, when: 'later' });
  expect(await later()).toEqual({ is: 'done' });
  expect(await later()).toMatchObject({ is: 'refused', text: expect.stringMatching(/too long/) });
  const queued = (await task.stub.summary())?.queued ?? [];
  expect(queued.map((one) => one.text)).toEqual([text]);
  const messages = queued.map((one) => ({ ...one, text: text.repeat(2) }));
  expect(await ask(task.stub, { do: 'arrange_queue', messages })).toMatchObject({ is: 'refused' });
  expect(await ask(task.stub, { do: 'arrange_queue', messages: queued })).toEqual({ is: 'done' });
  expect((await task.stub.summary())?.queued).toEqual(queued);
});
