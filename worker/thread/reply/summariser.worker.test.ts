import { runInDurableObject } from 'cloudflare:test';
import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import type { MainThread } from '../main-thread.ts';
import { atAPersonsPace } from '../testing/at-a-persons-pace.ts';
import type { ThreadClient } from '../testing/client.ts';
import { REPOSITORY } from '../testing/facts.ts';
import { type ModelRequest, fakeModel, lastText } from '../testing/fake-model.ts';
import { answer, callsTool, refuses, says, saysAtOnce } from '../testing/model-answers.ts';
import { fakeGitHub, openThread } from '../testing/open-thread.ts';

const MAX_TOKENS = 60_000;
const CHARS_PER_TOKEN = 3;
const SECRET_WORD = 'marzipan-4711';
const LONG = 'x'.repeat(900);

const talk = (page: ThreadClient, turns: number): Promise<void> =>
  atAPersonsPace(turns, (turn) => {
    const text = turn === 1 ? `The code word is ${SECRET_WORD}. ${LONG}` : `Turn ${turn} ${LONG}`;
    page.send({ type: 'send', id: ulid(), text });
    return page.ended(turn);
  });

const Row = z.object({ table: z.string(), row: z.looseObject({ id: z.optional(z.string()) }) });

const isSummary = ({ stream }: ModelRequest) => stream !== true;
const tokensOf = ({ body }: ModelRequest) => body.length / CHARS_PER_TOKEN;

/** Keeps the code word as long as it is shown to it, as a summary should. */
function summarise(request: ModelRequest): Response {
  return saysAtOnce(request.body.includes(SECRET_WORD) ? `Code word: ${SECRET_WORD}.` : 'Nothing.');
}

describe('a conversation of 600 messages', () => {
  it('stays below the bound, remembers its beginning, and opens as fast as a short one', async () => {
    const { model, requests } = fakeModel((request) => {
      if (isSummary(request)) return summarise(request);
      if (lastText(request) === 'What was the code word?') {
        return callsTool('toolu_1', 'search_conversation', { query: 'code word' });
      }
      return says(`Yes ${LONG}`);
    });
    const thread = await openThread({ model });
    const page = await thread.page();
    await talk(page, 300);
    expect(await thread.stub.counts()).toMatchObject({ messages: 600 });

    // Every request of the 600, whoever it was for.
    expect(Math.max(...requests.map(tokensOf))).toBeLessThan(MAX_TOKENS);
    const summaries = requests.filter(isSummary);
    expect(summaries.length).toBeGreaterThan(3);
    expect(summaries[0]?.body).toContain('Turn 2');
    // Each summary is given the one before it, so that the beginning is never lost.
    expect(
      summaries.slice(1).every(({ body }) => body.includes(`Code word: ${SECRET_WORD}.`)),
    ).toBe(true);
    const last = requests.findLast((request) => !isSummary(request));
    expect(JSON.stringify(last?.messages[0])).toContain(`Code word: ${SECRET_WORD}.`);
    expect(last?.messages.length).toBeLessThan(200);
    expect(last?.body).toContain('Turn 300');

    const { snapshot } = await (await thread.page()).first('snapshot');
    expect(snapshot.messages).toHaveLength(50);
    expect(snapshot.hasOlder).toBe(true);
    expect(JSON.stringify(snapshot).length).toBeLessThan(100_000);
    expect(snapshot.messages.at(-1)).toEqual(page.messages().at(-1));

    page.send({ type: 'send', id: ulid(), text: 'What was the code word?' });
    await page.ended(301);
    const results = requests.map(lastText).filter((text) => text.includes('tool_result'));
    expect(results).toEqual([expect.stringContaining(SECRET_WORD)]);
  });

  it('goes on below the bound when no summary can be written', async () => {
    const { model, requests } = fakeModel((request) =>
      isSummary(request) ? refuses(500) : says(`Yes ${LONG}`),
    );
    const thread = await openThread({ model });
    const page = await thread.page();
    await talk(page, 110);
    expect(requests.filter(isSummary).length).toBeGreaterThan(0);
    expect(page.replies().every(({ state }) => state.is === 'done')).toBe(true);
    expect(Math.max(...requests.map(tokensOf))).toBeLessThan(MAX_TOKENS);
    expect(requests.findLast((request) => !isSummary(request))?.body).toContain('Turn 110');
  });
});

describe('tool results', () => {
  it('do not carry a request over the bound, however much is asked for', async () => {
    const repositories = Array.from({ length: 100 }, (_, at) => ({
      ...REPOSITORY,
      name: `demo/repository-${at}`,
      description: 'd'.repeat(350),
    }));
    const github = fakeGitHub({ repositories: async () => ({ is: 'ok', value: repositories }) });
    const { model, requests } = fakeModel((request, number) =>
      isSummary(request)
        ? summarise(request)
        : answer(
            ['a', 'b'].map((call) => ({
              id: `toolu_${number}_${call}`,
              name: 'list_repositories',
              input: {},
            })),
          ),
    );
    const page = await (await openThread({ model, github })).page();
    for (let turn = 1; turn <= 3; turn++) {
      page.send({ type: 'send', id: ulid(), text: 'word '.repeat(10_000) });
      await page.ended(turn);
    }
    expect(requests.length).toBeGreaterThan(6);
    expect(requests.some((request) => lastText(request).includes('demo/repository-0'))).toBe(true);
    expect(Math.max(...requests.map(tokensOf))).toBeLessThan(MAX_TOKENS);
  });
});

describe('history', () => {
  const waiting = (stub: DurableObjectStub<MainThread>) =>
    runInDurableObject(stub, (_, { storage }) =>
      storage.sql
        .exec<{ body: string }>('SELECT body FROM history_outbox ORDER BY revision')
        .toArray()
        .map(({ body }) => Row.parse(JSON.parse(body))),
    );
  const usage = {
    taskId: null,
    model: 'claude-haiku-5-5',
    inputTokens: 100,
    outputTokens: 30,
    cacheReadTokens: 20,
    cacheWriteTokens: 5,
  };

  it('is handed every message, and what the reply used', async () => {
    const thread = await openThread();
    const page = await thread.page();
    page.send({ type: 'send', id: ulid(), text: 'Hello' });
    await page.ended(1);
    const rows = await waiting(thread.stub);
    const rowsOf = (table: string) => rows.filter((row) => row.table === table);
    expect(rowsOf('messages').map(({ row }) => row)).toEqual(
      expect.arrayContaining(page.messages()),
    );
    expect(rowsOf('usage').map(({ row }) => row)).toEqual([expect.objectContaining(usage)]);
    expect(rows).toHaveLength(3);
  });

  it('is handed what the summaries used, too', async () => {
    const { model, requests } = fakeModel((request) =>
      isSummary(request) ? summarise(request) : says(`Yes ${LONG}`),
    );
    const thread = await openThread({ model });
    const page = await thread.page();
    await talk(page, 45);
    const used = async () =>
      (await waiting(thread.stub)).filter(({ table }) => table === 'usage').length;
    expect(requests.filter(isSummary).length).toBeGreaterThan(0);
    await expect.poll(used).toBe(requests.length);
  });
});
