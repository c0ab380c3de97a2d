// `npm run bench`: how long things take on this machine, against the real local stack.
import { execFileSync } from 'node:child_process';
import { connect } from '../e2e/harness/client.ts';
import { DESK, conversation, launchWholeBrowser, visit } from '../e2e/harness/browser.ts';
import { startScriptedModel } from '../e2e/harness/scripted-model.ts';
import { startTestStack } from '../e2e/harness/stack.ts';
import { containerTimes } from './containers.ts';
import { hundredTasks } from './hundred-tasks.ts';

const ROUNDS = 20;
const TASKS = 5;

/** Runs in the page: resolves with the ms from the next key press to the moment a new reply's text is in the page. */
const UNTIL_FIRST_LETTER = `new Promise((resolve) => {
  const log = document.querySelector('[role=log]');
  const before = log.querySelectorAll('.prose').length;
  let pressed = 0;
  addEventListener('keydown', () => (pressed = performance.now()), { once: true, capture: true });
  const observer = new MutationObserver(() => {
    if (log.querySelectorAll('.prose').length <= before) return;
    observer.disconnect();
    resolve(performance.now() - pressed);
  });
  observer.observe(log, { childList: true, subtree: true, characterData: true });
})`;

function summary(times: number[]): string {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share: number) => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
  return `median ${at(0.5)} ms, least ${at(0)} ms, most ${at(1)} ms (${sorted.length} rounds)`;
}

/** From the press of Enter to the reply's first letter on the screen, less what the model itself took. */
async function firstLetter(): Promise<number[]> {
  const model = await startScriptedModel((body) => `Reply ${body.length}`);
  const stack = await startTestStack({
    settings: { ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: 'bench' },
  });
  const browser = await launchWholeBrowser();
  const times: number[] = [];
  try {
    const { page } = await visit(browser, stack.url, DESK);
    await page.getByText('Online').waitFor();
    const box = page.getByRole('textbox', { name: 'Message', exact: true });
    for (let round = 0; round <= ROUNDS; round++) {
      await box.fill(`Question ${round}`);
      const measured = page.evaluate<number>(UNTIL_FIRST_LETTER);
      await box.press('Enter');
      const total = await measured;
      // The first round also compiles and connects.
      if (round > 0) times.push(total - model.lastOwnMs());
      await conversation(page)
        .getByText(/^Reply/)
        .nth(round)
        .waitFor();
      await page.getByRole('button', { name: 'Stop' }).waitFor({ state: 'detached' });
    }
  } finally {
    await browser.close();
    await stack.stop();
    await model.stop();
  }
  return times;
}

/** From the message to Claude Code's first call of its model, everything in between included. */
async function firstModelCall(): Promise<number[]> {
  const stack = await startTestStack({
    pace: { tokensPerSecond: 120, timeToFirstTokenMs: 150, workerStepMs: 60 },
  });
  const times: number[] = [];
  try {
    const client = await connect(stack.url);
    for (let round = 0; round < TASKS; round++) {
      const calls = () => stack.model?.requests().filter((one) => one.kind === 'worker') ?? [];
      const before = calls().length;
      const begun = Date.now();
      client.send({ type: 'send', text: 'Fix done when the number is out of range' });
      const inReview = () =>
        client.entries().filter(({ change }) => change.type === 'inbox').length > round;
      await client.when(inReview, 90_000);
      times.push((calls()[before]?.at ?? Number.NaN) - begun);
    }
    client.close();
  } finally {
    await stack.stop();
  }
  return times;
}

console.log(
  `First letter on the screen, beyond the model's own time: ${summary(await firstLetter())}`,
);
console.log(
  `From the message to Claude Code's first model call:     ${summary(await firstModelCall())}`,
);
const { shownMs, answeredMs, endedMs } = await hundredTasks();
console.log(
  `A hundred tasks asked for in one message: shown after ${Math.round(shownMs)} ms, answered after ${Math.round(answeredMs)} ms, all at an end after ${Math.round(endedMs)} ms`,
);
const containers = await containerTimes();
if (containers.is === 'not_here') {
  console.log(`Real containers are not measured here: ${containers.why}.`);
} else {
  const megabytes = (perSecond: number) => `${Math.round(perSecond / 1_000_000)} MB/s`;
  console.log(`A container until a command runs in it: ${summary(containers.startMs)}`);
  console.log(
    `A container and the gateway: ${megabytes(containers.sentPerSecond)} sent, ${megabytes(containers.fetchedPerSecond)} fetched`,
  );
}
console.log(execFileSync(process.execPath, ['web/first-load.ts'], { encoding: 'utf8' }).trim());
const [size = ''] = execFileSync('du', ['-sm', 'node_modules'], { encoding: 'utf8' }).split('\t');
console.log(`node_modules: ${size} MiB`);
process.exit(0);
