import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, connect, replyTo } from './harness/client.ts';
import { plantedIn } from './harness/planted.ts';
import { type ScriptedModel, startScriptedModel } from './harness/scripted-model.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';

describe('a model of the person’s own choice, with its faults', () => {
  let stack: TestStack;
  let model: ScriptedModel;
  let client: Client;

  beforeAll(async () => {
    model = await startScriptedModel(() => 'All is well.');
    stack = await startTestStack({
      settings: {
        ANTHROPIC_BASE_URL: model.url,
        ANTHROPIC_API_KEY: 'a-key-of-the-test',
        MODEL_SILENCE_SECONDS: '4',
      },
    });
    client = await connect(stack.url);
  });

  afterAll(async () => {
    client.close();
    await stack.stop();
    await model.stop();
  });

  it('is asked with the key that was set, and answers', async () => {
    expect(await replyTo(client, client.send({ type: 'send', text: 'Hello' }))).toMatchObject({
      text: 'All is well.',
      state: 'done',
    });
    expect(model.keys).toContain('a-key-of-the-test');
  });

  it('refuses an empty message in one sentence', async () => {
    const id = client.send({ type: 'send', text: '   ' });
    const frame = await client.until((one) => one.type === 'refused' && one.id === id);
    expect(frame).toMatchObject({ code: 'empty' });
  });

  it('refuses a message of 2 MB in one sentence, and the connection goes on', async () => {
    const before = client.frames.length;
    client.send({ type: 'send', text: 'x'.repeat(2_000_000) });
    const frame = await client.until(
      (one) => one.type === 'refused' && client.frames.indexOf(one) >= before,
    );
    expect(frame).toMatchObject({ code: 'too_long' });
    const next = await replyTo(client, client.send({ type: 'send', text: 'Still there?' }));
    expect(next.state).toBe('done');
  });

  it('refuses what is no frame at all', async () => {
    client.raw('{"type":"send"');
    await client.until((one) => one.type === 'refused' && one.code === 'malformed');
  });

  it.each([
    ['unauthorized', /key/i],
    ['rate_limited', /limit|busy|too many/i],
    ['overloaded', /overload|busy/i],
    ['broken', /cut|broke|ended/i],
    ['silent', /said nothing/i],
  ] as const)(
    'says in one sentence what a model that is %s means',
    async (manner, words) => {
      model.manner = manner;
      const reply = await replyTo(
        client,
        client.send({ type: 'send', text: `What if ${manner}?` }),
        90_000,
      );
      expect(`${reply.text} ${reply.error}`).toMatch(words);
      expect(reply.state).not.toBe('done');
      model.manner = 'fine';
    },
    100_000,
  );

  it('has lost no message over all that', async () => {
    const later = await connect(stack.url);
    const { messages } = await later.snapshot();
    const texts = messages.filter((one) => one.from === 'person').map((one) => one.text);
    expect(texts).toEqual([
      'Hello',
      'Still there?',
      'What if unauthorized?',
      'What if rate_limited?',
      'What if overloaded?',
      'What if broken?',
      'What if silent?',
    ]);
    later.close();
  });

  it('keeps nothing of its secrets, and would be found out', async () => {
    expect(stack.secrets).toContain('a-key-of-the-test');
    expect(await plantedIn(stack)).toEqual([]);
    const file = path.join(stack.dataDir, 'kept-by-mistake');
    for (const secret of [...stack.secrets, process.env.NPM_TOKEN ?? '']) {
      writeFileSync(file, `{"error":"401 with ${Buffer.from(secret).toString('base64')}"}`);
      expect(await plantedIn(stack)).toEqual(['kept-by-mistake']);
    }
    rmSync(file);
  });
});
