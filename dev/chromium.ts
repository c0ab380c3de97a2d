import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';

type Kind = 'whole' | 'shell';

/** The browser as people have it, and the one without a window: no notifications, half the work. */
const BROWSERS: Record<Kind, { names: string[]; package: string; variable: string }> = {
  whole: {
    names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    package: 'chromium',
    variable: 'CHROMIUM',
  },
  shell: {
    names: ['chromium-headless-shell', 'chrome-headless-shell'],
    package: 'chromium-headless-shell',
    variable: 'CHROMIUM_HEADLESS_SHELL',
  },
};
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

function find(kind: Kind): string | null {
  const { names, variable } = BROWSERS[kind];
  const candidates = [
    process.env[variable],
    ...names.map(onPath),
    ...(kind === 'whole' ? [APPLICATION, chromium.executablePath()] : []),
  ];
  return candidates.find((path) => path !== undefined && path !== null && existsSync(path)) ?? null;
}

const canInstallPackages = () => process.getuid?.() === 0 && onPath('apt-get') !== null;

/** By Debian's package manager; throws where there is no such package. */
function installPackage(kind: Kind): void {
  const install = ['install', '-y', '-qq', '--no-install-recommends', BROWSERS[kind].package];
  execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit' });
  execFileSync('apt-get', install, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}

/**
 * Path of a Chromium, installed first where there is none: by Debian's package manager as root,
 * by Playwright's own download elsewhere. `CHROMIUM` names another one.
 * @throws Error that says what to install when neither works.
 */
export function ensureChromium(): string {
  const found = find('whole');
  if (found !== null) return found;
  console.log('Installing Chromium for the browser tests ...');
  try {
    if (canInstallPackages()) installPackage('whole');
    else {
      execFileSync(
        process.execPath,
        ['node_modules/playwright-core/cli.js', 'install', 'chromium'],
        { stdio: 'inherit' },
      );
    }
  } catch {
    // Said below, with what to do.
  }
  const installed = find('whole');
  if (installed === null) {
    throw new Error(
      'No Chromium was found or could be installed. Install it, or set CHROMIUM to its path.',
    );
  }
  return installed;
}

/**
 * Path of Chromium's headless shell, which does the same pages with half the work; of a whole
 * Chromium where it cannot be had. `CHROMIUM_HEADLESS_SHELL` names another one.
 */
export function ensureHeadlessShell(): string {
  const found = find('shell');
  if (found !== null) return found;
  if (canInstallPackages()) {
    console.log('Installing Chromium’s headless shell for the browser tests ...');
    try {
      installPackage('shell');
    } catch {
      // The whole one does as well, if slower.
    }
  }
  return find('shell') ?? ensureChromium();
}
