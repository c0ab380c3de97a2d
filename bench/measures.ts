// `npm run measures`: what interface.md promises of the pages, of the production build as it is deployed.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod/mini';
import { ensureChromium } from '../dev/chromium.ts';
import { PHONE, launchWholeBrowser } from '../e2e/harness/browser.ts';
import { connect } from '../e2e/harness/client.ts';
import { startFront } from '../e2e/harness/front.ts';
import { untilAsked } from '../e2e/harness/inbox.ts';
import { startTestStack } from '../e2e/harness/stack.ts';

/** Fetched when it is used: it is large, and of no use to anyone else. */
const LIGHTHOUSE = 'lighthouse@13.5.0';
const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const TASK_WITHIN_MS = 300_000;

const GOALS = { performance: 99, accessibility: 100, 'best-practices': 100, shift: 0.02 };
/** A slow 3G line, as WebPageTest has it: 400 kbit/s both ways, 400 ms there and back. */
const SLOW_3G = { latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 };
const SLOW_GOALS_MS = { readable: 2_000, usable: 4_000, warm: 1_000 };

const Report = z.object({
  categories: z.record(z.string(), z.object({ score: z.nullable(z.number()) })),
  audits: z.record(
    z.string(),
    z.object({
      title: z.string(),
      score: z.nullable(z.number()),
      numericValue: z.optional(z.number()),
    }),
  ),
});

/** What Lighthouse says of a page, with its phone profile. */
async function lighthouse(url: string): Promise<z.infer<typeof Report>> {
  // Not synchronously: it is this process that serves the page.
  const { stdout } = await promisify(execFile)(
    'npm',
    [
      'exec',
      '--yes',
      `--package=${LIGHTHOUSE}`,
      '--',
      'lighthouse',
      url,
      '--quiet',
      '--output=json',
      '--output-path=stdout',
      '--only-categories=performance,accessibility,best-practices',
      '--chrome-flags=--headless=new --no-sandbox --disable-gpu',
    ],
    {
      cwd: ROOT,
      encoding: 'utf8',
      maxBuffer: 100_000_000,
      env: { ...process.env, CHROME_PATH: ensureChromium() },
    },
  );
  return Report.parse(JSON.parse(stdout));
}

const failures: string[] = [];
function judge(what: string, value: number, isGood: boolean, goal: string): string {
  if (!isGood) failures.push(`${what} is ${value}, and not ${goal}`);
  return `${value}${isGood ? '' : ' (!)'}`;
}

/** Runs in the page before anything of it: notes when one can type. */
const WHEN_USABLE = `new MutationObserver((_, observer) => {
  if (document.querySelector('main textarea') === null) return;
  observer.disconnect();
  performance.mark('usable');
}).observe(document, { childList: true, subtree: true })`;
const TIMES = `({
  readable: Math.round(performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 1e9),
  usable: Math.round(performance.getEntriesByName('usable')[0]?.startTime ?? 1e9),
})`;

async function slowLine(url: string): Promise<Record<'cold' | 'warm', Record<string, number>>> {
  const browser = await launchWholeBrowser();
  try {
    const context = await browser.newContext({ viewport: PHONE });
    await context.addInitScript({ content: WHEN_USABLE });
    const visit = async () => {
      const page = await context.newPage();
      const session = await context.newCDPSession(page);
      await session.send('Network.enable');
      await session.send('Network.emulateNetworkConditions', { offline: false, ...SLOW_3G });
      await page.goto(url, { waitUntil: 'commit' });
      await page.locator('main textarea').waitFor();
      // Once the worker has kept the shell, the next visit is a warm one.
      await page.evaluate('navigator.serviceWorker.ready.then(() => true)');
      await page.getByRole('status').filter({ hasText: 'Online' }).waitFor({ state: 'attached' });
      await page.waitForTimeout(2_000);
      const times = await page.evaluate<Record<string, number>>(TIMES);
      await page.close();
      return times;
    };
    return { cold: await visit(), warm: await visit() };
  } finally {
    await browser.close();
  }
}

const stack = await startTestStack();
const front = await startFront(stack.url, path.join(ROOT, 'web/dist'));
try {
  const client = await connect(stack.url);
  client.send({ type: 'send', text: 'Add a --json flag to the list command' });
  const review = await untilAsked(client, 'review', TASK_WITHIN_MS);
  client.close();
  const places: Record<string, string> = {
    Chat: '/',
    Inbox: '/inbox',
    'An item': `/inbox/${review.id}`,
    Tasks: '/tasks',
    'A task': `/tasks/${review.taskId}`,
    Settings: '/settings',
    Connections: '/settings/connections',
  };
  console.log('| Place | Performance | Accessibility | Best practices | Shift | Paint | Largest |');
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  for (const [name, place] of Object.entries(places)) {
    const { categories, audits } = await lighthouse(front.url + place);
    const score = (category: keyof typeof categories & keyof typeof GOALS) => {
      const value = Math.round((categories[category]?.score ?? 0) * 100);
      const goal = GOALS[category];
      return judge(`${category} of ${name}`, value, value >= goal, `at least ${goal}`);
    };
    const number = (audit: string) => audits[audit]?.numericValue ?? Number.NaN;
    const shift = Number(number('cumulative-layout-shift').toFixed(3));
    const seconds = (audit: string) => `${(number(audit) / 1_000).toFixed(1)} s`;
    console.log(
      `| ${[
        name,
        score('performance'),
        score('accessibility'),
        score('best-practices'),
        judge(`shift of ${name}`, shift, shift < GOALS.shift, `below ${GOALS.shift}`),
        seconds('first-contentful-paint'),
        seconds('largest-contentful-paint'),
      ].join(' | ')} |`,
    );
    for (const { title, score: value } of Object.values(audits)) {
      if (value !== null && value < 0.5) console.log(`  ${name}: ${title}`);
    }
  }
  const { cold, warm } = await slowLine(front.url);
  const slow = (what: string, ms = Number.NaN, goal = 0) =>
    judge(`${what} on slow 3G`, ms, ms <= goal, `at most ${goal} ms`);
  console.log(
    `Slow 3G (400 kbit/s, 400 ms): something to read after ${slow('first text', cold.readable, SLOW_GOALS_MS.readable)} ms, usable after ${slow('typing', cold.usable, SLOW_GOALS_MS.usable)} ms; again, usable after ${slow('typing again', warm.usable, SLOW_GOALS_MS.warm)} ms.`,
  );
} finally {
  await front.stop();
  await stack.stop();
}
for (const failure of failures) console.error(failure);
process.exitCode = failures.length === 0 ? 0 : 1;
