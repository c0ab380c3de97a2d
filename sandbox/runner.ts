// The one program that runs inside a sandbox: fetches its brief, drives Claude Code, reports what
// happens, keeps checkpoints, pushes the task's branch.
import path from 'node:path';
import { gatewaysWord } from '../protocol/git-word.ts';
import { ChangesReport } from './changes.ts';
import { Checkpoints } from './checkpoints.ts';
import { Delivery } from './delivery.ts';
import { DismissedError, createGateway } from './gateway.ts';
import { RepositoryEquipment } from './equipment/equipment.ts';
import { type Handover, failureSentence, handoverFrom, handoverIn } from './handover.ts';
import { Leaving } from './leaving.ts';
import { readMailbox } from './mailbox.ts';
import { PromptQueue } from './prompt-queue.ts';
import { complain, redactor } from './redactor.ts';
import { refuseNames } from './refused-names.ts';
import { openRelay } from './relay.ts';
import { Reporter } from './reporter.ts';
import { SandboxSetup } from './sandbox-setup.ts';
import { Session } from './session.ts';
import { TranscriptMirror } from './transcript.ts';
import { openWorkspace } from './workspace.ts';

const EXIT_DISMISSED = 3;
/** Time for a last checkpoint when the sandbox has to go. */
const KEEP_WITHIN_MS = 10_000;
/** The same at a host that holds the leash: it kills what is still there after 2 s. */
const KEEP_ON_LEASH_WITHIN_MS = 1_800;

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set.`);
  return value;
}

const access = { gateway: required('MAINLOOP_GATEWAY'), token: required('MAINLOOP_TASK_TOKEN') };
redactor.know([access.token]);
const root = path.resolve(process.env.MAINLOOP_WORKSPACE ?? '/workspace');
process.env.CLAUDE_CONFIG_DIR ??= path.join(root, '.claude');

// A jail has no network: its door is a socket, which everything in it finds as its proxy.
const { MAINLOOP_DOOR: door, MAINLOOP_PROXY: proxy, MAINLOOP_NAMES: names } = process.env;
if (door && proxy) await openRelay(Number(new URL(proxy).port), door);
// Nothing but the page's list depends on it.
if (names === '1' && proxy) await refuseNames(proxy).catch(complain);

const abort = new AbortController();
const gateway = createGateway(access.gateway, access.token);

function end(error: unknown): void {
  abort.abort();
  if (error instanceof DismissedError) {
    console.log(`Dismissed: ${error.message}`);
    process.exit(EXIT_DISMISSED);
  }
  complain(error);
  process.exit(1);
}

const leaving = new Leaving((code) => {
  abort.abort();
  process.exit(code);
});
const onLeash = process.env.MAINLOOP_LEASH === '1';
const leave = () => leaving.leave(onLeash ? KEEP_ON_LEASH_WITHIN_MS : KEEP_WITHIN_MS);
process.on('SIGTERM', leave);
// The local host holds the input open: when it closes it, or dies, this sandbox has to end.
if (onLeash) process.stdin.resume().once('end', leave);

const brief = await gateway.brief().catch(async (error: unknown) => {
  await leaving.unlessLeaving();
  end(error);
  throw error;
});
const reporter = new Reporter(gateway, redactor, brief.lastEvent, end);
const step = (text: string) => reporter.add({ type: 'step', text });

/** The whole of the work; nothing is returned once the sandbox has to go. */
async function work() {
  const prompts = new PromptQueue({
    acknowledge: (id) => reporter.acknowledge(id),
    onSteered: ({ text }) => reporter.add({ type: 'steered', text }),
  });
  void readMailbox(gateway, abort.signal, (item) => prompts.take(item)).catch((error: unknown) => {
    if (!abort.signal.aborted) end(error);
  });

  step(`Cloning ${brief.repository}`);
  const sessionId = brief.checkpoint?.sessionId ?? null;
  const setup = new SandboxSetup({ brief, access, gateway, reporter, redactor, prompts });
  const equipment = new RepositoryEquipment({ brief, reporter, root });
  const [workspace, kept] = await Promise.all([
    openWorkspace(root, brief, gateway, access, async (git, directory) => {
      const tip = await git.run(['rev-parse', 'HEAD']);
      await setup.run(git, directory);
      await equipment.open(git, directory, tip, setup.variables);
    }),
    sessionId === null ? null : gateway.fetchPart('transcript'),
  ]);
  if (workspace.restored) step('Restored the work of the last checkpoint');
  const resume = kept === null ? null : sessionId;
  if ((await setup.wordAfterStop()) === 'park') return { is: 'parked' as const };

  const transcript = new TranscriptMirror(gateway, kept);
  const checkpoints = new Checkpoints(workspace, gateway, step);
  const changes = new ChangesReport(workspace, brief.baseBranch, gateway);
  leaving.keep = () =>
    Promise.allSettled([checkpoints.take(), transcript.flush(), reporter.flush()]);

  const { variables, isSetUp, note: setupNote } = setup;
  const parts = { brief, access, gateway, workspace, transcript, variables, isSetUp, setupNote };
  const session = new Session(
    { ...parts, equipment, checkpoints, changes, reporter, prompts, abort },
    resume,
  );
  const delivery = new Delivery(workspace, brief, step, (shown) => gateway.showPush(shown));
  let handover: Handover | null = null;
  for (let prompt: string | null = null; ;) {
    await checkpoints.start();
    const ended = await session.run(prompt);
    await leaving.unlessLeaving();
    // From here on the files change under a delivery's hand, not the worker's.
    checkpoints.stop();
    await Promise.all([checkpoints.take(true), changes.now()]);
    if (ended.is === 'parked') return ended;
    if (ended.is === 'failed') {
      return { ...ended, reason: failureSentence(ended.detail) };
    }
    // A further turn may end with a few words only: then the handover of the one before stands.
    const said = redactor.text(ended.text);
    handover = handoverIn(said) ?? handover ?? handoverFrom(said, brief.title);
    let next = await delivery.next(handover);
    while (next.is === 'held') {
      // What a person takes days over must outlive this sandbox.
      await Promise.all([checkpoints.take(true), transcript.flush()]);
      if ((await prompts.waiting()) === 'park') return { is: 'parked' as const };
      next = await delivery.next(handover);
      // Where the worker has a turn it is told in that; otherwise there is nothing for it to do.
      const word = next.is === 'turn' ? null : prompts.next();
      if (word !== null) reporter.acknowledge(word.id);
    }
    if (next.is === 'result') {
      if (next.result.is === 'failed') await checkpoints.take(true);
      // The delivery may have brought in what somebody else pushed.
      await changes.now();
      return next.result;
    }
    ({ prompt } = next);
  }
}

/** What threw, in a plain sentence for the person and in full for the log. */
function failureOf(error: unknown) {
  const text = error instanceof Error ? error.message : String(error);
  // What is too long is cut once its secrets are out.
  const detail = redactor.text(text).slice(0, 10_000);
  const { repository, baseBranch, branch } = brief;
  const word = gatewaysWord(detail);
  const reason = detail.startsWith('git clone')
    ? `${repository} could not be cloned. ${word ?? `Check that the git host is up and that the branch ${baseBranch} exists, then retry.`}`
    : /^git (?:push|fetch|ls-remote)/.test(detail)
      ? `The work could not be pushed to ${branch}${word === null ? ': the git host refuses it or is away.' : `. ${word}`} Retry goes on from the last checkpoint.`
      : 'The sandbox stopped with an error. Retry goes on from the last checkpoint.';
  return { is: 'failed' as const, reason, detail };
}

const result = await work().catch((error: unknown) => {
  complain(error);
  if (error instanceof DismissedError) end(error);
  return failureOf(error);
});
if (result.is === 'failed') await leaving.afterFailure();
reporter.add({ type: 'result', result });
await reporter.flush().catch(end);
abort.abort();
reporter.stop();
process.exit(0);
