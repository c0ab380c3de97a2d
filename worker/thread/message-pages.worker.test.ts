import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import { type PageAsked, messagesPage } from './message-pages.ts';
import { ThreadStore } from './storage/thread-store.ts';
import { idOf, personMessage } from './testing/facts.ts';

const MESSAGES = 20;

/** The log numbers of a page of a conversation of twenty, and what stands beside it. */
function page(asked: PageAsked) {
  const stub = env.MAIN_THREAD.get(env.MAIN_THREAD.idFromName(ulid()));
  return runInDurableObject(stub, (_, { storage }) => {
    const store = new ThreadStore(storage);
    store.open();
    for (let seq = 1; seq <= MESSAGES; seq++) store.putMessage(personMessage(seq, `Number ${seq}`));
    const found = messagesPage(store, asked);
    return found === null ? null : { ...found, messages: found.messages.map(({ seq }) => seq) };
  });
}

describe('a page of messages', () => {
  it.each<[PageAsked, number[], boolean, boolean]>([
    [{ is: 'before', seq: Number.MAX_SAFE_INTEGER, limit: 3 }, [18, 19, 20], true, false],
    [{ is: 'before', seq: 3, limit: 3 }, [1, 2], false, true],
    [{ is: 'after', seq: 5, limit: 2 }, [6, 7], true, true],
    [{ is: 'after', seq: 18, limit: 5 }, [19, 20], true, false],
    [{ is: 'after', seq: 20, limit: 5 }, [], true, false],
    [{ is: 'around', id: idOf(10), limit: 4 }, [8, 9, 10, 11], true, true],
    [{ is: 'around', id: idOf(1), limit: 4 }, [1, 2], false, true],
    [
      { is: 'around', id: idOf(20), limit: 40 },
      Array.from({ length: 20 }, (_, at) => at + 1),
      false,
      false,
    ],
  ])('%j', async (asked, messages, hasOlder, hasNewer) => {
    expect(await page(asked)).toEqual({ messages, hasOlder, hasNewer });
  });

  it('around a message that is not there is none', async () => {
    expect(await page({ is: 'around', id: idOf(99), limit: 4 })).toBeNull();
  });
});
