// Draws the icons into web/public: `npm run icons`.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { ICONS } from '../web/icon.ts';
import { CHROMIUM_ARGUMENTS, ensureChromium } from './chromium.ts';

const into = (name: string) => fileURLToPath(new URL(`../web/public/${name}`, import.meta.url));

const browser = await chromium.launch({
  executablePath: ensureChromium(),
  args: CHROMIUM_ARGUMENTS,
});
const page = await browser.newPage();
for (const [name, { svg, px }] of Object.entries(ICONS)) {
  if (px === null) {
    writeFileSync(into(name), `${svg}\n`);
    continue;
  }
  await page.setViewportSize({ width: px, height: px });
  await page.setContent(
    `<style>body{margin:0}svg{display:block;width:${px}px;height:${px}px}</style>${svg}`,
  );
  await page.screenshot({ path: into(name), omitBackground: true });
}
await browser.close();
console.log(`Drew ${Object.keys(ICONS).length} icons.`);
