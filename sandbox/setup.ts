import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Brief } from '../protocol/runner.ts';
import { SETUP_SCRIPT, type SetupAnswer } from '../protocol/setup.ts';
import type { RunnerEventBody } from '../protocol/task-event.ts';
import { rootEndsStartedSince } from './as-root.ts';
import type { Git } from './git.ts';
import { setupNote } from './instructions.ts';
import { type StepBegin, type StepOrder, StepReport } from './setup-messages.ts';
import { endStartedSince, startOf } from './started-since.ts';

const STEP = fileURLToPath(new URL('setup-step.ts', import.meta.url));
/** Most that a set-up may take. */
const TIME_LIMIT_MS = 10 * 60_000;
/** Longer than the step takes to end a script that is not wanted any more. */
const STOP_WITHIN_MS = 10_000;

type SetupEnded = Extract<RunnerEventBody, { type: 'setup_ended' }>;

/** Where the step told nothing itself. */
const NOT_ENDED: SetupEnded = {
  type: 'setup_ended',
  outcome: 'failed',
  exitCode: null,
  durationMs: 0,
  secretsIn: [],
};

/** How a sandbox is set up; null where the repository says nothing of it. */
export type SetUp = {
  outcome: SetupEnded['outcome'];
  /** What the worker must know of it; empty when all is well. */
  note: string;
};

export type SetupParts = {
  /** The repository's folder: a fresh clone, on the base branch. */
  directory: string;
  git: Git;
  brief: Pick<Brief, 'setup'>;
  access: { gateway: string; token: string };
  report(body: RunnerEventBody): void;
  home: string;
  /** Environment of the script, beside variables and secrets. */
  environment: Record<string, string>;
  /** Aborted when nobody wants it any more. */
  signal: AbortSignal;
  timeLimitMs?: number;
};

/**
 * Sets the sandbox up as the repository says, on the base branch as it is at the host: a script that
 * a worker has changed is read by people before it is given secrets.
 */
export async function setUp(parts: SetupParts, given: SetupAnswer): Promise<SetUp | null> {
  const { git, directory } = parts;
  const script = await committedScript(git);
  if (script === null) return null;
  const head = await git.run(['rev-parse', 'HEAD']);
  const ended = await runStep(parts, keyOf(script, given.names));
  await tidy(git, directory, head);
  return ended;
}

/** The script as it is committed; null where there is none. A link is none. */
async function committedScript(git: Git): Promise<string | null> {
  const entry = await git.run(['ls-tree', 'HEAD', '--', SETUP_SCRIPT]);
  return /^100(?:644|755) blob /.test(entry) ? git.run(['show', `HEAD:${SETUP_SCRIPT}`]) : null;
}

/** Another script, other names, or another machine: another set-up. */
function keyOf(script: string, names: readonly string[]): string {
  const from = JSON.stringify([script, names, process.version, process.arch]);
  return createHash('sha256').update(from).digest('hex');
}

/** Whether the runner and what it starts are all that runs here, as in a jail and in a container. */
const isAlone = () => process.env.MAINLOOP_ALONE === '1';

/** What of a machine's system is kept; none where the system is not the sandbox's own. */
const systemFolders = () => (process.env.MAINLOOP_SYSTEM_FOLDERS ?? '').split(':').filter(Boolean);

function beginOf(parts: SetupParts, key: string): StepBegin {
  const { access, brief, directory, environment, home } = parts;
  mkdirSync(home, { recursive: true });
  const { CLAUDE_CONFIG_DIR: own } = process.env;
  return {
    is: 'begin',
    ...access,
    directory,
    key,
    isKept: brief.setup === key,
    environment,
    home,
    without: own === undefined ? [] : [own],
    system: systemFolders(),
    isAlone: isAlone(),
    timeLimitMs: parts.timeLimitMs ?? TIME_LIMIT_MS,
  };
}

/** Also where the step was ended before it could do that itself. */
async function endWhatItStarted(since: number): Promise<void> {
  await (systemFolders().length > 0 ? rootEndsStartedSince(since) : endStartedSince(since));
}

async function runStep(parts: SetupParts, key: string): Promise<SetUp> {
  const step = fork(STEP, {
    // Nothing but what it needs: the script reads what this process is given, too.
    env: { PATH: process.env.PATH, HOME: parts.home, LANG: 'C.UTF-8', TZ: 'UTC' },
    serialization: 'advanced',
  });
  // Now: once it has ended, nobody can tell any more.
  const began = isAlone() && step.pid !== undefined ? startOf(step.pid) : null;
  const order = (one: StepOrder) => {
    if (step.connected) step.send(one);
  };
  // Said by a listener, which the compiler does not follow.
  let end = null as SetupEnded | null;
  let tail = '';
  let late: NodeJS.Timeout | undefined;
  const onStop = () => {
    order({ is: 'stop' });
    late = setTimeout(() => step.kill('SIGKILL'), STOP_WITHIN_MS);
  };
  if (parts.signal.aborted) onStop();
  parts.signal.addEventListener('abort', onStop);
  step.on('message', (message) => {
    const report = StepReport.parse(message);
    if (report.is === 'ended') ({ tail } = report);
    else {
      if (report.body.type === 'setup_ended') end = report.body;
      parts.report(report.body);
    }
  });
  order(beginOf(parts, key));
  await once(step, 'close');
  clearTimeout(late);
  parts.signal.removeEventListener('abort', onStop);
  if (began !== null) await endWhatItStarted(began);
  const ended = end ?? NOT_ENDED;
  if (end === null) parts.report(ended);
  return { outcome: ended.outcome, note: setupNote(ended, tail) };
}

/**
 * The repository as it was committed, whatever the script did to it, with what it made beside that:
 * no commit of the worker's takes it up.
 */
async function tidy(git: Git, directory: string, head: string): Promise<void> {
  await git.run(['checkout', '--quiet', '--force', '--detach', head]);
  const made = await git.run(['ls-files', '--others', '--exclude-standard', '--directory', '-z']);
  const lines = made
    .split('\0')
    .filter((name) => name !== '' && !name.includes('\n'))
    .map((name) => `/${name.replaceAll(/[\\*?[\]!# ]/g, String.raw`\$&`)}`);
  if (lines.length === 0) return;
  mkdirSync(path.join(directory, '.git/info'), { recursive: true });
  appendFileSync(path.join(directory, '.git/info/exclude'), `${lines.join('\n')}\n`);
}
