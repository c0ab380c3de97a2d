import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { quoted } from '../../worker/thread/reply/quote.ts';
import { type OfflineModel, startOfflineModel } from './model.ts';
import { SUMMARY_INSTRUCTIONS } from './product-words.ts';

const FAST = { tokensPerSecond: 5_000, timeToFirstTokenMs: 1, workerStepMs: 1, log: () => {} };
const tools: Anthropic.Tool[] = [
  { name: 'start_task', input_schema: { type: 'object', properties: {} } },
];
let model: OfflineModel;
let client: Anthropic;

beforeAll(async () => {
  model = await startOfflineModel(FAST);
  client = new Anthropic({ baseURL: model.url, apiKey: model.apiKey, maxRetries: 0 });
});
afterAll(() => model.stop());

const asked = (content: string, system = '') => ({
  model: 'claude-haiku-5-5',
  max_tokens: 1_000,
  system,
  messages: [{ role: 'user' as const, content }],
});
const ask = (content: string, system?: string) =>
  client.messages.stream({ ...asked(content, system), tools });

it('streams text in small pieces', async () => {
  const pieces: string[] = [];
  const message = await ask('help')
    .on('text', (text) => pieces.push(text))
    .finalMessage();
  expect(message.stop_reason).toBe('end_turn');
  expect(pieces.length).toBeGreaterThan(20);
  expect(pieces.join('')).toContain('ANTHROPIC_API_KEY');
});

it('streams a tool call', async () => {
  const message = await ask('Add due dates, use haiku').finalMessage();
  expect(message.stop_reason).toBe('tool_use');
  expect(message.content).toMatchObject([
    { type: 'tool_use', name: 'start_task', input: { title: 'Add due dates', model: 'haiku' } },
  ]);
});

it('reports usage by the size of what was sent, and keeps account of the requests', async () => {
  const { usage: small } = await ask('help').finalMessage();
  const { usage: large } = await ask('help', 'word '.repeat(4_000)).finalMessage();
  expect(large.input_tokens - small.input_tokens).toBeGreaterThan(4_000);
  expect(model.requests().at(-1)).toEqual({
    at: expect.any(Number),
    model: 'claude-haiku-5-5',
    kind: 'thread',
    usage: { inputTokens: large.input_tokens, outputTokens: large.output_tokens },
  });
});

it('counts tokens without answering', async () => {
  const before = model.requests().length;
  const { messages } = asked('word '.repeat(400));
  const { input_tokens } = await client.messages.countTokens({ model: 'm', messages });
  expect(input_tokens).toBeGreaterThan(400);
  expect(model.requests()).toHaveLength(before);
});

it('summarises, without streaming, and keeps what weighs most', async () => {
  const filler = Array.from({ length: 200 }, (_, at) => ({
    from: 'mainloop',
    text: `Remark ${at}, ${'x '.repeat(20)}`,
  }));
  const said = [{ from: 'person', text: 'The codeword is heron.' }, ...filler];
  const text = quoted('messages', said, 1_000);
  const { content } = await client.messages.create(asked(text, SUMMARY_INSTRUCTIONS));
  const [summary] = content.map((block) => (block.type === 'text' ? block.text : ''));
  expect(summary).toMatch(/^- Person: The codeword is heron\.\n- Mainloop: Remark 1[67]\d/);
  expect(summary?.split(/\s+/).length).toBeLessThan(1_000);
});

it('refuses what is no request, as the real API does', async () => {
  const response = await fetch(`${model.url}/v1/messages`, { method: 'POST', body: '{"model":' });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
});
