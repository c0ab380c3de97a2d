import Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OfflineModel, startOfflineModel } from './model.ts';

const FAST = { tokensPerSecond: 5_000, timeToFirstTokenMs: 1, workerStepMs: 1, log: () => {} };
const tools: Anthropic.Tool[] = [
  { name: 'start_task', input_schema: { type: 'object', properties: {} } },
];

const ask = (content: string, system = '') => ({
  model: 'claude-haiku-5-5',
  max_tokens: 1_000,
  system,
  tools,
  messages: [{ role: 'user' as const, content }],
});

describe('the offline model', () => {
  let model: OfflineModel;
  let client: Anthropic;

  beforeAll(async () => {
    model = await startOfflineModel(FAST);
    client = new Anthropic({ baseURL: model.url, apiKey: model.apiKey, maxRetries: 0 });
  });
  afterAll(() => model.stop());

  it('streams text in small pieces', async () => {
    const pieces: string[] = [];
    const stream = client.messages.stream(ask('help'));
    stream.on('text', (text) => pieces.push(text));
    const message = await stream.finalMessage();
    expect(message.stop_reason).toBe('end_turn');
    expect(pieces.length).toBeGreaterThan(20);
    expect(pieces.join('')).toContain('ANTHROPIC_API_KEY');
  });

  it('streams text and then a tool call', async () => {
    const message = await client.messages.stream(ask('Add dark mode, use haiku')).finalMessage();
    expect(message.stop_reason).toBe('tool_use');
    expect(message.content).toMatchObject([
      { type: 'text', text: 'On it: Add dark mode, in acme/site.' },
      { type: 'tool_use', name: 'start_task', input: { title: 'Add dark mode', model: 'haiku' } },
    ]);
  });

  it('reports usage by the size of what was sent, and keeps account of the requests', async () => {
    const { usage: small } = await client.messages.stream(ask('help')).finalMessage();
    const { usage: large } = await client.messages
      .stream(ask('help', 'word '.repeat(4_000)))
      .finalMessage();
    expect(large.input_tokens - small.input_tokens).toBeGreaterThan(4_000);
    expect(small.output_tokens).toBeGreaterThan(50);
    expect(model.requests().at(-1)).toEqual({
      at: expect.any(Number),
      model: 'claude-haiku-5-5',
      kind: 'thread',
      usage: { inputTokens: large.input_tokens, outputTokens: large.output_tokens },
    });
  });

  it('counts tokens without answering', async () => {
    const before = model.requests().length;
    const { input_tokens } = await client.messages.countTokens({
      model: 'claude-haiku-5-5',
      messages: [{ role: 'user', content: 'word '.repeat(400) }],
    });
    expect(input_tokens).toBeGreaterThan(400);
    expect(model.requests()).toHaveLength(before);
  });

  it('answers without streaming, too, and summarises', async () => {
    const message = await client.messages.create({
      model: 'claude-haiku-5-5',
      max_tokens: 1_000,
      system: 'You write the rolling summary of a conversation.',
      messages: [
        {
          role: 'user',
          content:
            'Summary so far:\n(none)\n\nMessages:\nPerson: The codeword is heron.\nMainloop: Noted.',
        },
      ],
    });
    expect(message.content).toMatchObject([
      { text: '- Person: The codeword is heron.\n- Mainloop: Noted.' },
    ]);
    expect(model.requests().at(-1)?.kind).toBe('summary');
  });

  it('refuses what is no request, as the real API does', async () => {
    const response = await fetch(`${model.url}/v1/messages`, { method: 'POST', body: '{"model":' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error' } });
  });
});

it('takes its time to the first token, and ends in the middle of an answer when stopped', async () => {
  const model = await startOfflineModel({ ...FAST, timeToFirstTokenMs: 60_000 });
  const client = new Anthropic({ baseURL: model.url, apiKey: 'any', maxRetries: 0 });
  const began = Date.now();
  const answer = client.messages
    .stream({ model: 'm', max_tokens: 10, tools, messages: [{ role: 'user', content: 'help' }] })
    .finalMessage()
    .catch((error: unknown) => error);
  await expect.poll(() => model.requests().length, { interval: 10 }).toBe(1);
  await model.stop();
  expect(await answer).toBeInstanceOf(Error);
  expect(Date.now() - began).toBeLessThan(20_000);
});
