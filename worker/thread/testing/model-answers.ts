/** Answers as the Messages API streams them. https://docs.claude.com/en/docs/build-with-claude/streaming */
const encoder = new TextEncoder();

type Block = { text: string } | { id: string; name: string; input: unknown };

const USAGE = { input_tokens: 100, cache_read_input_tokens: 20, cache_creation_input_tokens: 5 };

export function event(data: { type: string } & Record<string, unknown>): Uint8Array {
  return encoder.encode(`event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`);
}

export const START = event({
  type: 'message_start',
  message: {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-haiku-5-5',
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage: { ...USAGE, output_tokens: 1 },
  },
});

export const beginText = (index: number) =>
  event({ type: 'content_block_start', index, content_block: { type: 'text', text: '' } });

export const textDelta = (index: number, text: string) =>
  event({ type: 'content_block_delta', index, delta: { type: 'text_delta', text } });

const beginTool = (index: number, id: string, name: string) =>
  event({
    type: 'content_block_start',
    index,
    content_block: { type: 'tool_use', id, name, input: {} },
  });

const inputDelta = (index: number, json: string) =>
  event({
    type: 'content_block_delta',
    index,
    delta: { type: 'input_json_delta', partial_json: json },
  });

export const endBlock = (index: number) => event({ type: 'content_block_stop', index });

export const end = (stopReason: string) => [
  event({
    type: 'message_delta',
    delta: { stop_reason: stopReason, stop_sequence: null },
    usage: { ...USAGE, output_tokens: 30 },
  }),
  event({ type: 'message_stop' }),
];

function blockEvents(block: Block, index: number): Uint8Array[] {
  if ('text' in block) {
    const pieces = block.text.match(/\S*\s*/gu)?.filter((piece) => piece !== '') ?? [];
    return [beginText(index), ...pieces.map((piece) => textDelta(index, piece)), endBlock(index)];
  }
  const json = typeof block.input === 'string' ? block.input : JSON.stringify(block.input);
  return [
    beginTool(index, block.id, block.name),
    inputDelta(index, json.slice(0, 5)),
    inputDelta(index, json.slice(5)),
    endBlock(index),
  ];
}

export function stream(events: readonly Uint8Array[]): Response {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const one of events) controller.enqueue(one);
      controller.close();
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

/** A whole streamed answer; a text comes word by word. */
export function answer(blocks: readonly Block[], stopReason?: string): Response {
  const calls = blocks.some((block) => 'name' in block);
  return stream([
    START,
    ...blocks.flatMap(blockEvents),
    ...end(stopReason ?? (calls ? 'tool_use' : 'end_turn')),
  ]);
}

export const says = (text: string) => answer([{ text }]);

export const callsTool = (id: string, name: string, input: unknown) =>
  answer([{ id, name, input }]);

/** An answer that is not streamed, as summaries are asked for. */
export function saysAtOnce(text: string): Response {
  return Response.json({
    id: 'msg_2',
    type: 'message',
    role: 'assistant',
    model: 'claude-haiku-5-5',
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { ...USAGE, output_tokens: 30 },
  });
}

export function refuses(status: number, headers: Record<string, string> = {}): Response {
  const error = { type: 'api_error', message: 'refused by the test' };
  return Response.json({ type: 'error', error }, { status, headers });
}
