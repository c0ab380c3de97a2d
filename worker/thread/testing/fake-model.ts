import Anthropic from '@anthropic-ai/sdk';
import * as z from 'zod/mini';
import { START, beginText, end, endBlock, textDelta } from './model-answers.ts';

const Content = z.union([z.string(), z.array(z.looseObject({ type: z.string() }))]);

/** A request as it went over the wire. */
const ModelRequest = z.object({
  model: z.string(),
  stream: z.optional(z.boolean()),
  system: z.unknown(),
  messages: z.array(z.object({ role: z.enum(['user', 'assistant']), content: Content })),
  tools: z.optional(z.array(z.looseObject({ name: z.string() }))),
});
export type ModelRequest = z.infer<typeof ModelRequest> & { body: string };

export type FakeModel = { model: Anthropic; requests: ModelRequest[] };

/** A real client of the Messages API whose requests a plain function answers. */
export function fakeModel(
  answerTo: (request: ModelRequest, number: number) => Response | Promise<Response>,
): FakeModel {
  const requests: ModelRequest[] = [];
  const model = new Anthropic({
    apiKey: 'x',
    baseURL: 'http://model.test',
    maxRetries: 0,
    fetch: async (_url, init) => {
      const body = typeof init?.body === 'string' ? init.body : '{}';
      const request = { ...ModelRequest.parse(JSON.parse(body)), body };
      requests.push(request);
      const response = await answerTo(request, requests.length);
      const signal = init?.signal;
      return signal && response.body
        ? new Response(untilGivenUp(response.body, signal), response)
        : response;
    },
  });
  return { model, requests };
}

/** As with a real connection, the body ends with an error when the caller gives up. */
function untilGivenUp(body: ReadableStream<Uint8Array>, signal: AbortSignal) {
  const reader = body.getReader();
  const gaveUp = new DOMException('The caller gave up.', 'AbortError');
  return new ReadableStream<Uint8Array>({
    start(controller) {
      if (signal.aborted) controller.error(gaveUp);
      signal.addEventListener('abort', () => controller.error(gaveUp));
    },
    async pull(controller) {
      const { done, value } = await reader.read();
      if (signal.aborted) return;
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

/** What is told in an element of its own, beside what is said. */
const TOLD = /<(known|earlier|told)>["[{].*?<\/\1>\s*/gs;

/** What the newest message of a request says, as text. */
export function lastText({ messages }: ModelRequest): string {
  const content = messages.at(-1)?.content ?? '';
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return text.replace(TOLD, '').trim();
}

/** A streamed answer that goes on only when the test says so, inside the object whose stream it is. */
export type HeldAnswer = {
  respond(): Response;
  say(text: string): void;
  finish(): void;
  /** The connection is lost. */
  breakOff(): void;
};

export function holdAnswer(begin: string): HeldAnswer {
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  return {
    respond: () => {
      const body = new ReadableStream<Uint8Array>({
        start(own) {
          controller = own;
          own.enqueue(START);
          own.enqueue(beginText(0));
          own.enqueue(textDelta(0, begin));
        },
      });
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    },
    say: (text) => controller?.enqueue(textDelta(0, text)),
    finish: () => {
      for (const event of [endBlock(0), ...end('end_turn')]) controller?.enqueue(event);
      controller?.close();
    },
    breakOff: () => controller?.error(new Error('connection lost')),
  };
}
