import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { BUILT_WORKER } from './build.ts';
import { withContainers } from './containers/config.ts';
import type { PartLog } from './log.ts';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const READY_WITHIN_MS = 60_000;
/** The sandbox's image may have to be built first. */
const READY_WITH_IMAGE_WITHIN_MS = 15 * 60_000;
const ASK_EVERY_MS = 100;
/** On a machine that is busy the first answer takes seconds. */
const ANSWERS_WITHIN_MS = 10_000;
/** wrangler's line when workerd has died. It starts one anew, but not always at the same address. */
const DIED = /Workers runtime crashed unexpectedly/;
const BACK_WITHIN_MS = 10_000;
/** wrangler's line for each request that went well: the Worker's own events say more. */
const ROUTINE = /^\[wrangler:info\] (?:(?:GET|POST|PUT|DELETE) \S+ [1-4]\d\d |QUEUE )/;

export type LocalWorker = {
  /** Process id of the leash; ending it ends wrangler and workerd. */
  pid: number;
  /** Resolves with the exit code when the Worker ended, wanted or not. */
  ended: Promise<number>;
  stop(): Promise<void>;
};

/** A value in a dotenv file, in whichever quotes it does not hold itself; dotenv knows no escapes. */
function quoted(name: string, value: string): string {
  const quote = ["'", '"', '`'].find((mark) => !value.includes(mark));
  if (quote === undefined || value.includes('\n')) {
    throw new Error(
      `${name} holds a line break or all kinds of quotes, which no .env file can carry.`,
    );
  }
  return `${name}=${quote}${value}${quote}`;
}

/** wrangler takes no address without a password; a Postgres that asks for none ignores one. */
function withPassword(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  if (url.password === '') url.password = 'none';
  return url.href;
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) })).ok;
  } catch {
    return false;
  }
}

/** Waits until `/api/live` answers, or throws when the Worker ends first or takes too long. */
async function untilHealthy(port: number, child: ChildProcess, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await answers(`http://127.0.0.1:${port}/api/live`))) {
    if (child.exitCode !== null) throw new Error('The Worker ended before it was ready.');
    if (Date.now() > deadline) throw new Error('The Worker did not become ready in time.');
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}

/**
 * Runs the built Worker in workerd through wrangler, with its state in `dataDir`, from a copy there:
 * what is built later is none of its business. Variables go in a file that only this user may read,
 * never in arguments.
 */
export async function startWorker(options: {
  dataDir: string;
  port: number;
  variables: Record<string, string>;
  databaseUrl: string;
  /** Variables by which wrangler finds a container engine; null without one. */
  containers: Record<string, string> | null;
  log: PartLog;
}): Promise<LocalWorker> {
  const variablesFile = path.join(options.dataDir, 'worker.env');
  const lines = Object.entries(options.variables).map(([name, value]) => quoted(name, value));
  writeFileSync(variablesFile, `${lines.join('\n')}\n`, { mode: 0o600 });
  const configFile =
    options.containers === null ? null : path.join(options.dataDir, 'wrangler.toml');
  if (configFile !== null) {
    const toml = readFileSync(path.join(ROOT, 'wrangler.toml'), 'utf8');
    writeFileSync(configFile, withContainers(toml, ROOT));
  }
  const program = path.join(options.dataDir, 'program');
  cpSync(BUILT_WORKER, program, { recursive: true });
  const child = spawn(
    process.execPath,
    [
      path.join(ROOT, 'dev/leash.ts'),
      process.execPath,
      path.join(ROOT, 'node_modules/wrangler/bin/wrangler.js'),
      'dev',
      path.join(program, 'index.js'),
      '--no-bundle',
      '--ip=127.0.0.1',
      `--port=${options.port}`,
      '--inspector-port=0',
      `--persist-to=${path.join(options.dataDir, 'worker')}`,
      `--env-file=${variablesFile}`,
      '--show-interactive-dev-session=false',
      '--log-level=info',
      // Named, or wrangler looks for one beside the program.
      `--config=${configFile ?? path.join(ROOT, 'wrangler.toml')}`,
    ],
    {
      cwd: ROOT,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        TMPDIR: process.env.TMPDIR,
        NODE_EXTRA_CA_CERTS: process.env.NODE_EXTRA_CA_CERTS,
        WRANGLER_SEND_METRICS: 'false',
        // Two stacks must not find each other's Worker of the same name.
        WRANGLER_REGISTRY_PATH: path.join(options.dataDir, 'registry'),
        MINIFLARE_REGISTRY_PATH: path.join(options.dataDir, 'registry'),
        CLOUDFLARE_CF_FETCH_ENABLED: 'false',
        // Its traces of each request and its page of what is stored: half of workerd's work, for nobody.
        X_LOCAL_OBSERVABILITY: 'false',
        X_LOCAL_EXPLORER: 'false',
        CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_HYPERDRIVE: withPassword(options.databaseUrl),
        NO_COLOR: '1',
        ...options.containers,
      },
    },
  );
  const ended = new Promise<number>((resolve) => {
    child.once('exit', (code) => resolve(code ?? 1));
  });
  const stop = async () => {
    child.stdin.end();
    await ended;
  };
  // One that does not come back where it was ends, and is started again as a whole.
  const onDied = () => {
    untilHealthy(options.port, child, BACK_WITHIN_MS).catch(() => void stop());
  };
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      if (!ROUTINE.test(line)) options.log(line);
      if (DIED.test(line)) onDied();
    });
  }
  try {
    const withinMs = configFile === null ? READY_WITHIN_MS : READY_WITH_IMAGE_WITHIN_MS;
    await untilHealthy(options.port, child, withinMs);
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: child.pid ?? 0, ended, stop };
}
