import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const IMAGES = path.join(HERE, 'images');
export const EGRESS_IMAGE = 'localhost/mainloop-egress:dev';
const BASE_IMAGE = 'localhost/mainloop-debian:trixie';
const NODE_IMAGE = 'docker.io/library/node:24.21.0-trixie-slim';
const TOOLS = ['podman', 'runc', 'debootstrap'];
const PACKAGES = ['ca-certificates', 'openssl', 'iptables', 'iproute2', 'procps'];

/** Where podman keeps its images, where that is not the usual place. */
const { CONTAINERS_STORAGE_CONF: storage } = process.env;
/** Where podman finds its settings; for whatever calls it. */
export const PODMAN = {
  CONTAINERS_CONF: path.join(HERE, 'containers.conf'),
  ...(storage !== undefined && { CONTAINERS_STORAGE_CONF: storage }),
};

export type Ready = { is: 'ready' } | { is: 'missing'; why: string };

const has = (command: string) =>
  spawnSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' }).status === 0;

/** Runs a program to its end; throws with the last of what it said when it fails. */
function run(command: string, args: string[], env: Record<string, string> = {}): string {
  const ran = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, ...PODMAN, DEBIAN_FRONTEND: 'noninteractive', ...env },
    maxBuffer: 64_000_000,
  });
  if (ran.error !== undefined) throw ran.error;
  if (ran.status !== 0) {
    throw new Error(
      `${command} ${args[0] ?? ''} failed: ${(ran.stderr || ran.stdout).slice(-2_000)}`,
    );
  }
  return ran.stdout;
}

/** Whether real containers can run here without installing anything. */
export function containersHere(): Ready {
  if (process.getuid?.() !== 0) return { is: 'missing', why: 'they need root' };
  const missing = TOOLS.filter((tool) => !has(tool));
  return missing.length === 0
    ? { is: 'ready' }
    : { is: 'missing', why: `${missing.join(', ')} is not installed` };
}

/** From nothing to images: packages, a Debian from its own packages, and stand-ins for what cannot be pulled. */
export function prepareContainers(say: (text: string) => void): void {
  const here = containersHere();
  if (here.is === 'missing') {
    if (process.getuid?.() !== 0 || !has('apt-get')) {
      throw new Error(`Real containers do not run here: ${here.why}.`);
    }
    say(`installing ${TOOLS.join(', ')}`);
    run('apt-get', ['update', '-qq']);
    run('apt-get', ['install', '-y', '-qq', ...TOOLS]);
  }
  const context = mkdtempSync(path.join(tmpdir(), 'mainloop-image-'));
  const root = mkdtempSync(path.join(tmpdir(), 'mainloop-debian-'));
  try {
    makeImage(NODE_IMAGE, 'node.Containerfile', context, () => {
      say('a Debian from its packages');
      // It becomes the image's root folder.
      chmodSync(root, 0o755);
      run('debootstrap', ['--variant=minbase', `--include=${PACKAGES.join(',')}`, 'trixie', root]);
      run('sh', ['-c', `tar -C '${root}' -c . | podman import - ${BASE_IMAGE}`]);
      copyFileSync(process.execPath, path.join(context, 'node'));
      cpSync(npmFolder(), path.join(context, 'npm'), { recursive: true });
      copyFileSync('/etc/ssl/certs/ca-certificates.crt', path.join(context, 'ca.crt'));
    });
    makeImage(EGRESS_IMAGE, 'egress.Containerfile', IMAGES, () => say('its outbound proxy'));
  } finally {
    for (const folder of [context, root]) rmSync(folder, { recursive: true, force: true });
  }
}

/** Builds an image unless it is there, made from the same. */
function makeImage(tag: string, file: string, context: string, before: () => void): void {
  const hash = createHash('sha256').update(process.version).update(PACKAGES.join());
  const sources = context === IMAGES ? readdirSync(IMAGES).toSorted() : [file];
  for (const name of sources) hash.update(readFileSync(path.join(IMAGES, name)));
  const wanted = hash.digest('hex').slice(0, 16);
  const label = ['image', 'inspect', '--format', '{{index .Labels "mainloop"}}', tag];
  const found = spawnSync('podman', label, {
    encoding: 'utf8',
    env: { ...process.env, ...PODMAN },
  });
  if (found.stdout.trim() === wanted) return;
  before();
  const build = ['build', '-q', '--format', 'docker', '--pull=never', '--network', 'host'];
  const marks = ['--label', `mainloop=${wanted}`, '-t', tag, '-f', path.join(IMAGES, file)];
  run('podman', [...build, ...marks, context]);
}

/** The npm that runs here: its folder. */
function npmFolder(): string {
  const found = execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim();
  return path.dirname(path.dirname(realpathSync(found)));
}
