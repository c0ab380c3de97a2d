// What a browser has to load before the first message can be typed, gzipped; fails over the budget.
// What Chat loads after that is measured in a browser: e2e/at-hand.e2e.test.ts.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import * as z from 'zod/mini';

const BUDGET_KB = { js: 60, css: 12 };
const DIST = path.join(path.dirname(fileURLToPath(import.meta.url)), 'dist');

const Chunk = z.object({
  file: z.string(),
  imports: z._default(z.array(z.string()), []),
  css: z._default(z.array(z.string()), []),
});
const read = (file: string) => readFileSync(path.join(DIST, file));
const manifest = z
  .record(z.string(), Chunk)
  .parse(JSON.parse(read('.vite/manifest.json').toString()));
const chunks = new Map(Object.values(manifest).map((chunk) => [chunk.file, chunk]));

const js = new Set<string>();
const css = new Set<string>();
function take(file: string): void {
  if (js.has(file)) return;
  js.add(file);
  const chunk = chunks.get(file);
  for (const style of chunk?.css ?? []) css.add(style);
  for (const name of chunk?.imports ?? []) take(manifest[name]?.file ?? name);
}
const html = read('index.html').toString();
for (const [, file = ''] of html.matchAll(/<script[^>]* src="\/([^"]+)"/g)) take(file);
for (const [, file = ''] of html.matchAll(/<link rel="stylesheet"[^>]* href="\/([^"]+)"/g)) {
  css.add(file);
}
if (js.size === 0 || css.size === 0) throw new Error('The page names no program, or no style.');

const kilobytes = (files: Set<string>) =>
  [...files].reduce((sum, file) => sum + gzipSync(read(file)).byteLength, 0) / 1_000;
const size = { js: kilobytes(js), css: kilobytes(css) };
console.log(
  `first load: ${size.js.toFixed(1)} KB of JavaScript, ${size.css.toFixed(1)} KB of CSS (gzip)`,
);
if (size.js > BUDGET_KB.js || size.css > BUDGET_KB.css) {
  console.error(`That is over the budget of ${BUDGET_KB.js} KB and ${BUDGET_KB.css} KB.`);
  process.exit(1);
}
