import { describe, expect, it } from 'vitest';
import type { Message } from '../../protocol/message.ts';
import { createPaging } from './paging.ts';
import { reduce } from './reducer.ts';
import { shownMessages } from './passage.ts';
import { type State, emptyState } from './state.ts';

const idOf = (seq: number) => `01JZZZZZZZZZZZZZZZZZZZ${String(seq).padStart(4, '0')}`;
const message = (seq: number, text = `Number ${seq}`): Message => ({
  id: idOf(seq),
  from: 'person',
  text,
  at: seq,
  seq,
});
const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => message(from + at));
const seqs = (state: State) => shownMessages(state).messages.map(({ seq }) => seq);

/** A page that holds the messages from 91 to 100, and a server that has all hundred. */
function conversation(pageSize = 4) {
  const state = { ...emptyState(), messages: range(91, 100), hasOlder: true };
  const all = range(1, 100);
  const asked: unknown[] = [];
  let answers: () => Promise<void> = async () => {};
  const paging = createPaging(
    () => state,
    (how) => how(state),
    async (query) => {
      asked.push(query);
      await answers();
      const [key = '', value = 0] = Object.entries(query)[0] ?? [];
      const at = all.findIndex(({ id, seq }) => id === value || seq === value);
      if (key === 'around' && at === -1) return { is: 'missing' };
      const from = { before: at - pageSize, after: at + 1, around: at - pageSize / 2 }[key] ?? 0;
      const start = Math.max(0, from);
      const end = key === 'before' ? at : start + pageSize;
      const messages = all.slice(start, end);
      const page = { messages, hasOlder: start > 0, hasNewer: end < all.length };
      return { is: 'page', page };
    },
  );
  return { state, paging, asked, delay: (how: () => Promise<void>) => (answers = how) };
}

describe('a jump', () => {
  it('to a message that is far away shows what surrounds it, and the newest stay', async () => {
    const { state, paging } = conversation();
    expect(await paging.goToMessage(idOf(50))).toBe('shown');
    expect(seqs(state)).toEqual([48, 49, 50, 51]);
    expect(state.messages).toHaveLength(10);
    await paging.loadOlder();
    await paging.loadNewer();
    expect(seqs(state)).toEqual([44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55]);
    paging.goToNewest();
    expect(seqs(state)).toEqual([91, 92, 93, 94, 95, 96, 97, 98, 99, 100]);
  });

  it('takes no page that was asked for before the newest while it was under way', async () => {
    const { state, paging, delay } = conversation();
    const answers: (() => void)[] = [];
    delay(() => new Promise((resolve) => void answers.push(resolve)));
    const jumped = paging.goToMessage(idOf(50));
    const older = paging.loadOlder();
    answers[0]?.();
    await jumped;
    answers[1]?.();
    await older;
    expect(seqs(state)).toEqual([48, 49, 50, 51]);
  });

  it('grows until it is one with the newest', async () => {
    const { state, paging } = conversation();
    await paging.goToMessage(idOf(85));
    await paging.loadNewer();
    expect(shownMessages(state).hasNewer).toBe(true);
    await paging.loadNewer();
    expect(shownMessages(state)).toMatchObject({ hasNewer: false, hasOlder: true });
    expect(seqs(state)).toEqual(Array.from({ length: 18 }, (_, at) => at + 83));
  });

  it('to what is there needs no server', async () => {
    const { state, paging, asked } = conversation();
    expect(await paging.goToMessage(idOf(95))).toBe('shown');
    expect(asked).toEqual([]);
    await paging.goToMessage(idOf(50));
    expect(await paging.goToMessage(idOf(95))).toBe('shown');
    expect(state.passage).toBeNull();
  });

  it('to a message that is not there leaves all as it is', async () => {
    const { state, paging } = conversation();
    expect(await paging.goToMessage(idOf(777))).toBe('missing');
    expect(state.passage).toBeNull();
  });

  it('is not undone by a page that was asked for before', async () => {
    const { state, paging, delay } = conversation();
    const { promise, resolve } = Promise.withResolvers<void>();
    delay(() => promise);
    const older = paging.loadOlder();
    delay(async () => {});
    await paging.goToMessage(idOf(50));
    resolve();
    await older;
    expect(seqs(state)).toEqual([48, 49, 50, 51]);
    expect(state.messages).toHaveLength(10);
  });
});

it('a message that changes stands changed in a passage, and a new one only among the newest', async () => {
  const { state, paging } = conversation();
  state.cursor = 100;
  await paging.goToMessage(idOf(50));
  const entry = (seq: number, one: Message) => ({
    seq,
    at: 0,
    change: { type: 'message' as const, message: one },
  });
  reduce(state, {
    type: 'entries',
    entries: [entry(101, message(50, 'Changed')), entry(102, message(102))],
    upTo: 102,
  });
  expect(shownMessages(state).messages.map(({ text }) => text)).toContain('Changed');
  expect(seqs(state)).toEqual([48, 49, 50, 51]);
  expect(state.messages.at(-1)?.seq).toBe(102);
});
