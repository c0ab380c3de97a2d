import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import { CLOSE } from '../../protocol/down.ts';
import { MESSAGE_MAX_CHARS } from '../../protocol/message.ts';
import { UP_FRAME_MAX_CHARS } from '../../protocol/up.ts';
import { DEFAULT_SETTINGS } from '../../protocol/settings.ts';
import { PROTOCOL_VERSION } from '../../protocol/version.ts';
import { REPOSITORY } from './testing/facts.ts';
import { openThread } from './testing/open-thread.ts';

describe('hello', () => {
  it('is answered with who one is, the state, and the repositories', async () => {
    const page = await (await openThread()).page();
    expect(page.frames.slice(0, 2)).toEqual([
      {
        type: 'welcome',
        version: PROTOCOL_VERSION,
        installation: {
          person: 'ada@example.com',
          offlineModel: null,
          noSecrets: null,
          gitHost: 'http://github.test',
        },
      },
      {
        type: 'snapshot',
        snapshot: {
          seq: 0,
          messages: [],
          hasOlder: false,
          tasks: [],
          inbox: [],
          settings: DEFAULT_SETTINGS,
          queue: [],
        },
      },
    ]);
    const known = await page.first('repositories', ({ repositories }) => repositories.length > 0);
    expect(known.repositories).toEqual([REPOSITORY]);
  });

  it('of another version ends the connection, so that the page reloads', async () => {
    const client = await (await openThread()).connect();
    client.hello(null, PROTOCOL_VERSION + 1);
    expect(await client.closing()).toBe(CLOSE.version);
    expect(client.frames).toEqual([]);
  });

  it('ends at once when the sign-in has expired', async () => {
    const client = await (await openThread()).connect(1);
    expect(await client.closing()).toBe(CLOSE.signedOut);
  });
});

describe('a sent message', () => {
  it('is acknowledged with its place in the log, and shown', async () => {
    const page = await (await openThread()).page();
    const id = ulid();
    page.send({ type: 'send', id, text: 'Hello' });
    expect(await page.first('ack')).toEqual({ type: 'ack', id, seq: 1 });
    await page.ended(1);
    expect(page.messages()[0]).toMatchObject({ id, from: 'person', text: 'Hello', seq: 1 });
  });

  it('that comes again is acknowledged with the same number and stored once', async () => {
    const thread = await openThread();
    const page = await thread.page();
    const id = ulid();
    page.send({ type: 'send', id, text: 'Hello' });
    page.send({ type: 'send', id, text: 'Hello' });
    const other = await thread.page();
    other.send({ type: 'send', id, text: 'Hello' });
    await page.until(() => (page.all('ack').length === 2 ? true : null), 'two acks');
    expect([...page.all('ack'), await other.first('ack')].map(({ seq }) => seq)).toEqual([1, 1, 1]);
    await page.ended(1);
    expect(await thread.stub.counts()).toMatchObject({ messages: 2 });
  });

  it('is refused in words when it is empty', async () => {
    const thread = await openThread();
    const page = await thread.page();
    const id = ulid();
    page.send({ type: 'send', id, text: ' \n ' });
    expect(await page.first('refused')).toMatchObject({
      id,
      code: 'empty',
      text: expect.stringMatching(/nothing/),
    });
    expect(await thread.stub.counts()).toMatchObject({ messages: 0 });
  });

  it.each([MESSAGE_MAX_CHARS + 1, UP_FRAME_MAX_CHARS + 1, 2_000_000])(
    'is refused in words when it has %i characters, and the connection goes on',
    async (length) => {
      const thread = await openThread();
      const page = await thread.page();
      const id = ulid();
      page.send({ type: 'send', id, text: 'x'.repeat(length) });
      const refused = await page.first('refused');
      expect(refused).toMatchObject({ id, code: 'too_long' });
      expect(refused.text).toMatch(/at most 100,000/);
      expect(await thread.stub.counts()).toMatchObject({ messages: 0 });
      page.send({ type: 'send', id: ulid(), text: 'Shorter' });
      expect((await page.ended(1)).state).toEqual({ is: 'done' });
    },
  );

  it('may be as long as the limit says', async () => {
    const page = await (await openThread()).page();
    page.send({ type: 'send', id: ulid(), text: '😀'.repeat(MESSAGE_MAX_CHARS / 2) });
    expect(await page.first('ack')).toMatchObject({ seq: 1 });
  });
});

describe('garbage', () => {
  it.each([
    '',
    'hello',
    'null',
    '[]',
    '{}',
    '{"type":"nothing"}',
    '{"type":"send"}',
    '{"type":"send","id":"1","text":"x"}',
    '{"type":"send","id":"01JZZZZZZZZZZZZZZZZZABCDEF","text":7}',
    '{"type":"hello","version":1,"cursor":-1}',
  ])('is refused in words and changes nothing: %j', async (garbage) => {
    const thread = await openThread();
    const page = await thread.page();
    page.raw(garbage);
    expect(await page.first('refused')).toMatchObject({ code: 'malformed' });
    expect(await thread.stub.counts()).toEqual({ messages: 0, tasks: 0, inbox: 0 });
  });

  it('in bytes is refused too', async () => {
    const page = await (await openThread()).page();
    page.raw(new ArrayBuffer(8));
    expect(await page.first('refused')).toMatchObject({ code: 'malformed' });
  });

  it('without end ends the connection', async () => {
    const page = await (await openThread()).page();
    for (let count = 0; count < 30; count++) page.raw('garbage');
    expect(await page.closing()).toBe(CLOSE.malformed);
  });

  it('is what a command before hello counts as: it is refused and not carried out', async () => {
    const thread = await openThread();
    const client = await thread.connect();
    const id = ulid();
    client.send({ type: 'send', id, text: 'Hello' });
    expect(await client.first('refused')).toMatchObject({ id, code: 'malformed' });
    expect(await thread.stub.counts()).toMatchObject({ messages: 0 });
  });
});
