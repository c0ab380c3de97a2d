// What a browser has to load before the first message can be typed, gzipped; fails over the budget.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import * as z from 'zod/mini';

const BUDGET_KB = { js: 60, css: 12 };
const DIST = path.join(path.dirname(fileURLToPath(import.meta.url)), 'dist');

const Chunk = z.object({
  file: z.string(),
  isEntry: z.optional(z.boolean()),
  imports: z._default(z.array(z.string()), []),
  css: z._default(z.array(z.string()), []),
});
const manifest = z
  .record(z.string(), Chunk)
  .parse(JSON.parse(readFileSync(path.join(DIST, '.vite/manifest.json'), 'utf8')));

const js = new Set(['theme.js']);
const css = new Set<string>();
function take(name: string): void {
  const chunk = manifest[name];
  if (chunk === undefined || js.has(chunk.file)) return;
  js.add(chunk.file);
  for (const file of chunk.css) css.add(file);
  for (const other of chunk.imports) take(other);
}
for (const [name, chunk] of Object.entries(manifest)) if (chunk.isEntry) take(name);

const kilobytes = (files: Set<string>) =>
  [...files].reduce(
    (sum, file) => sum + gzipSync(readFileSync(path.join(DIST, file))).byteLength,
    0,
  ) / 1_000;
const size = { js: kilobytes(js), css: kilobytes(css) };
console.log(
  `first load: ${size.js.toFixed(1)} KB of JavaScript, ${size.css.toFixed(1)} KB of CSS (gzip)`,
);
if (size.js > BUDGET_KB.js || size.css > BUDGET_KB.css) {
  console.error(`That is over the budget of ${BUDGET_KB.js} KB and ${BUDGET_KB.css} KB.`);
  process.exit(1);
}
