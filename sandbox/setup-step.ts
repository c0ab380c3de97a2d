// The program of the set-up step: puts back what an earlier one wrote, or runs the repository's script
// with its variables and secrets. It ends before the worker begins, and the secrets with it.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { secretForms } from '../protocol/redaction/secret-forms.ts';
import { SETUP_SCRIPT } from '../protocol/setup.ts';
import type { RunnerEventBody } from '../protocol/task-event.ts';
import { rootEndsStartedSince, rootFindsFilesWith } from './as-root.ts';
import { changedSince, setMark } from './changed-files.ts';
import { createGateway } from './gateway.ts';
import { createGit } from './git.ts';
import { endAllWith } from './left-running.ts';
import { OutputPieces } from './output-pieces.ts';
import { complain, redactor } from './redactor.ts';
import { runScript } from './script-run.ts';
import { type Searched, filesWith } from './secret-search.ts';
import { pack, unpack } from './setup-archive.ts';
import { type StepBegin, StepOrder, type StepReport } from './setup-messages.ts';
import { endStartedSince, startOf } from './started-since.ts';
import { KERNELS, writableMounts } from './writable-mounts.ts';

const MARKER = 'MAINLOOP_SETUP';
/** Most that the search for secrets may take. */
const SEARCH_WITHIN_MS = 3 * 60_000;
/** What packages come from, and what they said: no program needs it later. */
const SYSTEM_WITHOUT = [
  '/var/cache',
  '/var/lib/apt/lists',
  '/var/log',
  '/var/tmp',
  '/usr/share/doc',
  '/root/.cache',
  '/root/.npm',
];
/** The same in the home folder. */
const CACHES = ['.npm/_cacache', '.npm/_logs', '.cache/pip', '.cache/yarn', '.cache/go-build'];
/** And what is made anew in each sandbox: whom it trusts. */
const OURS = ['.mainloop'];

const stop = new AbortController();

function say(report: StepReport): void {
  if (process.connected) process.send?.(report);
}
const event = (body: RunnerEventBody) => say({ is: 'event', body });
const step = (text: string) => event({ type: 'step', text });

/** Names at most so many, and how many there are beside them. */
function named(names: readonly string[], max = 5): string {
  const more = names.length - max;
  return names.slice(0, max).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

async function setUp(begin: StepBegin): Promise<string> {
  const { directory, home, without, system } = begin;
  const gateway = createGateway(begin.gateway, begin.token);
  const began = Date.now();
  if (begin.isKept) {
    const archive = await gateway.fetchPart('setup');
    if (archive !== null && (await unpack(archive))) {
      const durationMs = Date.now() - began;
      event({
        type: 'setup_ended',
        outcome: 'restored',
        exitCode: null,
        durationMs,
        secretsIn: [],
      });
      return '';
    }
    step('What the last set-up had written is damaged: it is run again');
  }
  const { values, missing } = await gateway.setup({ for: 'setup' });
  for (const sentence of missing) step(sentence);
  const secrets = values.flatMap(({ isSecret, value }) => (isSecret ? [value] : []));
  redactor.know(secrets);
  event({ type: 'setup_began' });
  const scratch = mkdtempSync(path.join(tmpdir(), 'mainloop-setup-'));
  try {
    const mark = path.join(scratch, 'mark');
    await setMark(mark);
    const pieces = new OutputPieces((text) => event({ type: 'setup_output', text }));
    const id = randomUUID();
    const ended = await runScript({
      file: SETUP_SCRIPT,
      directory,
      environment: {
        ...begin.environment,
        ...Object.fromEntries(values.map(({ name, value }) => [name, value])),
        [MARKER]: id,
      },
      endAll: () => endAll(begin, `${MARKER}=${id}`),
      timeLimitMs: begin.timeLimitMs,
      redactor,
      onOutput: (text) => pieces.add(text),
      signal: stop.signal,
    });
    const tail = pieces.end();
    // A name may hold one, too.
    const shown = (names: Iterable<string>) =>
      [...new Set(names)].map((name) => redactor.text(name));
    const leftRunning = shown(ended.leftRunning);
    if (leftRunning.length > 0)
      step(`Ended what the set-up had left running: ${named(leftRunning)}`);
    const changed = await changedSince(mark, [directory, home], without);
    const ofSystem = await changedSince(mark, system, SYSTEM_WITHOUT, true);
    const searched = await search(begin, mark, scratch, changed, secretForms(secrets));
    const [secretsIn, unread] = [shown(searched.holding), shown(searched.unread)];
    const { exitCode } = ended;
    const outcome = stop.signal.aborted ? 'stopped' : ended.outcome;
    const durationMs = Date.now() - began;
    event({ type: 'setup_ended', outcome, exitCode, durationMs, secretsIn });
    if (unread.length > 0) {
      step(`Not searched for secrets, so the task’s next sandbox sets up anew: ${named(unread)}`);
    }
    if (outcome === 'done' && secretsIn.length === 0 && unread.length === 0) {
      const files = await filesToKeep(directory, home, changed);
      const packed = await pack([
        { files, sudo: false },
        ...(ofSystem.length === 0 ? [] : [{ files: ofSystem, sudo: true }]),
      ]);
      if (packed.is === 'packed') {
        await gateway.keep('setup', packed.archive, { 'x-mainloop-setup': begin.key });
      } else {
        step(`${packed.why}: this task’s next sandbox runs the set-up again`);
      }
    }
    return tail;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Ends what the script has started: all of it where nobody else's processes are, else what its marker is on. */
function endAll({ isAlone, system }: StepBegin, marker: string): Promise<string[]> {
  if (!isAlone) return endAllWith(marker);
  const began = startOf(process.pid);
  return system.length > 0 ? rootEndsStartedSince(began) : endStartedSince(began);
}

/**
 * Searches what the script has written for secrets: wherever anything can be written where the file
 * system is the sandbox's own, else in what is changed in its own folders.
 */
async function search(
  { isAlone, system }: StepBegin,
  mark: string,
  scratch: string,
  changed: string[],
  forms: string[],
): Promise<Searched> {
  if (!isAlone) return filesWith(changed, forms, SEARCH_WITHIN_MS);
  const isMachine = system.length > 0;
  const places = writableMounts(readFileSync('/proc/self/mountinfo', 'utf8'));
  const files = await changedSince(mark, places, [...KERNELS, scratch], isMachine);
  const find = isMachine ? rootFindsFilesWith : filesWith;
  return find(files, forms, SEARCH_WITHIN_MS);
}

/** All that is neither git's own nor in the repository anyway, without caches of what was fetched. */
async function filesToKeep(
  directory: string,
  home: string,
  changed: readonly string[],
): Promise<string[]> {
  const tracked = await createGit(directory, null).run(['ls-files', '-z']);
  const there = new Set(tracked.split('\0').map((file) => path.join(directory, file)));
  const left = [
    path.join(directory, '.git'),
    ...[...CACHES, ...OURS].map((name) => path.join(home, name)),
  ];
  return changed.filter(
    (file) =>
      !there.has(file) &&
      !left.some((folder) => file === folder || file.startsWith(`${folder}${path.sep}`)),
  );
}

process.on('disconnect', () => {
  // The runner is gone: nobody waits for this any more.
  stop.abort();
});
process.on('message', (message) => {
  const order = StepOrder.parse(message);
  if (order.is === 'stop') {
    stop.abort();
    return;
  }
  setUp(order)
    .then((tail) => say({ is: 'ended', tail }))
    .catch((error: unknown) => {
      complain(error);
      process.exitCode = 1;
    })
    .finally(() => {
      // Nothing else keeps it from ending, once all is said.
      process.channel?.unref();
    });
});
