import { expect, it } from 'vitest';
import { createKeyReader } from './keys.ts';

const PLAIN = {
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  defaultPrevented: false,
  isWriting: false,
  at: 0,
};

function reader() {
  const done: string[] = [];
  const read = createKeyReader({
    'g i': () => done.push('inbox'),
    j: () => done.push('next'),
    '?': () => done.push('help'),
  });
  return { done, press: (key: string, how = {}) => read({ ...PLAIN, key, ...how }) };
}

it('two keys one after the other are one order, and a single one is one, too', () => {
  const { done, press } = reader();
  press('g');
  press('i');
  press('j');
  press('?');
  expect(done).toEqual(['inbox', 'next', 'help']);
});

it('the second key comes soon, or it stands alone', () => {
  const { done, press } = reader();
  press('g', { at: 0 });
  press('i', { at: 5_000 });
  press('i', { at: 5_100 });
  press('g', { at: 6_000 });
  press('j', { at: 6_100 });
  expect(done).toEqual(['next']);
});

it('whoever writes, or means the browser, is left alone', () => {
  const { done, press } = reader();
  for (const how of [{ isWriting: true }, { ctrlKey: true }, { metaKey: true }, { altKey: true }]) {
    press('j', how);
  }
  press('g');
  press('i', { isWriting: true });
  expect(done).toEqual([]);
});
