import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHtml } from '../src/markdown.js';

test('headings, paragraphs and lists are blocks', () => {
  assert.equal(
    toHtml('# One\n\nTwo\nlines\n\n- a\n- b\n'),
    '<h1>One</h1>\n<p>Two lines</p>\n<ul><li>a</li><li>b</li></ul>',
  );
});

test('emphasis, code and links are inline', () => {
  assert.equal(
    toHtml('**b** *i* `c` [d](e.html)'),
    '<p><strong>b</strong> <em>i</em> <code>c</code> <a href="e.html">d</a></p>',
  );
});

test('HTML in the text is shown, not run', () => {
  assert.equal(toHtml('<script>'), '<p>&lt;script&gt;</p>');
});

test('a link that would run something stays text', () => {
  assert.equal(toHtml('[x](javascript:alert)'), '<p>x</p>');
});
