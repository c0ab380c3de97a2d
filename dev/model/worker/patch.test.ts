import { expect, it } from 'vitest';
import { editFor, filled, readPatch } from './patch.ts';

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
const changes = readPatch(PATCH);

/** The text after the change with this number, or why there is none. */
function after(at: number, text: string | null): string {
  const change = changes[at];
  if (change === undefined) throw new Error('There is no such change.');
  const edit = editFor(change, text, { more: 'x, y' });
  if (edit.is === 'edit') return (text ?? '').replace(edit.old, () => edit.new);
  return edit.is === 'write' ? edit.content : edit.is;
}

it('reads one change a run of changed lines, with what is around it', () => {
  expect(changes.map((one) => [one.before, one.old, one.new, one.after])).toEqual([
    [['one'], ['two'], ['two, {{more}}'], ['three', '', 'four']],
    [['three', '', 'four'], [], ['five'], ['six']],
    [[], [], ["list = [{{'more'}}];"], []],
  ]);
  expect(changes.map(({ path, creates }) => path + creates)).toEqual([
    'a.jsfalse',
    'a.jsfalse',
    'b.jstrue',
  ]);
});

it('puts a change where its lines are, though those around them have changed', () => {
  expect(after(0, 'one\ntwo\nthree\n\nfour\n')).toBe('one\ntwo, x, y\nthree\n\nfour\n');
  expect(after(1, 'zero\nfour\n5.5\n')).toBe('zero\nfour\nfive\n5.5\n');
  expect(after(0, 'two\ntwo\n')).toBe('lost');
  expect(after(0, null)).toBe('lost');
});

it('finds what is there already, and replaces what was made with other values', () => {
  expect(after(0, 'one\ntwo, x, y\n')).toBe('present');
  expect(after(0, 'one\ntwo, z\n')).toBe('one\ntwo, x, y\n');
});

it('makes a new file once, and leaves what somebody else made of it', () => {
  expect(after(2, null)).toBe("list = ['x', 'y'];\n");
  expect(after(2, "list = ['z'];\n")).toBe("list = ['x', 'y'];\n");
  expect(after(2, 'something else\n')).toBe('present');
});

it('takes special characters in values as they are', () => {
  expect(filled('price {{more}}', { more: '$& $1' })).toBe('price $& $1');
});
