import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import { idOf, personMessage, replyMessage } from '../testing/facts.ts';
import { ThreadStore } from './thread-store.ts';

/** Runs a test with the messages of an object of its own. */
function inStore(test: (store: ThreadStore) => void): Promise<void> {
  const stub = env.MAIN_THREAD.get(env.MAIN_THREAD.idFromName(ulid()));
  return runInDurableObject(stub, (_, { storage }) => {
    const store = new ThreadStore(storage);
    store.open();
    test(store);
  });
}

const LONG = 'x'.repeat(400_000);
const seqs = (messages: readonly { seq: number }[]) => messages.map(({ seq }) => seq);

describe('a conversation of more messages than memory has room for', () => {
  const long = (test: (store: ThreadStore) => void) =>
    inStore((store) => {
      for (let seq = 1; seq <= 30; seq++) store.putMessage(personMessage(seq, LONG));
      test(store);
    });

  it('is read from its newest end for a reply, without those that have a turn of their own', () =>
    long((store) => {
      expect(seqs(store.newestAfter(0, new Set()))).toEqual([22, 23, 24, 25, 26, 27, 28, 29, 30]);
      const waiting = new Set([idOf(29), idOf(30)]);
      expect(seqs(store.newestAfter(0, waiting))).toEqual([20, 21, 22, 23, 24, 25, 26, 27, 28]);
      expect(seqs(store.newestAfter(28, new Set()))).toEqual([29, 30]);
    }));

  it('is read from its oldest end for a summary, and its size is known without reading it', () =>
    long((store) => {
      expect(seqs(store.oldestAfter(3))).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12]);
      expect(store.sizeAfter(3)).toEqual({ count: 27, bytes: 27 * LONG.length });
    }));
});

it('the size of messages is that of their UTF-8, as the model counts it', () =>
  inStore((store) => {
    expect(store.sizeAfter(0)).toEqual({ count: 0, bytes: 0 });
    store.putMessage(personMessage(1, 'Grüße 👋'));
    expect(store.sizeAfter(0)).toEqual({
      count: 1,
      bytes: new TextEncoder().encode('Grüße 👋').length,
    });
  }));

it('what the person said after the last reply is named in order, whatever else stands there', () =>
  inStore((store) => {
    for (const seq of [1, 3, 4]) store.putMessage(personMessage(seq, 'Hello'));
    store.putMessage(replyMessage(2, 'Hi'));
    expect(store.saidAfter(store.lastReplySeq())).toEqual([idOf(3), idOf(4)]);
  }));
