import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import type { ThreadClient } from '../testing/client.ts';
import { fakeModel, holdAnswer, lastText } from '../testing/fake-model.ts';
import { says } from '../testing/model-answers.ts';
import { openThread } from '../testing/open-thread.ts';

function ask(page: ThreadClient, text = 'Tell me'): string {
  const id = ulid();
  page.send({ type: 'send', id, text });
  return id;
}

/** What the page shows while the reply streams. */
const streamed = (page: ThreadClient, messageId: string) =>
  page
    .all('delta')
    .filter((frame) => frame.messageId === messageId)
    .reduce((so, { offset, text }) => so.slice(0, offset) + text, '');

describe('a reply', () => {
  it('streams word by word, and what was streamed is what stays', async () => {
    const words = 'One two **three** – 四 😀 and a `half`.\n\n- end';
    const page = await (await openThread({ model: fakeModel(() => says(words)).model })).page();
    ask(page);
    const reply = await page.ended(1);
    expect(reply).toMatchObject({ text: words, state: { is: 'done' }, taskIds: [] });
    expect(page.all('delta').length).toBeGreaterThan(5);
    expect(streamed(page, reply.id)).toBe(words);
  });

  it('is asked of the main model, with the person’s words last', async () => {
    const { model, requests } = fakeModel(() => says('Hello.'));
    const page = await (await openThread({ model })).page();
    ask(page, 'How are you?');
    await page.ended(1);
    expect(requests).toHaveLength(1);
    expect(requests[0]).toMatchObject({ model: 'claude-haiku-5-5', stream: true });
    expect(requests.map(lastText)).toEqual(['How are you?']);
  });

  it('answers all that was said while another one streamed, in one', async () => {
    const held = holdAnswer('Once upon ');
    const { model, requests } = fakeModel((_, number) =>
      number === 1 ? held.respond() : says('Both.'),
    );
    const thread = await openThread({ model });
    const page = await thread.page();
    ask(page, 'First');
    await page.first('delta');
    ask(page, 'Second');
    ask(page, 'Third');
    await page.until(() => (page.all('ack').length === 3 ? true : null), 'three acks');
    await thread.inside(held.finish);
    expect(await page.ended(2)).toMatchObject({ text: 'Both.' });
    expect(requests).toHaveLength(2);
    expect(requests[1]?.body).toMatch(/First.*Second.*Third/s);
  });
});

describe('stop', () => {
  it('ends the reply where it is, and what was said stays', async () => {
    const held = holdAnswer('Once upon ');
    const { model } = fakeModel((_, number) => (number === 1 ? held.respond() : says('Well.')));
    const thread = await openThread({ model });
    const page = await thread.page();
    ask(page);
    await page.first('delta');
    const id = ulid();
    page.send({ type: 'stop', id });
    expect(await page.first('ack', (ack) => ack.id === id)).toMatchObject({ seq: null });
    expect(await page.ended(1)).toMatchObject({
      text: 'Once upon ',
      state: { is: 'cut', why: 'stopped' },
    });
    ask(page, 'Go on');
    expect(await page.ended(2)).toMatchObject({ text: 'Well.', state: { is: 'done' } });
  });

  it('changes nothing when no reply streams', async () => {
    const page = await (await openThread()).page();
    page.send({ type: 'stop', id: ulid() });
    await page.first('ack');
    ask(page);
    expect((await page.ended(1)).state).toEqual({ is: 'done' });
  });
});

describe('an object that is evicted in the middle of a reply', () => {
  it('shows the reply as cut, and answers it when asked again', async () => {
    const held = holdAnswer('Once upon ');
    const { model, requests } = fakeModel((_, number) =>
      number === 1 ? held.respond() : says('Here it is, whole.'),
    );
    const thread = await openThread({ model });
    const page = await thread.page();
    ask(page, 'Tell me a story');
    await page.first('delta');
    await thread.crash();
    const back = await thread.page();
    const cut = await back.ended(1);
    expect(cut.state).toEqual({ is: 'cut', why: 'restarted' });
    back.send({ type: 'again', id: ulid(), messageId: cut.id });
    expect(await back.ended(2)).toMatchObject({
      text: 'Here it is, whole.',
      state: { is: 'done' },
    });
    expect(requests.at(-1)?.body).toContain('Tell me a story');
  });
});

describe('again', () => {
  it('is refused for a reply that has ended well', async () => {
    const page = await (await openThread()).page();
    ask(page);
    const { id: messageId } = await page.ended(1);
    page.send({ type: 'again', id: ulid(), messageId });
    expect(await page.first('refused')).toMatchObject({ code: 'already_settled' });
  });

  it('is refused for what is no reply', async () => {
    const page = await (await openThread()).page();
    const mine = ask(page);
    for (const messageId of [ulid(), mine]) page.send({ type: 'again', id: ulid(), messageId });
    await page.until(() => (page.all('refused').length === 2 ? true : null), 'two refusals');
    expect(page.all('refused').map(({ code }) => code)).toEqual(['not_found', 'not_found']);
  });
});
