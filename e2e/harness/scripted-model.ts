import { type ServerResponse, createServer } from 'node:http';
import { freePort } from '../../dev/ports.ts';

/** How the next answers go. `silent` takes the request and never says a word. */
export type Manner = 'fine' | 'unauthorized' | 'rate_limited' | 'overloaded' | 'silent' | 'broken';

/** What it says: words, or words and calls of tools. */
export type ScriptedReply =
  | string
  | { text: string; calls: { id: string; name: string; input: unknown }[] };

export type ScriptedModel = {
  url: string;
  manner: Manner;
  /** Bodies of all requests, newest last. */
  bodies: string[];
  keys: (string | undefined)[];
  /** How long the newest answer took from the request's arrival to its first word, in ms. */
  lastOwnMs(): number;
  stop(): Promise<void>;
};

const ERRORS = {
  unauthorized: [401, 'authentication_error', 'invalid x-api-key'],
  rate_limited: [429, 'rate_limit_error', 'slow down'],
  overloaded: [529, 'overloaded_error', 'Overloaded'],
} as const;

function event(response: ServerResponse, data: { type: string; [key: string]: unknown }): void {
  response.write(`event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`);
}

function streamReply(
  response: ServerResponse,
  model: string,
  reply: ScriptedReply,
  complete: boolean,
): void {
  const { text, calls } = typeof reply === 'string' ? { text: reply, calls: [] } : reply;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const usage = { input_tokens: 10, output_tokens: 1 };
  const message = { id: 'msg_1', type: 'message', role: 'assistant', model, content: [] };
  const start = { ...message, stop_reason: null, stop_sequence: null, usage };
  const block = (index: number, content_block: { type: string }, delta: { type: string }) => {
    event(response, { type: 'content_block_start', index, content_block });
    event(response, { type: 'content_block_delta', index, delta });
    if (complete) event(response, { type: 'content_block_stop', index });
  };
  event(response, { type: 'message_start', message: start });
  const textBlock: { type: string; text: string } = { type: 'text', text: '' };
  const textDelta: { type: string; text: string } = { type: 'text_delta', text };
  block(0, textBlock, textDelta);
  if (!complete) {
    // Once the first words are on their way, the line breaks.
    response.write(': \n\n', () => response.destroy());
    return;
  }
  for (const [at, { id, name, input }] of calls.entries()) {
    const use: { type: string; [key: string]: unknown } = { type: 'tool_use', id, name, input: {} };
    const json: { type: string; [key: string]: unknown } = {
      type: 'input_json_delta',
      partial_json: JSON.stringify(input),
    };
    block(at + 1, use, json);
  }
  event(response, {
    type: 'message_delta',
    delta: { stop_reason: calls.length > 0 ? 'tool_use' : 'end_turn', stop_sequence: null },
    usage,
  });
  event(response, { type: 'message_stop' });
  response.end();
}

/** The same at once, for who asks for no stream. */
function sayAtOnce(response: ServerResponse, model: string, reply: ScriptedReply): void {
  const text = typeof reply === 'string' ? reply : reply.text;
  const usage = { input_tokens: 10, output_tokens: 1 };
  const content = [{ type: 'text', text }];
  const ended = { stop_reason: 'end_turn', stop_sequence: null, usage };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify({ id: 'msg_1', type: 'message', role: 'assistant', model, content, ...ended }),
  );
}

/**
 * A Messages API of the test's own, for its faults and its speed: says `reply(body)` at once.
 * Source of the shapes: https://docs.anthropic.com/en/api/messages-streaming
 */
export async function startScriptedModel(
  reply: (body: string) => ScriptedReply,
): Promise<ScriptedModel> {
  const port = await freePort();
  const state: ScriptedModel = {
    url: `http://127.0.0.1:${port}`,
    manner: 'fine',
    bodies: [],
    keys: [],
    lastOwnMs: () => ownMs,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  let ownMs = 0;
  const server = createServer((request, response) => {
    const arrived = performance.now();
    let body = '';
    request.on('data', (part) => (body += part));
    request.on('end', () => {
      state.bodies.push(body);
      state.keys.push(request.headers.authorization?.replace('Bearer ', ''));
      switch (state.manner) {
        case 'fine':
        case 'broken':
          ownMs = performance.now() - arrived;
          if (body.includes('"stream":true')) {
            streamReply(response, 'claude-haiku-5-5', reply(body), state.manner === 'fine');
          } else sayAtOnce(response, 'claude-haiku-5-5', reply(body));
          return;
        case 'silent':
          return;
        default: {
          const [status, type, message] = ERRORS[state.manner];
          response.writeHead(status, { 'content-type': 'application/json' });
          response.end(JSON.stringify({ type: 'error', error: { type, message } }));
        }
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return state;
}
