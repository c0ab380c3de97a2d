import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PartLog } from './log.ts';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
/** Next to what is built, which a rename has to reach. */
const UNDER_WAY = path.join(ROOT, '.wrangler/build');
const STAMP = '.built-from';

/** A hash of all that a build reads, but for what it writes. */
function sources(folders: readonly string[], others: readonly string[]): string {
  const hash = createHash('sha256');
  const files = [...others];
  for (const folder of folders) {
    for (const entry of readdirSync(path.join(ROOT, folder), {
      recursive: true,
      withFileTypes: true,
    })) {
      const file = path.relative(ROOT, path.join(entry.parentPath, entry.name));
      if (entry.isFile() && !file.startsWith(`${folder}${path.sep}dist`)) files.push(file);
    }
  }
  for (const file of files.toSorted())
    hash.update(file).update(readFileSync(path.join(ROOT, file)));
  return hash.digest('hex');
}

type Build = {
  what: string;
  /** Where it goes, from the root. */
  into: string;
  folders: readonly string[];
  files: readonly string[];
  /** Arguments of node, for one program after the other. */
  commands: (into: string) => string[][];
};

async function run(what: string, command: string[]): Promise<void> {
  let output = '';
  const code = await new Promise<number>((resolve, reject) => {
    const child = spawn(process.execPath, command, {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        // A test's own would build other pages than those that are deployed.
        NODE_ENV: undefined,
        WRANGLER_SEND_METRICS: 'false',
        NO_COLOR: '1',
      },
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (data) => (output += data));
    child.once('error', reject);
    child.once('exit', (exitCode) => resolve(exitCode ?? 1));
  });
  if (code !== 0) throw new Error(`Could not build ${what}:\n${output}`);
}

/** Builds into a folder of its own, which takes the place of the last build once it is whole. */
async function build({ what, into, folders, files, commands }: Build, log: PartLog): Promise<void> {
  const wanted = sources(folders, files);
  const folder = path.join(ROOT, into);
  const stamp = path.join(folder, STAMP);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  log(`building ${what}`);
  mkdirSync(UNDER_WAY, { recursive: true });
  const fresh = mkdtempSync(`${UNDER_WAY}/`);
  try {
    for (const command of commands(fresh)) await run(what, command);
    writeFileSync(path.join(fresh, STAMP), wanted);
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

const VITE = path.join(ROOT, 'node_modules/vite/bin/vite.js');
const WRANGLER = path.join(ROOT, 'node_modules/wrangler/bin/wrangler.js');
const OPTIONS_PROGRAM = 'dev/worker-options.ts';
/** What `buildWorker` makes: `index.js` with its source map, and what workerd has to know of it. */
export const BUILT_WORKER = path.join(ROOT, 'worker/dist');

/** Builds web/dist unless it was built from these very sources. */
export function buildWeb(log: PartLog): Promise<void> {
  return build(
    {
      what: 'the web app',
      into: 'web/dist',
      folders: ['web', 'protocol'],
      files: ['package-lock.json'],
      commands: (into) => [[VITE, 'build', 'web', `--outDir=${into}`, '--emptyOutDir']],
    },
    log,
  );
}

/** Builds worker/dist, as `wrangler deploy` would upload it, unless it was built from these very sources. */
export function buildWorker(log: PartLog): Promise<void> {
  return build(
    {
      what: 'the Worker',
      into: 'worker/dist',
      folders: ['worker', 'protocol'],
      files: ['package-lock.json', 'wrangler.toml', OPTIONS_PROGRAM],
      commands: (into) => [
        [WRANGLER, 'deploy', '--dry-run', '--containers-rollout=none', `--outdir=${into}`],
        [path.join(ROOT, OPTIONS_PROGRAM), into],
      ],
    },
    log,
  );
}
