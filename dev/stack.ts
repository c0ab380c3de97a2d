import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildWeb, buildWorker } from './build.ts';
import { takeDataDir } from './data-dir.ts';
import { encryptionKeyOf } from './encryption-key.ts';
import { type GitHost, startGitHost } from './githost/githost.ts';
import type { PartLog } from './log.ts';
import { type OfflineModel, startOfflineModel } from './model/model.ts';
import { isFree, reservePorts } from './ports.ts';
import { migrateDatabase } from './postgres/migrate.ts';
import { startPostgres } from './postgres/postgres.ts';
import { startSandboxHost } from './sandbox-host/sandbox-host.ts';
import { type Settings, portOf, stepMsOf } from './settings.ts';
import { type LocalWorker, startWorker } from './worker.ts';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

const DEMO_REPOSITORIES = [
  { owner: 'acme', name: 'todo', dir: 'todo' },
  { owner: 'acme', name: 'site', dir: 'site' },
];

/** A Worker that ends as often as this within so long a time would do so again. */
const ENDS_MAX = 4;
const ENDS_WITHIN_MS = 120_000;

/** The sentence that the interface shows while the models are this stack's own. */
const OFFLINE_MODEL =
  'Offline model: it can hold the demo conversation and do the demo work. For the real one, put ANTHROPIC_API_KEY into .dev.vars and start anew.';

export type StackOptions = {
  settings: Settings;
  dataDir: string;
  log: (part: string) => PartLog;
  /** A container engine to run sandboxes in, in place of processes on this machine. */
  containers?: Record<string, string>;
  /** Pace of the offline model, for tests. */
  pace?: { tokensPerSecond?: number; timeToFirstTokenMs?: number; workerStepMs?: number };
};

export type Stack = {
  /** Address to open in a browser, without a trailing slash. */
  url: string;
  databaseUrl: string;
  /** Null where the real one is set. */
  gitHost: GitHost | null;
  model: OfflineModel | null;
  /** What of this machine the sandboxes are not kept from, and what mends it; null where they are. */
  unprotected: string | null;
  postgres: { stop(): Promise<void>; start(): Promise<void> } | null;
  worker: () => LocalWorker;
  /** Ends the Worker and starts it again on the same state, or on what is made of it meanwhile. */
  restartWorker(meanwhile?: () => void): Promise<void>;
  /** Resolves when the Worker ended although nobody asked it to, and does not start again either. */
  failed: Promise<string>;
  /** What the parts know each other by: nothing of it belongs into what is kept, said or run. */
  secrets: readonly string[];
  stop(): Promise<void>;
};

const SECRETS = [
  'ANTHROPIC_API_KEY',
  'CLAUDE_CODE_OAUTH_TOKEN',
  'ENCRYPTION_KEYS',
  'GITHUB_APP_PRIVATE_KEY',
  'GITHUB_TOKEN',
  'GITHUB_WEBHOOK_SECRET',
  'LOCAL_SANDBOX_KEY',
];

/** Everything that has been started, to be ended in the opposite order. */
class Started {
  readonly #stops: (() => Promise<void> | void)[] = [];
  #ended: Promise<void> | null = null;

  add(stop: () => Promise<void> | void): void {
    this.#stops.push(stop);
  }

  /** Ends all parts, once; a part that fails to end does not keep the others. */
  end(): Promise<void> {
    this.#ended ??= (async () => {
      for (const stop of this.#stops.toReversed()) {
        try {
          await stop();
        } catch (error) {
          console.error(error);
        }
      }
    })();
    return this.#ended;
  }
}

/**
 * Starts the whole product on this machine: each part is a stand-in unless its variable is set.
 * Every part has answered for itself when this resolves; when one fails, all are ended again.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const started = new Started();
  try {
    return await start(options, started);
  } catch (error) {
    await started.end();
    throw error;
  }
}

async function start(
  { settings, dataDir, log, pace, containers }: StackOptions,
  started: Started,
): Promise<Stack> {
  started.add(takeDataDir(dataDir));
  const port = portOf(settings);
  if (!(await isFree(port))) {
    throw new Error(`Port ${port} is taken. Set PORT to another one.`);
  }
  const ports = await reservePorts(dataDir, ['postgres', 'model', 'git', 'sandbox'] as const);
  const folder = (name: string) => {
    const dir = path.join(dataDir, name);
    mkdirSync(dir, { recursive: true });
    return dir;
  };

  const database = async () => {
    if (settings.DATABASE_URL !== undefined) {
      await migrateDatabase(settings.DATABASE_URL);
      return { url: settings.DATABASE_URL, part: null };
    }
    const begin = () =>
      startPostgres({ dataDir: folder('postgres'), port: ports.postgres, log: log('postgres') });
    let running = await begin();
    started.add(() => running.stop());
    await migrateDatabase(running.url);
    const part = {
      stop: () => running.stop(),
      start: async () => {
        running = await begin();
      },
    };
    return { url: running.url, part };
  };

  const model = async () => {
    if (settings.ANTHROPIC_API_KEY !== undefined || settings.ANTHROPIC_BASE_URL !== undefined)
      return null;
    const workerStepMs = stepMsOf(settings);
    const running = await startOfflineModel({
      port: ports.model,
      log: log('model'),
      ...pace,
      ...(workerStepMs !== null && { workerStepMs }),
    });
    started.add(() => running.stop());
    return running;
  };

  const webhookSecret = randomBytes(32).toString('base64url');
  const git = async () => {
    const { GITHUB_TOKEN: token, GITHUB_APP_ID: app, GITHUB_API_URL: api } = settings;
    if (token !== undefined || app !== undefined || api !== undefined) return null;
    const running = await startGitHost({
      dataDir: folder('githost'),
      port: ports.git,
      demoDir: path.join(ROOT, 'dev/demo'),
      repositories: DEMO_REPOSITORIES,
      webhook: { url: `http://127.0.0.1:${port}/webhooks/github`, secret: webhookSecret },
      log: log('githost'),
    });
    started.add(() => running.stop());
    return running;
  };

  const sandboxKey = randomBytes(32).toString('base64url');
  const sandboxes = async () => {
    if (settings.LOCAL_SANDBOX_URL !== undefined || containers !== undefined) return null;
    const running = await startSandboxHost({
      dataDir: folder('sandboxes'),
      port: ports.sandbox,
      key: sandboxKey,
      log: log('sandbox'),
    });
    started.add(() => running.stop());
    return running;
  };

  // Wrangler wants the folder of the web app to be there.
  const programs = async () => {
    await buildWeb(log('web'));
    await buildWorker(log('worker'));
  };

  // One that fails must not leave another half started behind: all settle before its error goes on.
  const parts = [database(), model(), git(), sandboxes(), programs()] as const;
  await Promise.allSettled(parts);
  const [db, offline, gitHost, sandboxHost] = await Promise.all(parts);

  const url = `http://127.0.0.1:${port}`;
  const { PORT: _port, MAINLOOP_DATA_DIR: _dir, DATABASE_URL: _url, ...given } = settings;
  const variables: Record<string, string> = {
    // A container's requests to its own name for the gateway are answered by the Worker.
    ...(containers === undefined && { GATEWAY_URL: url }),
    ...(sandboxHost !== null && {
      LOCAL_SANDBOX_URL: sandboxHost.url,
      LOCAL_SANDBOX_KEY: sandboxKey,
    }),
    ...(settings.ACCESS_TEAM_DOMAIN === undefined && { LOCAL_PERSON: 'you@localhost' }),
    ...(offline !== null && {
      ANTHROPIC_BASE_URL: offline.url,
      ANTHROPIC_API_KEY: offline.apiKey,
      OFFLINE_MODEL,
    }),
    ...(gitHost !== null && {
      GITHUB_API_URL: gitHost.apiUrl,
      GITHUB_URL: gitHost.url,
      GITHUB_TOKEN: gitHost.token,
      GITHUB_WEBHOOK_SECRET: webhookSecret,
    }),
    ENCRYPTION_KEYS: encryptionKeyOf(dataDir),
    ...given,
    // No line of a file carries one that has several.
    ...(given.GITHUB_APP_PRIVATE_KEY !== undefined && {
      GITHUB_APP_PRIVATE_KEY: given.GITHUB_APP_PRIVATE_KEY.replaceAll('\n', '\\n'),
    }),
  };

  let wanted = true;
  let reportFailure: (reason: string) => void = () => {};
  const failed = new Promise<string>((resolve) => (reportFailure = resolve));
  const workerLog = log('worker');
  let startsAgain: Promise<void> = Promise.resolve();
  let ends: number[] = [];
  const run = async () => {
    const running = await startWorker({
      dataDir,
      port,
      variables,
      databaseUrl: db.url,
      containers: containers ?? null,
      log: workerLog,
    });
    void running.ended.then((code) => {
      if (wanted) startsAgain = startAgain(code);
    });
    return running;
  };
  let worker = await run();
  async function startAgain(code: number): Promise<void> {
    const why = `The Worker ended by itself (exit code ${code}).`;
    ends = [...ends, Date.now()].slice(-ENDS_MAX);
    const first = ends.length < ENDS_MAX ? 0 : (ends[0] ?? 0);
    if (Date.now() - first < ENDS_WITHIN_MS) return reportFailure(why);
    workerLog(`${why} Starting it again.`);
    try {
      worker = await run();
    } catch (error) {
      reportFailure(error instanceof Error ? error.message : String(error));
    }
  }
  started.add(async () => {
    wanted = false;
    await startsAgain;
    await worker.stop();
  });

  return {
    url,
    databaseUrl: db.url,
    secrets: [
      ...SECRETS.flatMap((name) => variables[name] ?? []),
      // One that a person may store as their own.
      ...(gitHost === null ? [] : [gitHost.guestToken]),
    ],
    gitHost,
    model: offline,
    unprotected: sandboxHost?.unprotected ?? null,
    postgres: db.part,
    worker: () => worker,
    restartWorker: async (meanwhile) => {
      wanted = false;
      await startsAgain;
      await worker.stop();
      meanwhile?.();
      worker = await run();
      wanted = true;
    },
    failed,
    stop: () => started.end(),
  };
}
