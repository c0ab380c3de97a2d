import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { endAllWith } from '../../sandbox/left-running.ts';
import type { PartLog } from '../log.ts';
import { type Authority, makeAuthority } from './authority.ts';
import { type Front, openFront } from './front.ts';
import { type Jail, type RunFolders, type Way, jailed, plain } from './jail.ts';

/** Time for a runner to keep its work once it is told to end; then it is killed. */
const GRACE_MS = 2_000;

/** The runner's own answer is the only one there is: see resolv.conf(5). */
const RESOLV_CONF = 'nameserver 127.0.0.1\nsearch .\noptions attempts:1 timeout:1\n';

type Run = {
  generation: number;
  child: ChildProcess;
  folder: string;
  front: Front;
  gone: Promise<void>;
};
/** What a run is given by the Worker. */
export type Given = { MAINLOOP_GATEWAY: string; MAINLOOP_TASK_TOKEN: string };

/** Loud: whoever starts this must see what a repository's code could reach. */
const UNPROTECTED = (why: string) =>
  `SANDBOXES ARE NOT PROTECTED: ${why} Until then a task's commands run as you, and reach your files, this machine's ports (Mainloop itself and its Postgres among them) and the internet. Give tasks only repositories that you would run yourself.`;

/** The sandboxes of this host: at most one a task, each a process of its own in folders of its own. */
export class Runs {
  readonly #folder: string;
  readonly #log: PartLog;
  readonly #jail: boolean;
  /** See `Way`. */
  readonly #names: string | null;
  readonly #key: string;
  readonly #certificate: string;
  readonly #doors: string;
  readonly #authority: Promise<Authority>;
  /** What is not protected here, and what mends it; null where sandboxes are jails. */
  readonly unprotected: string | null;
  readonly #runs = new Map<string, Run>();
  /** What is asked for one task is done one after the other: a start takes its time. */
  readonly #last = new Map<string, Promise<void>>();

  /** @param key opens the Worker's way out for what leaves a sandbox. */
  constructor(folder: string, options: { log: PartLog; jail: Jail; key: string }) {
    const { log, jail } = options;
    this.#folder = folder;
    this.#log = log;
    this.#jail = jail.is === 'there';
    this.#key = options.key;
    this.#doors = doorsOf(folder);
    this.#certificate = path.join(this.#doors, 'certificate.pem');
    this.#names = jail.is === 'there' && jail.names ? path.join(this.#doors, 'names') : null;
    if (this.#names !== null) writeFileSync(this.#names, RESOLV_CONF);
    this.#authority = makeAuthority().then((authority) => {
      writeFileSync(this.#certificate, authority.certificate);
      return authority;
    });
    // Whoever starts a run hears of it.
    this.#authority.catch(() => {});
    // Nobody can use what an earlier host left: its runners ended with it.
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    this.unprotected = jail.is === 'there' ? null : UNPROTECTED(jail.why);
    log(this.unprotected ?? 'sandboxes are bubblewrap jails without a network');
  }

  /** Starts a runner unless this run lives already; an older generation of the task ends first. */
  start(taskId: string, generation: number, given: Given): Promise<void> {
    return this.#inTurn(taskId, () => this.#start(taskId, generation, given));
  }

  async #start(taskId: string, generation: number, given: Given): Promise<void> {
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
    const door = this.#jail ? path.join(this.#doors, `${taskId}-${generation}`) : null;
    const front = await openFront(
      {
        gateway: given.MAINLOOP_GATEWAY,
        key: this.#key,
        token: given.MAINLOOP_TASK_TOKEN,
        authority: await this.#authority,
      },
      door,
    );
    const way: Way = {
      certificate: this.#certificate,
      names: this.#names,
      door: door === null ? { port: front.port } : { socket: door },
    };
    const launch = (door === null ? plain : jailed)(folders, given, way);
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
    this.#runs.set(taskId, { generation, child, folder, front, gone });
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
  stop(taskId: string, generation: number): Promise<void> {
    return this.#inTurn(taskId, async () => {
      const run = this.#runs.get(taskId);
      if (run?.generation === generation) await this.#end(taskId, run);
    });
  }

  async stopAll(): Promise<void> {
    await Promise.allSettled(this.#last.values());
    await Promise.all([...this.#runs].map(([taskId, run]) => this.#end(taskId, run)));
    rmSync(this.#doors, { recursive: true, force: true });
  }

  #inTurn(taskId: string, work: () => Promise<void>): Promise<void> {
    const before = this.#last.get(taskId) ?? Promise.resolve();
    const done = before.catch(() => {}).then(work);
    this.#last.set(taskId, done);
    const forget = () => {
      if (this.#last.get(taskId) === done) this.#last.delete(taskId);
    };
    done.then(forget, forget);
    return done;
  }

  async #end(taskId: string, run: Run): Promise<void> {
    // A closed input is how a runner learns that it must end.
    run.child.stdin?.end();
    const timer = setTimeout(() => killGroup(run.child), GRACE_MS);
    await run.gone;
    clearTimeout(timer);
    killGroup(run.child);
    // What left the group, as a set-up's script does, would go on with its secrets. A jail ends with all.
    if (!this.#jail) await endAllWith(`HOME=${path.join(run.folder, 'home')}`);
    await run.front.close();
    if (this.#runs.get(taskId) === run) this.#runs.delete(taskId);
    rmSync(run.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/**
 * An empty folder for this host's sockets, which nobody else may enter. Its name comes from the data
 * folder, so that what a killed host has left is found again; a short one, since a socket's path may
 * have some 100 bytes.
 */
function doorsOf(folder: string): string {
  const name = createHash('sha256').update(path.resolve(folder)).digest('hex').slice(0, 12);
  const doors = path.join(tmpdir(), `ml-${userInfo().uid}-${name}`);
  rmSync(doors, { recursive: true, force: true });
  // Fails where another user has made one of that name in between.
  mkdirSync(doors, { mode: 0o700 });
  return doors;
}

function killGroup(child: ChildProcess): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
