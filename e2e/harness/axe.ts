import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds on the page as it is: rule and element; of its colours only, where the rest is known. */
export async function findings(page: Page, of: 'all' | 'colours' = 'all'): Promise<string[]> {
  // Half a megabyte: once a page.
  if (!(await page.evaluate<boolean>(`'axe' in window`))) await page.evaluate(AXE);
  const rules =
    of === 'all'
      ? ''
      : `{ runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } }`;
  return page.evaluate<string[]>(
    `axe.run(${rules}).then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map((node) => id + ': ' + node.html.slice(0, 120))))`,
  );
}
