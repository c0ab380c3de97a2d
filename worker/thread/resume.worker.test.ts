import { evictDurableObject } from 'cloudflare:test';
import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import type { Down } from '../../protocol/down.ts';
import { atAPersonsPace } from './testing/at-a-persons-pace.ts';
import type { ThreadClient } from './testing/client.ts';
import { fakeModel, holdAnswer } from './testing/fake-model.ts';
import { says } from './testing/model-answers.ts';
import { openThread } from './testing/open-thread.ts';

const talk = (page: ThreadClient, from: number, to: number): Promise<void> =>
  atAPersonsPace(to - from + 1, (turn) => {
    page.send({ type: 'send', id: ulid(), text: `Message ${from + turn - 1}` });
    return page.ended(turn);
  });

/** What every page gets alike: all but the answers to its own hello and commands. */
const shared = ({ frames }: ThreadClient): Down[] =>
  frames.filter(({ type }) => type === 'entries' || type === 'delta');

describe('a page that was away', () => {
  it('receives exactly what it missed, in order and without gaps', async () => {
    const thread = await openThread();
    const page = await thread.page();
    await talk(page, 1, 5);
    const cursor = 4;
    const back = await thread.page(cursor);
    const head = page.entries().at(-1)?.seq ?? 0;
    await back.until(() => (back.entries().at(-1)?.seq === head ? true : null), 'the head');
    expect(head).toBeGreaterThan(cursor);
    expect(back.entries()).toEqual(page.entries().filter(({ seq }) => seq > cursor));
    expect(back.entries().map(({ seq }) => seq)).toEqual(
      Array.from({ length: head - cursor }, (_, at) => cursor + 1 + at),
    );
    expect(back.all('snapshot')).toEqual([]);
  });

  it('receives more than one page of entries without gaps', async () => {
    const thread = await openThread();
    const page = await thread.page();
    await talk(page, 1, 100);
    const back = await thread.page(0);
    const { upTo } = await back.first('entries');
    expect(upTo).toBe(300);
    expect(back.all('entries').length).toBeGreaterThan(1);
    expect(back.entries().map(({ seq }) => seq)).toEqual(
      Array.from({ length: upTo }, (_, at) => at + 1),
    );
    expect(back.messages()).toEqual(page.messages());
  });

  it('receives no entry when it missed none', async () => {
    const thread = await openThread();
    await talk(await thread.page(), 1, 1);
    const back = await thread.page(3);
    expect(back.entries()).toEqual([]);
    expect(back.all('snapshot')).toEqual([]);
  });

  it('begins anew when it knows more than there is', async () => {
    const back = await (await openThread()).page(99);
    expect(back.all('snapshot')).toHaveLength(1);
  });

  it('finds everything again after the object was evicted', async () => {
    const thread = await openThread();
    const page = await thread.page();
    await talk(page, 1, 2);
    const before = page.messages();
    page.close();
    await evictDurableObject(thread.stub);
    await thread.surround();
    expect((await thread.page()).messages()).toEqual(before);
  });
});

describe('a page that stays connected while the object sleeps', () => {
  it('goes on where it was, without another hello', async () => {
    const thread = await openThread();
    const page = await thread.page();
    await talk(page, 1, 1);
    await evictDurableObject(thread.stub);
    await thread.surround();
    page.send({ type: 'send', id: ulid(), text: 'Still there?' });
    expect(await page.ended(2)).toMatchObject({ state: { is: 'done' } });
    expect(page.entries().map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(page.closed).toBeNull();
  });
});

describe('two pages', () => {
  it('get the same frames in the same order', async () => {
    const thread = await openThread();
    const [one, two] = [await thread.page(), await thread.page()];
    for (const text of ['a', 'b', 'c']) {
      one.send({ type: 'send', id: ulid(), text: `${text} from one` });
      two.send({ type: 'send', id: ulid(), text: `${text} from two` });
    }
    const settled = (page: ThreadClient) => () => {
      const { messages, open } = {
        messages: page.messages(),
        open: page.replies().filter(({ state }) => state.is === 'streaming'),
      };
      const last = messages.at(-1);
      return messages.filter(({ from }) => from === 'person').length === 6 &&
        open.length === 0 &&
        last?.from === 'mainloop'
        ? true
        : null;
    };
    await one.until(settled(one), 'all answered');
    await two.until(settled(two), 'all answered');
    expect(shared(one).length).toBeGreaterThan(8);
    expect(shared(two)).toEqual(shared(one));
  });

  it('that come in the middle of a reply see all of it', async () => {
    const held = holdAnswer('Once upon ');
    const thread = await openThread({ model: fakeModel(() => held.respond()).model });
    const page = await thread.page();
    page.send({ type: 'send', id: ulid(), text: 'Tell me' });
    await page.first('delta');
    const late = await thread.page();
    expect(await late.first('delta')).toMatchObject({ offset: 0, text: 'Once upon ' });
    await thread.inside(() => {
      held.say('a time.');
      held.finish();
    });
    const { id } = await page.ended(1);
    await late.ended(1);
    const text = late
      .all('delta')
      .reduce((so, { offset, text: more }) => so.slice(0, offset) + more, '');
    expect(text).toBe('Once upon a time.');
    expect(late.replies()).toMatchObject([{ id, text, state: { is: 'done' } }]);
  });

  it('are alone with their commands’ answers', async () => {
    const thread = await openThread();
    const [one, two] = [await thread.page(), await thread.page()];
    one.send({ type: 'send', id: ulid(), text: 'Hello' });
    await one.first('ack');
    await two.ended(1);
    expect(two.all('ack')).toEqual([]);
  });
});

describe('older messages', () => {
  it('come in pages, oldest first, until there are no more', async () => {
    const thread = await openThread({
      model: fakeModel((_, number) => says(`Answer ${number}`)).model,
    });
    await talk(await thread.page(), 1, 5);
    const newest = await thread.stub.messages({
      is: 'before',
      seq: Number.MAX_SAFE_INTEGER,
      limit: 4,
    });
    expect(newest?.messages.map(({ text }) => text)).toEqual([
      'Message 4',
      'Answer 4',
      'Message 5',
      'Answer 5',
    ]);
    expect(newest?.hasOlder).toBe(true);
    const rest = await thread.stub.messages({
      is: 'before',
      seq: newest?.messages[0]?.seq ?? 0,
      limit: 100,
    });
    expect(rest?.messages).toHaveLength(6);
    expect(rest?.messages[0]?.text).toBe('Message 1');
    expect(rest?.hasOlder).toBe(false);
  });
});
