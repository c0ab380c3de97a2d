import { expect, it } from 'vitest';
import { after, applied, atEnd, before, swap } from './edits.ts';

const TEXT = 'one {\n  a\n}\ntwo {\n  a\n}\n';

it('replaces one place, named so that it is the only one', () => {
  const edit = swap(TEXT, /(?<=two \{\n) {2}a\n/, () => '  b\n');
  expect(TEXT.split(edit.is === 'replace' ? edit.old : '')).toHaveLength(2);
  expect(applied(TEXT, edit)).toBe('one {\n  a\n}\ntwo {\n  b\n}\n');
});

it('puts lines after, before and at the end', () => {
  expect(applied(TEXT, after(TEXT, /^one \{\n/m, '  new\n'))).toBe(
    `one {\n  new\n${TEXT.slice(6)}`,
  );
  expect(applied(TEXT, before(TEXT, /^two/m, '\n'))).toBe('one {\n  a\n}\n\ntwo {\n  a\n}\n');
  expect(applied(TEXT, atEnd(TEXT, 'three\n'))).toBe(`${TEXT}three\n`);
});

it('takes special characters in the new text as they are', () => {
  expect(applied('price\n', after('price\n', /price/, ' $& $1'))).toBe('price $& $1\n');
});

it('never ends in a blank, which Claude Code would cut off', () => {
  const edit = swap('run({ a }) {}\n', /run\(\{ /, () => 'run({ values, ');
  expect(edit).toMatchObject({ old: 'run({ a', new: 'run({ values, a' });
});

it('says that a place is lost instead of guessing one', () => {
  expect(swap(TEXT, /nowhere/, () => '')).toEqual({ is: 'lost' });
});
