import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const APPLICATION = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** Arguments for a browser that asks nobody else and runs as any user. */
export const CHROMIUM_ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function onPath(name: string): string | null {
  const found = spawnSync('sh', ['-c', 'command -v "$0"', name], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout.trim() : null;
}

/** Path of a Chromium on this machine, or null. `CHROMIUM` names another one. */
function findChromium(): string | null {
  const candidates = [
    process.env.CHROMIUM,
    ...NAMES.map(onPath),
    APPLICATION,
    chromium.executablePath(),
  ];
  return candidates.find((path) => path !== undefined && path !== null && existsSync(path)) ?? null;
}

/**
 * Path of a Chromium, installed first where there is none: by Debian's package manager as root,
 * by Playwright's own download elsewhere.
 * @throws Error that says what to install when neither works.
 */
export function ensureChromium(): string {
  const found = findChromium();
  if (found !== null) return found;
  console.log('Installing Chromium for the browser tests ...');
  try {
    if (process.getuid?.() === 0 && onPath('apt-get') !== null) {
      execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
      execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      });
    } else {
      execFileSync(
        process.execPath,
        ['node_modules/playwright-core/cli.js', 'install', 'chromium'],
        {
          stdio: 'inherit',
        },
      );
    }
  } catch {
    // Said below, with what to do.
  }
  const installed = findChromium();
  if (installed === null) {
    throw new Error(
      'No Chromium was found or could be installed. Install it, or set CHROMIUM to its path.',
    );
  }
  return installed;
}
