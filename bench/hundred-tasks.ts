import { connect } from '../e2e/harness/client.ts';
import { startScriptedModel } from '../e2e/harness/scripted-model.ts';
import { startTestStack } from '../e2e/harness/stack.ts';
import { startStandInSandboxes } from '../e2e/harness/stand-in-sandboxes.ts';
import { tasksOf } from '../e2e/harness/task-watch.ts';

const TASKS = 100;
const PATIENCE_MS = 300_000;
const WORD = 'A hundred things, please';

export type HundredTasks = {
  /** From sending the message to the hundredth task in the client's log. */
  shownMs: number;
  /** The same until the reply that started them has ended. */
  answeredMs: number;
  /** The same until each of them has ended and said so. */
  endedMs: number;
};

/**
 * A hundred tasks asked for in one message of a new conversation. Model and workers are stand-ins
 * that take no time of their own; all else is the stack's.
 */
export async function hundredTasks(): Promise<HundredTasks> {
  const model = await startScriptedModel((body) => {
    const last = body.slice(body.lastIndexOf('"role":"user"'));
    if (last.includes('tool_result') || !last.includes(WORD)) return 'All right.';
    const calls = Array.from({ length: TASKS }, (_, at) => ({
      id: `toolu_${at}`,
      name: 'start_task',
      input: { repository: 'acme/todo', title: `Thing ${at}`, prompt: `Do thing ${at}.` },
    }));
    return { text: 'On it.', calls };
  });
  const sandboxes = await startStandInSandboxes();
  const stack = await startTestStack({
    settings: {
      ANTHROPIC_BASE_URL: model.url,
      ANTHROPIC_API_KEY: 'bench',
      LOCAL_SANDBOX_URL: sandboxes.url,
      LOCAL_SANDBOX_KEY: sandboxes.key,
    },
  });
  try {
    const client = await connect(stack.url);
    await client.snapshot();
    const begun = performance.now();
    const since = async (holds: () => boolean) => {
      await client.when(holds, PATIENCE_MS);
      return performance.now() - begun;
    };
    client.send({ type: 'send', text: WORD });
    const shownMs = await since(() => tasksOf(client).length >= TASKS);
    const answeredMs = await since(() =>
      client
        .entries()
        .some(
          ({ change }) =>
            change.type === 'message' &&
            change.message.from === 'mainloop' &&
            change.message.taskIds.length === TASKS &&
            change.message.state.is === 'done',
        ),
    );
    const endedMs = await since(() => tasksOf(client).every(({ status }) => status === 'Done'));
    client.close();
    return { shownMs, answeredMs, endedMs };
  } finally {
    await stack.stop();
    await Promise.all([model.stop(), sandboxes.stop()]);
  }
}
