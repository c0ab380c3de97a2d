// `npm test`: everything, in the order in which a mistake is found soonest. Its last lines are vitest's.
import { spawnSync } from 'node:child_process';
import { buildWeb, buildWorker } from './build.ts';
import { ensureChromium, ensureHeadlessShell } from './chromium.ts';
import { createLog } from './log.ts';

const TYPE_PROJECTS = ['protocol', 'worker', 'web', 'sandbox', 'dev', 'install', 'e2e', 'bench'];

function run(title: string, command: string, ...args: string[]): void {
  const begun = Date.now();
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) {
    console.error(`${title}: failed`);
    process.exit(status ?? 1);
  }
  console.log(`${title}: good (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
}

run('format', 'oxfmt', '--check', '.');
run('lint', 'oxlint', '--deny-warnings');
for (const project of TYPE_PROJECTS) run(`types of ${project}`, 'tsc', '-p', project);
const log = createLog((text) => process.stdout.write(text), false);
await buildWeb(log('web'));
await buildWorker(log('worker'));
run('size of the first load', process.execPath, 'web/first-load.ts');
process.env.CHROMIUM = ensureChromium();
process.env.CHROMIUM_HEADLESS_SHELL = ensureHeadlessShell();
// Nothing is printed after it: the last lines are vitest's own.
process.exit(
  spawnSync('vitest', ['run', '--project', '!containers'], { stdio: 'inherit' }).status ?? 1,
);
