import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildSite } from '../src/site.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

let out;
let files;
before(() => {
  out = mkdtempSync(join(tmpdir(), 'site-'));
  files = buildSite(ROOT, out);
});
after(() => rmSync(out, { recursive: true }));

test('each content file becomes a page, and the stylesheet comes along', () => {
  assert.deepEqual(files.toSorted(), ['about.html', 'imprint.html', 'index.html', 'style.css']);
});

test('the navigation is in order, marks the page itself and leaves out pages without order', () => {
  const html = readFileSync(join(out, 'about.html'), 'utf8');
  const links = [...html.matchAll(/<a href="(\w+)\.html"( aria-current="page")?>/g)].slice(0, 2);
  assert.deepEqual(
    links.map(([, name, here]) => [name, here !== undefined]),
    [
      ['index', false],
      ['about', true],
    ],
  );
  assert.doesNotMatch(html, /imprint/);
});

test('a page asks no other host for anything', () => {
  for (const file of files) {
    assert.doesNotMatch(readFileSync(join(out, file), 'utf8'), /(src|href)="(https?:)?\/\//);
  }
});
