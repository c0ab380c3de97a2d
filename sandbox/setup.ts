import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Brief } from '../protocol/runner.ts';
import { SETUP_SCRIPT, type SetupAnswer } from '../protocol/setup.ts';
import type { RunnerEventBody } from '../protocol/task-event.ts';
import type { Git } from './git.ts';
import { setupNote } from './instructions.ts';
import { type StepBegin, type StepOrder, StepReport } from './setup-messages.ts';

const STEP = fileURLToPath(new URL('setup-step.ts', import.meta.url));
/** Most that a set-up may take. */
const TIME_LIMIT_MS = 10 * 60_000;
/** Longer than the step takes to end a script that is not wanted any more. */
const STOP_WITHIN_MS = 10_000;

/** How a sandbox is set up; null where the repository says nothing of it. */
export type SetUp = {
  outcome: Extract<RunnerEventBody, { type: 'setup_ended' }>['outcome'];
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

function beginOf(parts: SetupParts, key: string): StepBegin {
  const { access, brief, directory, environment, home } = parts;
  mkdirSync(home, { recursive: true });
  const { MAINLOOP_SYSTEM_FOLDERS: system = '', CLAUDE_CONFIG_DIR: own } = process.env;
  return {
    is: 'begin',
    ...access,
    directory,
    key,
    isKept: brief.setup === key,
    environment,
    home,
    without: own === undefined ? [] : [own],
    system: system.split(':').filter(Boolean),
    // Where the sandbox is a machine of its own, its scratch folder is, too.
    searched: directory.startsWith('/workspace/') ? [tmpdir()] : [],
    timeLimitMs: parts.timeLimitMs ?? TIME_LIMIT_MS,
  };
}

function runStep(parts: SetupParts, key: string): Promise<SetUp> {
  const step = fork(STEP, {
    // Nothing but what it needs: the script reads what this process is given, too.
    env: { PATH: process.env.PATH, HOME: parts.home, LANG: 'C.UTF-8', TZ: 'UTC' },
    serialization: 'advanced',
  });
  const order = (one: StepOrder) => {
    if (step.connected) step.send(one);
  };
  let end: Extract<RunnerEventBody, { type: 'setup_ended' }> | null = null;
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
  return new Promise((resolve) => {
    step.once('close', () => {
      clearTimeout(late);
      parts.signal.removeEventListener('abort', onStop);
      if (end === null) {
        end = {
          type: 'setup_ended',
          outcome: 'failed',
          exitCode: null,
          durationMs: 0,
          secretsIn: [],
        };
        parts.report(end);
      }
      resolve({ outcome: end.outcome, note: setupNote(end, tail) });
    });
  });
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
