// `npm start`: the whole product on this machine, until Ctrl+C.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLog } from './log.ts';
import { readSettings } from './settings.ts';
import { startStack } from './stack.ts';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const settings = readSettings(ROOT, process.env);
const log = createLog((text) => process.stdout.write(text), process.stdout.isTTY === true);

let ending = false;
const starting = startStack({
  settings,
  dataDir: path.resolve(ROOT, settings.MAINLOOP_DATA_DIR ?? '.mainloop'),
  log,
});

async function end(code: number): Promise<never> {
  if (!ending) {
    ending = true;
    const stack = await starting.catch(() => null);
    await stack?.stop();
  }
  process.exit(code);
}
process.on('SIGINT', () => {
  if (ending) return;
  console.log('\nStopping ...');
  void end(0);
});
process.on('SIGTERM', () => void end(0));
process.on('SIGHUP', () => void end(0));

try {
  const stack = await starting;
  if (!ending) {
    console.log(`\n  Mainloop is ready: ${stack.url}\n`);
    if (stack.gitHost !== null) console.log(`  Local git host:    ${stack.gitHost.url}`);
    if (stack.model !== null) {
      console.log(
        '  Models:            offline stand-in (for the real one, put ANTHROPIC_API_KEY into .dev.vars)',
      );
    }
    if (stack.unprotected !== null) console.log(`\n  ${stack.unprotected}\n`);
    console.log('  Ctrl+C ends all parts; what was said and done stays.\n');
    console.error(await stack.failed);
    await end(1);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
