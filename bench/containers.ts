import { tmpdir } from 'node:os';
import path from 'node:path';
import { startEngine } from '../dev/containers/engine.ts';
import { containersHere, prepareContainers } from '../dev/containers/prepare.ts';
import { cloudflarePlace } from '../e2e/containers/cloudflare-place.ts';
import { connect } from '../e2e/harness/client.ts';
import { startObedientModel } from '../e2e/harness/obedient-model.ts';
import { startTestStack } from '../e2e/harness/stack.ts';

const ROUNDS = 5;
const BYTES = 95_000_000;
const WISH = 'Wait for me.';
const START = { repository: 'acme/todo', title: 'Wait', prompt: 'Wait.', mode: 'direct' };

/** What a sandbox in a real container takes to be up, and how fast it and the gateway talk; or why that is not told. */
type ContainerTimes =
  | { is: 'measured'; startMs: number[]; sentPerSecond: number; fetchedPerSecond: number }
  | { is: 'not_here'; why: string };

export async function containerTimes(): Promise<ContainerTimes> {
  const here = containersHere();
  if (here.is === 'missing') return { is: 'not_here', why: here.why };
  prepareContainers((text) => console.log(text));
  const startMs = await startTimes();
  return { is: 'measured', startMs, ...(await throughput()) };
}

/** From asking for a sandbox to the moment when a command runs in it. */
async function startTimes(): Promise<number[]> {
  const place = await cloudflarePlace();
  const times: number[] = [];
  try {
    for (let generation = 0; generation <= ROUNDS; generation++) {
      const run = { taskId: '01JZZZZZZZZZZZZZZZZZZZ0951', generation: generation + 1 };
      const begun = performance.now();
      await place.ensure(run);
      // The first one also builds and compiles.
      if (generation > 0) times.push(performance.now() - begun);
      await place.port.stop(run);
    }
  } finally {
    await place.close();
  }
  return times;
}

/** Bytes a second of a large checkpoint, sent from a container and fetched by it, R2 included. */
async function throughput(): Promise<{ sentPerSecond: number; fetchedPerSecond: number }> {
  const engine = await startEngine(path.join(tmpdir(), `mainloop-bench-${process.pid}`), () => {});
  const model = await startObedientModel(
    () => ({ name: 'Bash', input: { command: 'sleep 100', description: 'Wait' } }),
    { [WISH]: { name: 'start_task', input: START } },
  );
  const stack = await startTestStack({
    containers: engine.variables,
    settings: { ANTHROPIC_BASE_URL: model.url, ANTHROPIC_API_KEY: 'bench' },
  });
  try {
    const client = await connect(stack.url);
    client.send({ type: 'send', text: WISH });
    const isAtWork = () => client.frames.some((frame) => frame.type === 'progress');
    await client.when(isAtWork, 120_000);
    client.close();
    const [container = ''] = await engine.sandboxes();
    const shell = (command: string) => engine.podman('exec', container, 'sh', '-c', command);
    const curl = `curl -sSf -o /dev/null -w '%{time_total}' -H "authorization: Bearer $MAINLOOP_TASK_TOKEN"`;
    const at = '$MAINLOOP_GATEWAY/checkpoints/bundle';
    await shell(`head -c ${BYTES} /dev/urandom > /tmp/bytes`);
    const send = `${curl} -H 'x-mainloop-commit: ${'b'.repeat(40)}' -T /tmp/bytes ${at}`;
    const sent = Number(await shell(send));
    const fetched = Number(await shell(`${curl} ${at}`));
    return { sentPerSecond: BYTES / sent, fetchedPerSecond: BYTES / fetched };
  } finally {
    await stack.stop();
    await model.stop();
    await engine.stop();
  }
}
