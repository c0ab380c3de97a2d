// The one program that runs inside a sandbox: fetches its brief, drives Claude Code, reports what
// happens, keeps checkpoints, pushes the task's branch.
import path from 'node:path';
import { Checkpoints } from './checkpoints.ts';
import { deliver } from './delivery.ts';
import { PromptQueue } from './prompt-queue.ts';
import { DismissedError, createGateway } from './gateway.ts';
import { failureSentence, readHandover } from './handover.ts';
import { readMailbox } from './mailbox.ts';
import { Reporter } from './reporter.ts';
import { Session } from './session.ts';
import { TranscriptMirror } from './transcript.ts';
import { openWorkspace } from './workspace.ts';

const EXIT_DISMISSED = 3;
/** Time for a last checkpoint when the sandbox has to go. */
const KEEP_WITHIN_MS = 1_800;

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set.`);
  return value;
}

const access = { gateway: required('MAINLOOP_GATEWAY'), token: required('MAINLOOP_TASK_TOKEN') };
const root = path.resolve(process.env.MAINLOOP_WORKSPACE ?? '/workspace');
process.env.CLAUDE_CONFIG_DIR ??= path.join(root, '.claude');

const abort = new AbortController();
const gateway = createGateway(access.gateway, access.token);

function end(error: unknown): void {
  abort.abort();
  if (error instanceof DismissedError) {
    console.log(`Dismissed: ${error.message}`);
    process.exit(EXIT_DISMISSED);
  }
  console.error(error);
  process.exit(1);
}

/** Puts what there is into safety; set once there is something. */
let keep: () => Promise<unknown> = () => Promise.resolve();

function keepAndExit(): void {
  setTimeout(() => process.exit(1), KEEP_WITHIN_MS).unref();
  void keep().finally(() => process.exit(1));
}
process.once('SIGTERM', keepAndExit);
// The local host holds the input open: when it closes it, or dies, this sandbox has to end.
if (process.env.MAINLOOP_LEASH === '1') process.stdin.resume().once('end', keepAndExit);

const brief = await gateway.brief().catch((error: unknown) => {
  end(error);
  throw error;
});
const reporter = new Reporter(gateway, brief.lastEvent, end);
const step = (text: string) => reporter.add({ type: 'step', text });

try {
  step(`Cloning ${brief.repository}`);
  const sessionId = brief.checkpoint?.sessionId ?? null;
  const [workspace, kept] = await Promise.all([
    openWorkspace(root, brief, gateway, access),
    sessionId === null ? null : gateway.fetchPart('transcript'),
  ]);
  if (workspace.restored) step('Restored the work of the last checkpoint');
  const resume = kept === null ? null : sessionId;

  const prompts = new PromptQueue({
    acknowledge: (id) => reporter.acknowledge(id),
    onSteered: ({ text }) => reporter.add({ type: 'steered', text }),
  });
  void readMailbox(gateway, abort.signal, (item) => prompts.take(item)).catch((error: unknown) => {
    if (!abort.signal.aborted) end(error);
  });

  const transcript = new TranscriptMirror(gateway, kept);
  const checkpoints = new Checkpoints(workspace, gateway, step);
  keep = () => Promise.allSettled([checkpoints.take(), transcript.flush()]);

  const parts = {
    brief,
    access,
    gateway,
    workspace,
    transcript,
    checkpoints,
    reporter,
    prompts,
    abort,
  };
  const result = await new Session(parts, resume).run();
  checkpoints.stop();
  await checkpoints.take();

  if (result.is === 'parked') {
    reporter.add({ type: 'result', result });
  } else if (result.is === 'failed') {
    const reason = failureSentence(result.detail);
    reporter.add({ type: 'result', result: { is: 'failed', reason, detail: result.detail } });
  } else {
    const handover = readHandover(result.text, brief.title);
    reporter.add({ type: 'result', result: await deliver(workspace, brief, handover, step) });
  }
  await reporter.flush();
} catch (error) {
  console.error(error);
  if (error instanceof DismissedError) end(error);
  const detail = (error instanceof Error ? error.message : String(error)).replaceAll(
    access.token,
    '[token]',
  );
  const reason = detail.startsWith('git clone')
    ? `${brief.repository} could not be cloned. Check that the git host is up and that the branch ${brief.baseBranch} exists, then retry.`
    : 'The sandbox stopped with an error. Retry goes on from the last checkpoint.';
  reporter.add({
    type: 'result',
    result: { is: 'failed', reason, detail: detail.slice(0, 10_000) },
  });
  await reporter.flush().catch(end);
}
abort.abort();
reporter.stop();
process.exit(0);
