import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod/mini';
import { freePort } from '../../dev/ports.ts';

/** What a worker's call is to be answered with: so many pieces, one after another. */
export const Wish = z.object({ pieces: z.int(), everyMs: z.number() });
export type Wish = z.infer<typeof Wish>;

/** A piece of an answer, and its tokens. */
const PIECE = 'lorem ipsum dolor sit amet consectetur a';
const PIECE_TOKENS = 10;

const Call = z.object({
  messages: z.tuple([z.object({ content: z.string() })]),
});
const Conversation = z.object({
  messages: z.array(z.object({ role: z.string(), content: z.unknown() })),
});

export type Counted = { calls: number; inputTokens: number; outputTokens: number };

/**
 * A Messages API that counts: the prompt of each worker's call by its length, and what it wrote before
 * whoever asked had left. To the conversation it is a model that starts as many tasks as it is asked for
 * (`Start 3 tasks`).
 */
export async function startCountingModel() {
  const port = await freePort();
  const counted: Counted = { calls: 0, inputTokens: 0, outputTokens: 0 };
  let under = 0;

  async function streamed(response: ServerResponse, body: string, wish: Wish): Promise<void> {
    const write = (data: { type: string; [key: string]: unknown }) =>
      response.write(`event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`);
    const input_tokens = Math.ceil(body.length / 4);
    counted.calls += 1;
    counted.inputTokens += input_tokens;
    under += 1;
    try {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      write({ type: 'message_start', message: { usage: { input_tokens, output_tokens: 1 } } });
      let written = 0;
      for (let piece = 0; piece < wish.pieces; piece++) {
        await pause(wish.everyMs);
        if (response.destroyed) return;
        write({
          type: 'content_block_delta',
          index: 0,
          delta: { type: 'text_delta', text: PIECE },
        });
        written += PIECE_TOKENS;
        counted.outputTokens += PIECE_TOKENS;
      }
      write({ type: 'message_delta', delta: {}, usage: { output_tokens: written } });
      write({ type: 'message_stop' });
      response.end();
    } finally {
      under -= 1;
    }
  }

  function converse(response: ServerResponse, body: string): void {
    const last = JSON.stringify(Conversation.parse(JSON.parse(body)).messages.at(-1)?.content);
    const wanted = last.includes('tool_result')
      ? 0
      : Number(/Start (\d+) tasks/.exec(last)?.[1] ?? 0);
    const calls = Array.from({ length: wanted }, (_, at) => ({
      type: 'tool_use',
      id: `toolu_${at}_${Math.random().toString(36).slice(2)}`,
      name: 'start_task',
      input: { repository: 'acme/todo', title: `Look ${at + 1}`, prompt: 'Look around.' },
    }));
    const write = (data: { type: string; [key: string]: unknown }) =>
      response.write(`event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`);
    const usage = { input_tokens: 10, output_tokens: 1 };
    const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [] };
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    write({ type: 'message_start', message: { ...message, stop_reason: null, usage } });
    write({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } });
    write({
      type: 'content_block_delta',
      index: 0,
      delta: { type: 'text_delta', text: 'All right.' },
    });
    write({ type: 'content_block_stop', index: 0 });
    for (const [at, { input, ...call }] of calls.entries()) {
      const index = at + 1;
      write({ type: 'content_block_start', index, content_block: { ...call, input: {} } });
      const partial_json = JSON.stringify(input);
      write({
        type: 'content_block_delta',
        index,
        delta: { type: 'input_json_delta', partial_json },
      });
      write({ type: 'content_block_stop', index });
    }
    const stop_reason = wanted > 0 ? 'tool_use' : 'end_turn';
    write({ type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage });
    write({ type: 'message_stop' });
    response.end();
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const call = Call.safeParse(JSON.parse(body));
    const wish = Wish.safeParse(parsed(call.data?.messages[0].content.split('\n')[0]));
    if (wish.success) await streamed(response, body, wish.data);
    else converse(response, body);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  // Else a connection that is taken up again while it closes would be lost.
  server.keepAliveTimeout = 600_000;
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${port}`,
    counted: (): Counted => ({ ...counted }),
    /** Calls of workers that it answers now. */
    underWay: () => under,
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function parsed(line: string | undefined): unknown {
  try {
    return JSON.parse(line ?? '');
  } catch {
    return null;
  }
}
