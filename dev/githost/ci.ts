import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod/mini';
import { branches, git, gitText } from './git.ts';
import type { ApiCall } from './mirror.ts';

const LIMIT_MS = 60_000;
const LOG_MAX_CHARS = 60_000;
const NODE = fileURLToPath(new URL('../../node_modules/node', import.meta.url).href);

/** What of a repository's package.json says how it is checked: names of its scripts. */
const Package = z.object({
  scripts: z.optional(z.record(z.string(), z.string())),
  ci: z.optional(z.array(z.string())),
});
const CheckRun = z.object({ id: z.int() });

type Outcome = { conclusion: 'success' | 'failure' | 'timed_out' | 'cancelled'; log: string };
type Check = { id: number; name: string; command: string };

/** A command in a folder of its own, without the network and the user's files where bubblewrap works. */
function launch(folder: string, command: string, jail: boolean) {
  const environment = {
    PATH: `${path.join(NODE, 'bin')}:/usr/local/bin:/usr/bin:/bin`,
    HOME: folder,
  };
  if (!jail) return spawn('sh', ['-c', command], { cwd: folder, env: environment, detached: true });
  const links = ['bin', 'sbin', 'lib', 'lib64'].flatMap((name) => [
    '--symlink',
    `usr/${name}`,
    `/${name}`,
  ]);
  const args = `--unshare-all --die-with-parent --clearenv --ro-bind /usr /usr ${links.join(' ')}
    --proc /proc --dev /dev --tmpfs /tmp --chdir /work --setenv HOME /work
    --setenv PATH /node/bin:/usr/local/bin:/usr/bin:/bin`.split(/\s+/);
  args.push('--ro-bind', NODE, '/node', '--bind', folder, '/work', 'sh', '-c', command);
  return spawn('bwrap', args, { env: { PATH: process.env.PATH }, detached: true });
}

/**
 * Checks each pushed commit as its package.json says (`"ci": ["test"]`, names of scripts) and tells
 * the API as check runs with their logs. A newer push to a branch cancels the older run.
 */
export class LocalCi {
  readonly #bare: string;
  readonly #path: string;
  readonly #call: ApiCall;
  readonly #folder: string;
  readonly #jail: boolean;
  readonly #log: (line: string) => void;
  readonly #latest = new Map<string, { commit: string; abort: AbortController }>();
  #queue: Promise<void> = Promise.resolve();

  constructor(options: {
    bare: string;
    fullName: string;
    call: ApiCall;
    folder: string;
    jail: boolean;
    log: (line: string) => void;
  }) {
    this.#bare = options.bare;
    this.#path = `/repos/${options.fullName}`;
    this.#call = options.call;
    this.#folder = options.folder;
    this.#jail = options.jail;
    this.#log = options.log;
    mkdirSync(options.folder, { recursive: true });
  }

  /** Registers the checks of what is new on any branch but the default one, and begins them. */
  async look(): Promise<void> {
    const main = await gitText(this.#bare, ['symbolic-ref', '--short', 'HEAD']);
    for (const [branch, commit] of await branches(this.#bare)) {
      const before = this.#latest.get(branch);
      if (branch === main || before?.commit === commit) continue;
      before?.abort.abort();
      const abort = new AbortController();
      this.#latest.set(branch, { commit, abort });
      const checks = await this.#register(commit);
      if (checks.length === 0) continue;
      this.#queue = this.#queue
        .then(() => this.#runAll(commit, checks, abort.signal))
        .catch((error: unknown) => this.#log(`checks of ${branch} ended: ${String(error)}`));
    }
  }

  async stop(): Promise<void> {
    for (const { abort } of this.#latest.values()) abort.abort('stopped');
    await this.#queue;
  }

  /** The check runs that are still to be done; those that an earlier start has finished stay. */
  async #register(commit: string): Promise<Check[]> {
    const text = await gitText(this.#bare, ['show', `${commit}:package.json`]).catch(() => '{}');
    const parsed = Package.safeParse(JSON.parse(text));
    const { ci = [], scripts = {} } = parsed.success ? parsed.data : {};
    const known = await this.#call('GET', `${this.#path}/commits/${commit}/check-runs`);
    const runs = z
      .object({
        check_runs: z.array(z.object({ id: z.int(), name: z.string(), status: z.string() })),
      })
      .safeParse(known.json);
    const checks: Check[] = [];
    for (const name of ci) {
      const command = scripts[name];
      if (command === undefined) continue;
      const before = runs.data?.check_runs.find((run) => run.name === name);
      if (before?.status === 'completed') continue;
      const id = before?.id ?? (await this.#create(name, commit));
      checks.push({ id, name, command });
    }
    return checks;
  }

  async #create(name: string, commit: string): Promise<number> {
    const made = await this.#call('POST', `${this.#path}/check-runs`, {
      name,
      head_sha: commit,
      status: 'queued',
    });
    return CheckRun.parse(made.json).id;
  }

  async #runAll(commit: string, checks: readonly Check[], signal: AbortSignal): Promise<void> {
    const folder = mkdtempSync(path.join(this.#folder, 'run-'));
    try {
      await git(this.#bare, ['--work-tree', folder, 'checkout', '--force', commit, '--', '.']);
      for (const check of checks) {
        // Stopped with the host: it is begun anew at the next start.
        if (signal.reason === 'stopped') return;
        const target = `${this.#path}/check-runs/${check.id}`;
        await this.#call('PATCH', target, { status: 'in_progress' });
        const { conclusion, log } = await this.#run(folder, check.command, signal);
        if (signal.reason === 'stopped') return;
        const output = { title: `${check.name}: ${conclusion}`, summary: check.command, text: log };
        await this.#call('PATCH', target, { status: 'completed', conclusion, output });
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  #run(folder: string, command: string, signal: AbortSignal): Promise<Outcome> {
    if (signal.aborted) return Promise.resolve({ conclusion: 'cancelled', log: '' });
    return new Promise((resolve) => {
      const child = launch(folder, command, this.#jail);
      let log = '';
      let why: Outcome['conclusion'] | null = null;
      const end = (conclusion: Outcome['conclusion']) => {
        why ??= conclusion;
        try {
          process.kill(-(child.pid ?? 0), 'SIGKILL');
        } catch {
          // It has ended by itself.
        }
      };
      const timer = setTimeout(() => end('timed_out'), LIMIT_MS);
      const onAbort = () => end('cancelled');
      signal.addEventListener('abort', onAbort, { once: true });
      for (const stream of [child.stdout, child.stderr]) {
        stream.on('data', (data) => (log = (log + String(data)).slice(-LOG_MAX_CHARS)));
      }
      child.once('error', (error) => (log += error.message));
      child.once('close', (code) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        resolve({ conclusion: why ?? (code === 0 ? 'success' : 'failure'), log });
      });
    });
  }
}
