import { describe, expect, it } from 'vitest';
import { ok, refuse } from './refusal.ts';
import { ANSWER, ASKED, ask } from './testing/ask-model.ts';
import { given } from './testing/upstream.ts';

describe('the money for a call', () => {
  it('is set aside before it is sent: all that it may write, and each byte of its prompt', async () => {
    const { calls } = await ask({ body: { ...ASKED, max_tokens: 1_000 } });
    const bytes = JSON.stringify({ ...ASKED, max_tokens: 1_000 }).length;
    expect(calls).toMatchObject([
      { model: ASKED.model, worst: expect.closeTo((bytes * 1.25 * 4 + 1_000 * 20) / 1e6, 8) },
    ]);
  });

  it('that is spent is told, and the call reaches nobody', async () => {
    const { result, asked, ended } = await ask({ reserved: refuse('over_budget', 'Spent.') });
    expect(result).toMatchObject({ is: 'refused', error: 'over_budget' });
    expect([asked, ended]).toEqual([[], []]);
  });

  it('that others may use up is waited for by whoever asks, as the API would have it', async () => {
    const { result, asked } = await ask({ reserved: ok(false) });
    expect(given(result).status).toBe(529);
    expect(given(result).headers.get('retry-after')).toBe('5');
    expect(await given(result).json()).toMatchObject({ error: { type: 'overloaded_error' } });
    expect(asked).toEqual([]);
  });

  it('is free again where the caller left before it was there', async () => {
    const { asked, ended, later } = await ask({ signal: AbortSignal.abort() });
    await Promise.all(later);
    expect([asked, ended]).toEqual([[], [null]]);
  });
});

describe('what was used', () => {
  const event = (json: object) => new TextEncoder().encode(`data: ${JSON.stringify(json)}\n\n`);
  const STARTED = event({
    type: 'message_start',
    message: { usage: { input_tokens: 7, output_tokens: 1 } },
  });
  const written = (text: string) =>
    event({ type: 'content_block_delta', delta: { type: 'text_delta', text } });
  const streamed = (body: ReadableStream<Uint8Array>) => () =>
    new Response(body, { headers: { 'content-type': 'text/event-stream' } });

  it('is told once, with its model, its day and its price', async () => {
    const { result, ended } = await ask();
    expect(ended).toEqual([]);
    await given(result).text();
    const [usage] = ended;
    expect(ended).toMatchObject([
      {
        model: 'claude-opus-5-5',
        day: new Date(usage?.at ?? 0).toISOString().slice(0, 10),
        inputTokens: 1_000,
        outputTokens: 100,
        cost: 0.006,
      },
    ]);
    expect(usage?.isEstimated).toBeUndefined();
  });

  it('is told as soon as the prompt is counted', async () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const { result, underWay, ended } = await ask({ answer: streamed(readable) });
    const writer = writable.getWriter();
    const reader = given(result).body?.getReader();
    await Promise.all([writer.write(STARTED), reader?.read()]);
    expect(underWay).toMatchObject([{ inputTokens: 7, isEstimated: true }]);
    expect(ended).toEqual([]);
    const last = [
      event({ type: 'message_delta', usage: { output_tokens: 30 } }),
      event({ type: 'message_stop' }),
    ];
    for (const piece of last) await Promise.all([writer.write(piece), reader?.read()]);
    await Promise.all([writer.close(), reader?.read()]);
    expect(ended).toMatchObject([{ inputTokens: 7, outputTokens: 30 }]);
    expect(ended[0]?.isEstimated).toBeUndefined();
  });

  it('is what came, by its length, where the caller leaves in the middle; and the API stops', async () => {
    const pieces = [STARTED, written('four'.repeat(100))];
    const gone = Promise.withResolvers<void>();
    const body = new ReadableStream<Uint8Array>({
      pull: (to) => {
        const piece = pieces.shift();
        if (piece !== undefined) to.enqueue(piece);
        return piece === undefined ? new Promise(() => {}) : undefined;
      },
      cancel: () => gone.resolve(),
    });
    const { result, ended, later } = await ask({ answer: streamed(body) });
    const reader = given(result).body?.getReader();
    await reader?.read();
    await reader?.read();
    await reader?.cancel();
    await Promise.all([gone.promise, ...later]);
    expect(ended).toMatchObject([{ inputTokens: 7, outputTokens: 100, isEstimated: true }]);
  });

  it('is its prompt at least, which is waited for where the caller leaves before it is counted', async () => {
    const left = new AbortController();
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const { ended, later } = await ask({ answer: streamed(readable), signal: left.signal });
    left.abort();
    const writer = writable.getWriter();
    await writer.write(event({ type: 'ping' }));
    expect(ended).toEqual([]);
    await writer.write(STARTED);
    await Promise.all(later);
    expect(ended).toMatchObject([{ inputTokens: 7, outputTokens: 1, isEstimated: true }]);
  });

  it('is all of an answer in one piece, though the caller leaves', async () => {
    const left = new AbortController();
    const answer = Promise.withResolvers<Uint8Array>();
    const body = new ReadableStream<Uint8Array>({
      pull: async (to) => {
        to.enqueue(await answer.promise);
        to.close();
      },
    });
    const { ended, later } = await ask({
      answer: () => new Response(body, { headers: { 'content-type': 'application/json' } }),
      signal: left.signal,
    });
    left.abort();
    answer.resolve(new TextEncoder().encode(JSON.stringify(ANSWER)));
    await Promise.all(later);
    expect(ended).toMatchObject([{ inputTokens: 1_000, outputTokens: 100 }]);
    expect(ended[0]?.isEstimated).toBeUndefined();
  });

  it('is what came also where the model breaks off, and the caller sees that', async () => {
    const chunks = [STARTED, written('12345678')];
    const body = new ReadableStream<Uint8Array>({
      pull: (to) => {
        const chunk = chunks.shift();
        if (chunk === undefined) to.error(new Error('broken off'));
        else to.enqueue(chunk);
      },
    });
    const { result, ended } = await ask({ answer: streamed(body) });
    await expect(given(result).text()).rejects.toThrow('broken off');
    expect(ended).toMatchObject([{ inputTokens: 7, outputTokens: 2, isEstimated: true }]);
  });

  it('is nothing for errors, which pass with their status and their pause', async () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Busy.' } };
    const { result, ended } = await ask({
      answer: () => Response.json(error, { status: 529, headers: { 'retry-after': '3' } }),
    });
    expect(given(result).status).toBe(529);
    expect(given(result).headers.get('retry-after')).toBe('3');
    expect(await given(result).json()).toEqual(error);
    expect(ended).toEqual([null]);
  });

  it('is nothing for counting tokens', async () => {
    const path = 'v1/messages/count_tokens';
    const { result, asked, calls } = await ask({ path });
    await given(result).text();
    expect(asked).toMatchObject([{ url: `http://model.test/${path}?beta=true` }]);
    expect(calls).toEqual([]);
  });
});
