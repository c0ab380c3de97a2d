import { describe, expect, it } from 'vitest';
import { Meter } from './meter.ts';

const STREAM = [
  'event: message_start',
  'data: {"type":"message_start","message":{"usage":{"input_tokens":12,"cache_read_input_tokens":300,"cache_creation_input_tokens":40,"output_tokens":1}}}',
  '',
  'event: ping',
  'data: {"type":"ping"}',
  '',
  'event: content_block_delta',
  'data: {"type":"content_block_delta","delta":{"text":"Grüße 😀 data: {\\"usage\\":1}"}}',
  '',
  'event: message_delta',
  'data: {"type":"message_delta","delta":{},"usage":{"output_tokens":25}}',
  '',
  'event: message_stop',
  'data: {"type":"message_stop"}',
  '',
  '',
];
const COUNTS = { inputTokens: 12, outputTokens: 25, cacheReadTokens: 300, cacheWriteTokens: 40 };

function count(contentType: string | null, ...chunks: Uint8Array[]) {
  const meter = new Meter(contentType);
  for (const chunk of chunks) meter.take(chunk);
  meter.end();
  return meter.tokens;
}

const bytes = (text: string) => new TextEncoder().encode(text);

describe('a streamed answer', () => {
  it.each(['\n', '\r\n'])('is counted, with lines that end with %j', (end) => {
    expect(count('text/event-stream; charset=utf-8', bytes(STREAM.join(end)))).toEqual(COUNTS);
  });

  it('gives the same counts wherever it is cut in two', () => {
    const whole = bytes(STREAM.join('\n'));
    for (let cut = 0; cut <= whole.byteLength; cut++) {
      const counted = count('text/event-stream', whole.subarray(0, cut), whole.subarray(cut));
      expect(counted).toEqual(COUNTS);
    }
  });

  it('gives the same counts byte by byte', () => {
    const single = [...bytes(STREAM.join('\n'))].map((byte) => Uint8Array.of(byte));
    expect(count('text/event-stream', ...single)).toEqual(COUNTS);
  });

  it('that breaks off costs what was counted until then', () => {
    const [start = '', data = ''] = STREAM;
    expect(count('text/event-stream', bytes(`${start}\n${data}\n\nda`))).toEqual({
      ...COUNTS,
      outputTokens: 1,
    });
  });

  it('that breaks off costs at least what was written, by its length', () => {
    const delta = (part: object) =>
      `data: ${JSON.stringify({ type: 'content_block_delta', delta: part })}\n\n`;
    const [start = '', data = ''] = STREAM;
    const written =
      delta({ type: 'text_delta', text: 'a'.repeat(40) }) +
      delta({ type: 'thinking_delta', thinking: 'b'.repeat(20) }) +
      delta({ type: 'input_json_delta', partial_json: 'c'.repeat(20) }) +
      delta({ type: 'signature_delta', signature: 'd'.repeat(400) });
    expect(count('text/event-stream', bytes(`${start}\n${data}\n\n${written}`))).toEqual({
      ...COUNTS,
      outputTokens: 20,
    });
  });

  it('tells what is kept in the cache for an hour', () => {
    const usage = {
      cache_creation_input_tokens: 9,
      cache_creation: { ephemeral_1h_input_tokens: 4 },
    };
    const event = { type: 'message_start', message: { usage } };
    expect(count('text/event-stream', bytes(`data: ${JSON.stringify(event)}\n`))).toMatchObject({
      cacheWriteTokens: 9,
      hourCacheWriteTokens: 4,
    });
  });

  it('that ends without a line break is counted to its end', () => {
    const delta = 'data: {"type":"message_delta","usage":{"output_tokens":9}}';
    expect(count('text/event-stream', bytes(delta))).toMatchObject({ outputTokens: 9 });
  });

  it('may correct its input counts at its end', () => {
    const delta =
      'data: {"type":"message_delta","usage":{"input_tokens":99,"output_tokens":9,"cache_read_input_tokens":null}}\n';
    const counted = count('text/event-stream', bytes(`${STREAM.slice(0, 3).join('\n')}\n${delta}`));
    expect(counted).toEqual({ ...COUNTS, inputTokens: 99, outputTokens: 9 });
  });

  it('with nothing but an error costs nothing', () => {
    const error = 'event: error\ndata: {"type":"error","error":{"type":"overloaded_error"}}\n\n';
    expect(count('text/event-stream', bytes(error))).toBeNull();
  });
});

describe('a whole answer', () => {
  const message = JSON.stringify({
    type: 'message',
    content: [{ type: 'text', text: 'Grüße' }],
    usage: { input_tokens: 12, output_tokens: 25, cache_read_input_tokens: null },
  });
  const counted = { inputTokens: 12, outputTokens: 25, cacheReadTokens: 0, cacheWriteTokens: 0 };

  it('is counted, wherever it is cut', () => {
    const whole = bytes(message);
    for (let cut = 0; cut <= whole.byteLength; cut++) {
      const parts = [whole.subarray(0, cut), whole.subarray(cut)];
      expect(count('application/json', ...parts)).toEqual(counted);
    }
  });

  it.each([
    ['an error', '{"type":"error","error":{"type":"rate_limit_error","message":"Slow down."}}'],
    ['a page of a proxy', '<html>502</html>'],
    ['nothing', ''],
    ['a token count', '{"input_tokens":12}'],
    ['no numbers', '{"type":"message","usage":{"input_tokens":"12"}}'],
  ])('that is %s costs nothing', (_, text) => {
    expect(count('application/json', bytes(text))).toBeNull();
    expect(count(null, bytes(text))).toBeNull();
  });
});
