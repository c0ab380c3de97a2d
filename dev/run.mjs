// Runs one of the project's programs with the project's own Node, installing what is missing first.
// It and installed.mjs are all that an older Node (20 or later) has to understand.
import { spawn, spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isInstalled } from './installed.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const bin = path.join(root, 'node_modules', '.bin');

if (!isInstalled(root)) {
  console.log('Installing dependencies (once, and whenever package-lock.json changes) ...');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) {
    console.error('npm ci failed; nothing was started. Its own words are above.');
    process.exit(npm.status ?? 1);
  }
}

const [program, ...rest] = process.argv.slice(2);
const child = spawn(path.join(bin, 'node'), [path.join(root, program), ...rest], {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    MAINLOOP_SYSTEM_NODE: process.versions.node,
    PATH: `${bin}${path.delimiter}${process.env.PATH ?? ''}`,
  },
});
// A terminal sends Ctrl+C to the whole group: the program ends itself in order, and this one waits for it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT') child.kill(signal);
  });
}
child.on('exit', (code, signal) => {
  process.exit(code ?? 128 + (signal === null ? 1 : constants.signals[signal]));
});
