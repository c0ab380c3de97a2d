import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import type { ThreadClient } from '../testing/client.ts';
import { type FakeModel, fakeModel, holdAnswer } from '../testing/fake-model.ts';
import {
  START,
  answer,
  beginText,
  event,
  refuses,
  says,
  stream,
  textDelta,
} from '../testing/model-answers.ts';
import { type OpenThread, openThread } from '../testing/open-thread.ts';

type Try = () => Response;

/** A model that answers as listed, and then well. */
function faulty(...tries: Try[]): FakeModel {
  return fakeModel((_, number) => tries[number - 1]?.() ?? says('All is well.'));
}

async function ask({ model }: FakeModel): Promise<{ thread: OpenThread; page: ThreadClient }> {
  const thread = await openThread({ model });
  const page = await thread.page();
  page.send({ type: 'send', id: ulid(), text: 'Hello' });
  return { thread, page };
}

const broken = (...events: Uint8Array[]) => stream([START, beginText(0), ...events]);
const overloaded = event({
  type: 'error',
  error: { type: 'overloaded_error', message: 'Overloaded' },
});
const notJson = new TextEncoder().encode('event: content_block_delta\ndata: {"type":\n\n');

describe('an error that trying again does not mend', () => {
  const LASTING: Record<string, { say: Try; sentence: RegExp }> = {
    'a key that is refused': { say: () => refuses(401), sentence: /ANTHROPIC_API_KEY/ },
    'a limit for a minute': {
      say: () => refuses(429, { 'retry-after': '60' }),
      sentence: /rate limit.*60 s/,
    },
    'a request that is refused': { say: () => refuses(400), sentence: /refused the request/ },
  };

  it.each(Object.entries(LASTING))(
    'is said in one sentence and asked about once, and the next message works: %s',
    async (_, { say, sentence }) => {
      const fake = faulty(say);
      const { page } = await ask(fake);
      const reply = await page.ended(1);
      expect(reply.state).toMatchObject({ is: 'failed', error: expect.stringMatching(sentence) });
      expect(fake.requests).toHaveLength(1);
      page.send({ type: 'send', id: ulid(), text: 'And now?' });
      expect(await page.ended(2)).toMatchObject({ text: 'All is well.', state: { is: 'done' } });
      expect(page.replies()).toHaveLength(2);
    },
  );

  it('can be asked about again', async () => {
    const { page } = await ask(faulty(() => refuses(401)));
    const { id: messageId } = await page.ended(1);
    page.send({ type: 'again', id: ulid(), messageId });
    expect(await page.ended(2)).toMatchObject({ text: 'All is well.', state: { is: 'done' } });
  });
});

describe('an error before the first word', () => {
  const PASSING: Record<string, Try> = {
    overloaded: () => refuses(529),
    'a fault of theirs': () => refuses(500),
    'a short limit': () => refuses(429, { 'retry-after': '0.1' }),
    'an error in the stream': () => broken(overloaded),
    'a stream that ends at once': () => stream([]),
    'a stream without an end': () => broken(),
    garbage: () => broken(notJson),
  };

  it.each(Object.entries(PASSING))('is tried again, and nobody sees it: %s', async (_, say) => {
    const fake = faulty(say);
    const { page } = await ask(fake);
    expect(await page.ended(1)).toMatchObject({ text: 'All is well.', state: { is: 'done' } });
    expect(fake.requests).toHaveLength(2);
  });

  it('is given up after three tries', async () => {
    const overload = () => refuses(529);
    const fake = faulty(overload, overload, overload);
    const { page } = await ask(fake);
    expect((await page.ended(1)).state).toMatchObject({
      is: 'failed',
      error: expect.stringMatching(/overloaded/),
    });
    expect(fake.requests).toHaveLength(3);
  });

  it('is waited out no longer than the person wants', async () => {
    const fake = faulty(() => refuses(429, { 'retry-after': '5' }));
    const { page } = await ask(fake);
    await expect.poll(() => fake.requests.length).toBe(1);
    const asked = Date.now();
    page.send({ type: 'stop', id: ulid() });
    expect((await page.ended(1)).state).toEqual({ is: 'cut', why: 'stopped' });
    expect(Date.now() - asked).toBeLessThan(3_000);
    expect(fake.requests).toHaveLength(1);
  });
});

describe('words that break off before any tool ran', () => {
  const HALF: Record<string, { say: Try; sentence: RegExp }> = {
    'a lost connection': { say: () => broken(textDelta(0, 'Half an ')), sentence: /cut off/ },
    'an error': {
      say: () => broken(textDelta(0, 'Half an '), overloaded),
      sentence: /overloaded/,
    },
    garbage: { say: () => broken(textDelta(0, 'Half an '), notJson), sentence: /cut off/ },
  };

  it.each(Object.entries(HALF))('are said anew, in place of the half: %s', async (_, { say }) => {
    const fake = faulty(say, say);
    const { page } = await ask(fake);
    const reply = await page.ended(1);
    expect(reply).toMatchObject({ text: 'All is well.', state: { is: 'done' } });
    expect(fake.requests).toHaveLength(3);
    // A page that only knows the pieces shows the same.
    const shown = page
      .all('delta')
      .reduce((so, { offset, text }) => so.slice(0, offset) + text, '');
    expect(shown).toBe('All is well.');
  });

  it.each(Object.entries(HALF))(
    'are shown as cut off after the third time, and the next message works: %s',
    async (_, { say, sentence }) => {
      const fake = faulty(say, say, say);
      const { page } = await ask(fake);
      expect(await page.ended(1)).toMatchObject({
        text: 'Half an ',
        state: { is: 'failed', error: expect.stringMatching(sentence) },
      });
      expect(fake.requests).toHaveLength(3);
      page.send({ type: 'send', id: ulid(), text: 'And now?' });
      expect(await page.ended(2)).toMatchObject({ text: 'All is well.', state: { is: 'done' } });
    },
  );
});

describe('an answer that came whole and is none', () => {
  it.each([
    ['end_turn', /no answer/],
    ['refusal', /refused/],
    ['max_tokens', /too long/],
  ])('is shown as such: nothing, ended by %s', async (reason, sentence) => {
    const { page } = await ask(faulty(() => answer([], reason)));
    const { state } = await page.ended(1);
    expect(state).toMatchObject({ is: 'failed', error: expect.stringMatching(sentence) });
  });

  it('keeps its words when it became too long', async () => {
    const { page } = await ask(faulty(() => answer([{ text: 'On and on' }], 'max_tokens')));
    expect(await page.ended(1)).toMatchObject({
      text: 'On and on',
      state: { is: 'failed', error: expect.stringMatching(/too long/) },
    });
  });
});

it('a connection that is lost in the middle is told from a stop: the reply is given anew', async () => {
  const held = holdAnswer('Once upon ');
  const { thread, page } = await ask(faulty(() => held.respond()));
  await page.first('delta');
  await thread.inside(held.breakOff);
  expect(await page.ended(1)).toMatchObject({ text: 'All is well.', state: { is: 'done' } });
});
