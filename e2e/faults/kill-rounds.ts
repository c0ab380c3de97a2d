import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import * as z from 'zod/mini';
import { freePort } from '../../dev/ports.ts';
import type { Settings } from '../../dev/settings.ts';
import type { TaskSummary } from '../../protocol/task.ts';
import { type Client, connect } from '../harness/client.ts';
import { type Program, killWhole, startProgram } from '../harness/program.ts';
import { type ScriptedReply, startScriptedModel } from '../harness/scripted-model.ts';
import { startStandInSandboxes } from '../harness/stand-in-sandboxes.ts';

/** How long after a message's acknowledgement the whole stack is killed, in ms. */
export const KILLED_AFTER_MS = [0, 20, 60, 120, 200, 350, 500, 800, 1_200, 2_000];
const ENDED_WITHIN_MS = 180_000;
const LOOK_EVERY_MS = 500;
const FINAL = ['Done', 'Failed', 'Cancelled', 'In review'];
const REAL_TASK = 'Add a --json flag to the list command';

export type KillRound = {
  round: number;
  kills: number;
  /** From the last restart until the last of the round's tasks had ended. */
  endedAfterMs: number;
  /** What did not hold, in words. */
  wrong: string[];
};

const Asked = z.object({
  messages: z.array(z.object({ role: z.string(), content: z.unknown() })),
});

/** What Mainloop quotes beside the person's words: it names tasks, too, and asks for none. */
const QUOTED = /<(known|earlier|told)>.*?<\/\1>/g;

/** A model that starts one task for each message that names one, and says a word to all else. */
function answerTo(body: string): ScriptedReply {
  const { messages } = Asked.parse(JSON.parse(body));
  const last = JSON.stringify(messages.at(-1)?.content ?? '');
  // All jobs that are named in what is answered now: a reply may answer several messages.
  const names = [...new Set(last.replaceAll(QUOTED, '').match(/job-[a-z0-9]+/g))];
  if (last.includes('tool_result') || last.includes('<task_update>') || names.length === 0) {
    return 'All right.';
  }
  return {
    text: 'On it.',
    calls: names.map((title) => ({
      // Another call each time that it is asked, as a real model's.
      id: `toolu_${title}_${Math.random().toString(36).slice(2)}`,
      name: 'start_task',
      input: { repository: 'acme/todo', title, prompt: `Do ${title}.` },
    })),
  };
}

/** Where the work is done: by stand-ins for model and workers, or by the stack's own. */
async function surroundings(real: boolean) {
  if (real) return { settings: {} satisfies Settings, killed: () => {}, stop: async () => {} };
  const model = await startScriptedModel(answerTo);
  const sandboxes = await startStandInSandboxes();
  const settings: Settings = {
    ANTHROPIC_BASE_URL: model.url,
    ANTHROPIC_API_KEY: 'the-key-of-a-scripted-model',
    LOCAL_SANDBOX_URL: sandboxes.url,
    LOCAL_SANDBOX_KEY: sandboxes.key,
  };
  return {
    settings,
    killed: () => sandboxes.killAll(),
    stop: async () => {
      await Promise.all([model.stop(), sandboxes.stop()]);
    },
  };
}

type Sent = { id: string; title: string };

async function freshSnapshot(url: string) {
  const client = await connect(url);
  try {
    return await client.snapshot();
  } finally {
    client.close();
  }
}

/** What is not as it should be for these messages; empty when all holds. */
function wrongIn(
  sent: readonly Sent[],
  { messages, tasks, queue }: Awaited<ReturnType<Client['snapshot']>>,
  real: boolean,
): string[] {
  const wrong: string[] = [];
  for (const { id, title } of sent) {
    const message = messages.find((one) => one.id === id);
    if (message === undefined) wrong.push(`${title}: the message is gone`);
    const answered = messages.some(
      (one) =>
        one.from === 'mainloop' && one.seq > (message?.seq ?? 0) && one.state.is !== 'streaming',
    );
    if (!answered) wrong.push(`${title}: not answered`);
    const mine = tasks.filter((task) => task.title === title);
    if (!real && mine.length !== 1) wrong.push(`${title}: ${mine.length} tasks`);
  }
  const isMine = (task: TaskSummary) => real || sent.some(({ title }) => title === task.title);
  for (const task of tasks.filter(isMine)) {
    if (!FINAL.includes(task.status)) wrong.push(`${task.title}: ${task.status} at the end`);
    if (task.status === 'Failed') wrong.push(`${task.title}: failed: ${task.note}`);
    if (task.status === 'Queued' && !queue.some(({ taskId }) => taskId === task.id)) {
      wrong.push(`${task.title}: Queued and in no queue`);
    }
  }
  if (real) {
    // The offline model gives all of them the same title: as many as messages that ask for one.
    if (tasks.length !== sent.length)
      wrong.push(`${tasks.length} tasks for ${sent.length} messages`);
  }
  return wrong;
}

/**
 * Asks for tasks and kills the whole stack after each acknowledgement; then waits until it has put
 * itself right. All rounds use the same data.
 */
export async function killRounds(options: {
  rounds: number;
  killedAfterMs?: readonly number[];
  real?: boolean;
  onRound?: (round: KillRound) => void;
}): Promise<KillRound[]> {
  const { rounds, killedAfterMs = KILLED_AFTER_MS, real = false, onRound } = options;
  const dataDir = mkdtempSync(path.join(tmpdir(), 'mainloop-kills-'));
  const around = await surroundings(real);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const run = () => startProgram(dataDir, port, around.settings);
  const results: KillRound[] = [];
  const before: Sent[] = [];
  let program: Program = await run();
  try {
    for (let round = 1; round <= rounds; round++) {
      const sent: Sent[] = [];
      for (const [at, afterMs] of killedAfterMs.entries()) {
        const client = await connect(url);
        await client.snapshot();
        const title = `job-r${round}k${at}`;
        const text = real ? REAL_TASK : `Please do ${title}`;
        const id = client.send({ type: 'send', text });
        await client.until((frame) => frame.type === 'ack' && frame.id === id);
        await pause(afterMs);
        await killWhole(program);
        around.killed();
        sent.push({ id, title });
        program = await run();
      }
      const begun = Date.now();
      let wrong: string[] = [];
      do {
        await pause(LOOK_EVERY_MS);
        const asked = real ? [...before, ...sent] : sent;
        wrong = wrongIn(asked, await freshSnapshot(url), real);
      } while (wrong.length > 0 && Date.now() - begun < ENDED_WITHIN_MS);
      before.push(...sent);
      const endedAfterMs = Date.now() - begun;
      const result = { round, kills: killedAfterMs.length, endedAfterMs, wrong };
      results.push(result);
      onRound?.(result);
    }
  } finally {
    if (process.env.MAINLOOP_TEST_LOG) process.stderr.write(program.output());
    program.child.kill('SIGTERM');
    await program.ended;
    await around.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
  return results;
}
