import { copyFileSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { toHtml } from './markdown.js';
import { renderPage } from './page.js';

/** Reads one content file: its head, up to the line of three dashes, and its Markdown. */
function readPage(folder, file) {
  const [head, ...rest] = readFileSync(join(folder, file), 'utf8').split('\n---\n');
  const fields = Object.fromEntries(head.split('\n').map((line) => line.split(/:\s*/, 2)));
  if (!fields.title) throw new Error(`${file} has no title.`);
  return {
    name: basename(file, '.md'),
    title: fields.title,
    order: fields.order === undefined ? null : Number(fields.order),
    html: toHtml(rest.join('\n---\n')),
  };
}

/** Builds the site under `root` into `out`; returns the names of the files that were written. */
export function buildSite(root, out) {
  const content = join(root, 'content');
  const pages = readdirSync(content)
    .filter((file) => file.endsWith('.md'))
    .map((file) => readPage(content, file));
  const shown = pages
    .filter((page) => page.order !== null)
    .toSorted((one, other) => one.order - other.order);
  mkdirSync(out, { recursive: true });
  const files = pages.map((page) => {
    const file = `${page.name}.html`;
    writeFileSync(join(out, file), renderPage(page, shown));
    return file;
  });
  copyFileSync(join(root, 'theme/style.css'), join(out, 'style.css'));
  return [...files, 'style.css'];
}
