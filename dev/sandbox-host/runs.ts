import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { PartLog } from '../log.ts';
import { type RunFolders, canJail, jailed, plain } from './jail.ts';

/** Time for a runner to keep its work once it is told to end; then it is killed. */
const GRACE_MS = 2_000;

type Run = { generation: number; child: ChildProcess; folder: string; gone: Promise<void> };

/** The sandboxes of this host: at most one a task, each a process of its own in folders of its own. */
export class Runs {
  readonly #folder: string;
  readonly #log: PartLog;
  readonly #jail: boolean;
  readonly #runs = new Map<string, Run>();

  constructor(folder: string, log: PartLog, jail: boolean = canJail()) {
    this.#folder = folder;
    this.#log = log;
    this.#jail = jail;
    // Nobody can use what an earlier host left: its runners ended with it.
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    log(
      jail
        ? 'sandboxes are bubblewrap jails'
        : 'bubblewrap does not work here: sandboxes are plain processes',
    );
  }

  /** Starts a runner unless this run lives already; an older generation of the task ends first. */
  async start(taskId: string, generation: number, given: Record<string, string>): Promise<void> {
    const before = this.#runs.get(taskId);
    if (before !== undefined) {
      if (before.generation > generation) throw new Error('A newer sandbox of this task is here.');
      if (before.generation === generation && this.isAlive(taskId, generation)) return;
      await this.#end(taskId, before);
    }
    const folder = path.join(this.#folder, taskId);
    // The same path in every generation: Claude Code keeps its transcript by it.
    const folders: RunFolders = {
      workspace: path.join(folder, 'workspace'),
      home: path.join(folder, 'home'),
    };
    for (const dir of Object.values(folders)) mkdirSync(dir, { recursive: true });
    const launch = this.#jail ? jailed(folders, given) : plain(folders, given);
    const child = spawn(launch.command, launch.args, {
      cwd: folders.workspace,
      env: launch.environment,
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      detached: true,
    });
    const arguments_ = child.stdio[3];
    if (arguments_ instanceof Writable) arguments_.end(launch.descriptor3 ?? '');
    child.stdin?.on('error', () => {});
    const name = `${taskId.slice(-6)}#${generation}`;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) {
        createInterface({ input: stream }).on('line', (line) => this.#log(`${name} ${line}`));
      }
    }
    const gone = new Promise<void>((resolve) => {
      child.once('error', (error) => {
        this.#log(`${name} could not be started: ${error.message}`);
        resolve();
      });
      child.once('exit', (code, signal) => {
        this.#log(`${name} ended (${signal ?? code})`);
        resolve();
      });
    });
    this.#runs.set(taskId, { generation, child, folder, gone });
    this.#log(`${name} started`);
  }

  isAlive(taskId: string, generation: number): boolean {
    const run = this.#runs.get(taskId);
    return (
      run !== undefined &&
      run.generation === generation &&
      run.child.exitCode === null &&
      run.child.signalCode === null &&
      run.child.pid !== undefined
    );
  }

  /** Ends the run with all its processes and frees its disk; nothing happens for one that is not here. */
  async stop(taskId: string, generation: number): Promise<void> {
    const run = this.#runs.get(taskId);
    if (run === undefined || run.generation !== generation) return;
    await this.#end(taskId, run);
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#runs].map(([taskId, run]) => this.#end(taskId, run)));
  }

  async #end(taskId: string, run: Run): Promise<void> {
    // A closed input is how a runner learns that it must end.
    run.child.stdin?.end();
    const timer = setTimeout(() => killGroup(run.child), GRACE_MS);
    await run.gone;
    clearTimeout(timer);
    killGroup(run.child);
    if (this.#runs.get(taskId) === run) this.#runs.delete(taskId);
    rmSync(run.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
