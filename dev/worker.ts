import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { BUILT_WORKER } from './build.ts';
import { withContainers } from './containers/config.ts';
import type { PartLog } from './log.ts';
import type { WorkerStart } from './worker-host.ts';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const READY_WITHIN_MS = 60_000;
/** The sandbox's image may have to be built first. */
const READY_WITH_IMAGE_WITHIN_MS = 15 * 60_000;
const ASK_EVERY_MS = 100;
/** On a machine that is busy the first answer takes seconds. */
const ANSWERS_WITHIN_MS = 10_000;
/** The line when workerd has died. It is started anew, by wrangler not always at the same address. */
const DIED = /Workers runtime crashed unexpectedly/;
const BACK_WITHIN_MS = 10_000;
/** wrangler's line for each request that went well: the Worker's own events say more. */
const ROUTINE = /^\[wrangler:info\] (?:(?:GET|POST|PUT|DELETE) \S+ [1-4]\d\d |QUEUE )/;

export type LocalWorker = {
  /** Process id of the leash; ending it ends workerd and what started it. */
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

type Start = {
  dataDir: string;
  port: number;
  variables: Record<string, string>;
  databaseUrl: string;
  /** Variables by which wrangler finds a container engine; null without one. */
  containers: Record<string, string> | null;
};

/** The program and its arguments, and what it is told in its environment. */
type Command = { args: string[]; env: Record<string, string> };

/** By Miniflare alone: a second workerd that passes everything on, as wrangler has it, is for those who edit. */
function alone(program: string, state: string, start: Start): Command {
  const { dataDir, port, variables, databaseUrl } = start;
  const file = path.join(dataDir, 'worker.json');
  const told: WorkerStart = {
    program,
    port,
    state,
    variables,
    databaseUrl: withPassword(databaseUrl),
  };
  writeFileSync(file, JSON.stringify(told), { mode: 0o600 });
  return { args: [path.join(ROOT, 'dev/worker-host.ts'), file], env: {} };
}

/** By wrangler, which builds the image of sandboxes and hands it to workerd. */
function withEngine(
  program: string,
  state: string,
  { dataDir, port, variables, databaseUrl }: Start,
  engine: Record<string, string>,
): Command {
  const variablesFile = path.join(dataDir, 'worker.env');
  const lines = Object.entries(variables).map(([name, value]) => quoted(name, value));
  writeFileSync(variablesFile, `${lines.join('\n')}\n`, { mode: 0o600 });
  const configFile = path.join(dataDir, 'wrangler.toml');
  const toml = readFileSync(path.join(ROOT, 'wrangler.toml'), 'utf8');
  writeFileSync(configFile, withContainers(toml, ROOT));
  return {
    args: [
      path.join(ROOT, 'node_modules/wrangler/bin/wrangler.js'),
      'dev',
      path.join(program, 'index.js'),
      '--no-bundle',
      '--ip=127.0.0.1',
      `--port=${port}`,
      '--inspector-port=0',
      `--persist-to=${state}`,
      `--env-file=${variablesFile}`,
      '--show-interactive-dev-session=false',
      '--log-level=info',
      `--config=${configFile}`,
    ],
    env: {
      WRANGLER_SEND_METRICS: 'false',
      // Two stacks must not find each other's Worker of the same name.
      WRANGLER_REGISTRY_PATH: path.join(dataDir, 'registry'),
      MINIFLARE_REGISTRY_PATH: path.join(dataDir, 'registry'),
      CLOUDFLARE_CF_FETCH_ENABLED: 'false',
      // Its traces of each request and its page of what is stored: half of workerd's work, for nobody.
      X_LOCAL_OBSERVABILITY: 'false',
      X_LOCAL_EXPLORER: 'false',
      CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_HYPERDRIVE: withPassword(databaseUrl),
      ...engine,
    },
  };
}

/**
 * Runs the built Worker in workerd, with its state in `dataDir`, from a copy there: what is built later
 * is none of its business. Variables go in a file that only this user may read, never in arguments.
 */
export async function startWorker({
  log,
  ...start
}: Start & { log: PartLog }): Promise<LocalWorker> {
  const { dataDir, port, containers } = start;
  const program = path.join(dataDir, 'program');
  cpSync(BUILT_WORKER, program, { recursive: true });
  const state = path.join(dataDir, 'worker');
  const { args, env } =
    containers === null
      ? alone(program, state, start)
      : withEngine(program, state, start, containers);
  const child = spawn(
    process.execPath,
    [path.join(ROOT, 'dev/leash.ts'), process.execPath, ...args],
    {
      cwd: ROOT,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        TMPDIR: process.env.TMPDIR,
        NODE_EXTRA_CA_CERTS: process.env.NODE_EXTRA_CA_CERTS,
        NO_COLOR: '1',
        ...env,
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
    untilHealthy(port, child, BACK_WITHIN_MS).catch(() => void stop());
  };
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      if (!ROUTINE.test(line)) log(line);
      if (DIED.test(line)) onDied();
    });
  }
  try {
    const withinMs = containers === null ? READY_WITHIN_MS : READY_WITH_IMAGE_WITHIN_MS;
    await untilHealthy(port, child, withinMs);
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: child.pid ?? 0, ended, stop };
}
