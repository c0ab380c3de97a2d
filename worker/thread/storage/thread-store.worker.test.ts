import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { ulid } from 'ulid';
import { expect, it } from 'vitest';
import type { InboxItem } from '../../../protocol/inbox.ts';
import { idOf } from '../testing/facts.ts';
import { ThreadStore } from './thread-store.ts';

const ITEMS = 12;
const item = (number: number): InboxItem => ({
  id: idOf(number),
  taskId: idOf(900),
  title: 'Add a flag',
  repository: 'demo/tasks',
  kind: 'failure',
  at: number,
  outcome: null,
  reason: 'x'.repeat(1_000_000),
});

it('every item of the inbox is read, page by page, also behind one that cannot be', async () => {
  const stub = env.MAIN_THREAD.get(env.MAIN_THREAD.idFromName(ulid()));
  await runInDurableObject(stub, (_, { storage }) => {
    const store = new ThreadStore(storage);
    store.open();
    expect([...store.itemPages()].flat()).toEqual([]);
    for (let number = 1; number <= ITEMS; number++) store.putInbox(item(number));
    storage.sql.exec("UPDATE inbox SET body = '{' WHERE id = ?", idOf(3));
    const pages = [...store.itemPages()];
    expect(pages.length).toBeGreaterThan(1);
    const ids = Array.from({ length: ITEMS }, (_each, at) => idOf(at + 1));
    expect(pages.flat().map(({ id }) => id)).toEqual(ids.filter((id) => id !== idOf(3)));
  });
});
