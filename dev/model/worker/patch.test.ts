import { expect, it } from 'vitest';
import { type Change, editFor, filled, readPatch } from './patch.ts';

const PATCH = `diff --git a/a.js b/a.js
--- a/a.js
+++ b/a.js
@@ -1,6 +1,7 @@
 one
-two
+two, {{more}}
 three

 four
+five
 six
diff --git a/b.js b/b.js
new file mode 100644
--- /dev/null
+++ b/b.js
@@ -0,0 +1,1 @@
+list = [{{'more'}}];
`;
const changed = { path: 'a.js', creates: false };
const two: Change = {
  ...changed,
  before: ['one'],
  old: ['two'],
  new: ['two, {{more}}'],
  after: ['three', '', 'four'],
};
const five: Change = {
  ...changed,
  before: ['three', '', 'four'],
  old: [],
  new: ['five'],
  after: ['six'],
};
const file: Change = {
  path: 'b.js',
  creates: true,
  before: [],
  old: [],
  new: ["list = [{{'more'}}];"],
  after: [],
};

/** The text after an edit, or why there is none. */
function after(change: Change, text: string | null): string {
  const edit = editFor(change, text, { more: 'x, y' });
  if (edit.is === 'edit') return (text ?? '').replace(edit.old, () => edit.new);
  return edit.is === 'write' ? edit.content : edit.is;
}

it('reads one change a run of changed lines, with what is around it', () => {
  expect(readPatch(PATCH)).toEqual([two, five, file]);
});

it('puts a change where its lines are, though those around them have changed', () => {
  expect(after(two, 'one\ntwo\nthree\n\nfour\n')).toBe('one\ntwo, x, y\nthree\n\nfour\n');
  expect(after(five, 'zero\nfour\n5.5\n')).toBe('zero\nfour\nfive\n5.5\n');
  expect(after(two, 'two\ntwo\n')).toBe('lost');
  expect(after(two, null)).toBe('lost');
});

it('finds what is there already, and replaces what was made with other values', () => {
  expect(after(two, 'one\ntwo, x, y\n')).toBe('present');
  expect(after(two, 'one\ntwo, z\n')).toBe('one\ntwo, x, y\n');
});

it('makes a new file once, and leaves what somebody else made of it', () => {
  expect(after(file, null)).toBe("list = ['x', 'y'];\n");
  expect(after(file, "list = ['z'];\n")).toBe("list = ['x', 'y'];\n");
  expect(after(file, 'something else\n')).toBe('present');
});

it('takes special characters in values as they are', () => {
  expect(filled('price {{more}}', { more: '$& $1' })).toBe('price $& $1');
});
