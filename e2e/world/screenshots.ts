// `npm run screenshots [places]`: a picture of every place in four variants, and from these the
// manifest's and the README's. `places` is a regular expression: only those are taken.
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildWeb } from '../../dev/build.ts';
import { launchWholeBrowser } from '../harness/browser.ts';
import { startFront } from '../harness/front.ts';
import { DEVICES, openWorld, show } from './open.ts';
import { FIRST_RUN, PLACES, type Place } from './places.ts';
import { EMPTY, WORLD } from './world.ts';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const INTO = path.join(ROOT, '.screenshots');

/** Pictures that are kept in the repository, by the ones that they are copies of. */
const KEPT: Record<string, string> = {
  'web/public/screenshot-narrow.png': 'inbox-phone-light',
  'web/public/screenshot-wide.png': 'chat-desk-light',
  'docs/question.png': 'inbox-question-phone-dark',
  'docs/changes.png': 'task-changes-phone-dark',
};

const wanted = new RegExp(process.argv[2] ?? '');
await buildWeb(() => {});
const browser = await launchWholeBrowser();
const front = await startFront('http://127.0.0.1:1', path.join(ROOT, 'web/dist'));
mkdirSync(INTO, { recursive: true });
if (process.argv[2] === undefined) rmSync(INTO, { recursive: true });
const taken = new Set<string>();
try {
  for (const device of ['phone', 'desk'] as const) {
    for (const colorScheme of ['light', 'dark'] as const) {
      // As sharp as phones are.
      const deviceScaleFactor = device === 'phone' ? 2 : 1;
      const look = { ...DEVICES[device], deviceScaleFactor, colorScheme };
      const takeAll = async (places: Record<string, Place>, written: typeof WORLD) => {
        const chosen = Object.entries(places).filter(([name]) => wanted.test(name));
        if (chosen.length === 0) return;
        const world = await openWorld(browser, look, written);
        for (const [name, place] of chosen) {
          await show(world, front.url, place);
          const file = `${name}-${device}-${colorScheme}`;
          await world.page.screenshot({ path: path.join(INTO, `${file}.png`), caret: 'hide' });
          taken.add(file);
        }
        await world.context.close();
      };
      await takeAll(PLACES, WORLD);
      await takeAll(FIRST_RUN, EMPTY);
    }
  }
} finally {
  await front.stop();
  await browser.close();
}
const copies = Object.entries(KEPT).filter(([, from]) => taken.has(from));
for (const [to, from] of copies) copyFileSync(path.join(INTO, `${from}.png`), path.join(ROOT, to));
console.log(`${taken.size} pictures in .screenshots/, of which the repository keeps:`);
for (const [to] of copies) console.log(`  ${to}`);
