import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type Engine, startEngine } from '../../dev/containers/engine.ts';
import { prepareContainers } from '../../dev/containers/prepare.ts';
import type { TaskSummary } from '../../protocol/task.ts';
import { type Client, connect } from '../harness/client.ts';
import { type TestStack, startTestStack } from '../harness/stack.ts';
import { tasksOf, untilTasks } from '../harness/task-watch.ts';

const ENDS_WITHIN_MS = 30_000;
const FULL = 'There is no Container instance that can be provided to this Durable Object';
const WORK = 'Add a --json flag to the list command';

let engine: Engine;
let stack: TestStack;
let client: Client;

beforeAll(async () => {
  prepareContainers((text) => console.log(text));
  engine = await startEngine(`/tmp/mainloop-engine-${process.pid}`, () => {});
  stack = await startTestStack({ containers: engine.variables });
  client = await connect(stack.url);
});
afterAll(async () => {
  client?.close();
  await stack?.stop();
  await engine?.stop();
});
afterEach(async () => {
  // Whatever happened to it: nothing of it takes up room afterwards.
  await expect.poll(() => engine.sandboxes(), { timeout: 60_000 }).toEqual([]);
});

/** Asks for a task; resolves with its id when the conversation shows it. */
async function ask(): Promise<string> {
  const known = new Set(tasksOf(client).map(({ id }) => id));
  client.send({ type: 'send', text: WORK });
  const fresh = () => tasksOf(client).find(({ id }) => !known.has(id));
  await client.when(() => fresh() !== undefined, 30_000);
  return fresh()?.id ?? '';
}

async function until(id: string, wanted: (task: TaskSummary) => boolean, withinMs: number) {
  const found = (tasks: TaskSummary[]) => tasks.find((task) => task.id === id && wanted(task));
  return found(await untilTasks(client, (tasks) => found(tasks) !== undefined, withinMs));
}

/** The container of a task whose worker edits now. */
async function atWork(): Promise<{ id: string; container: string }> {
  const id = await ask();
  await client.until(
    (frame) => frame.type === 'progress' && frame.taskId === id && /Edit/.test(frame.note ?? ''),
    120_000,
  );
  const [container = ''] = await engine.sandboxes();
  return { id, container };
}

async function review(id: string, withinMs = ENDS_WITHIN_MS): Promise<void> {
  const ended = await until(id, ({ status }) => /review|merge|Failed/i.test(status), withinMs);
  expect(ended).toMatchObject({ status: expect.stringMatching(/In review|Ready to merge/) });
  const url = ended?.pullRequest?.url ?? '';
  expect(await (await fetch(url)).text()).toContain('--json');
}

it('a task goes from the message to its pull request', async () => {
  const { id, container } = await atWork();
  const user = await engine.podman('exec', container, 'ps', '-eo', 'user=');
  expect(new Set(user.split('\n').map((line) => line.trim()))).toEqual(new Set(['worker']));
  await review(id);
});

it('a runner that is killed is replaced, and its work goes on', async () => {
  const { id, container } = await atWork();
  await engine.podman('exec', container, 'pkill', '-9', '-f', 'sandbox/runner.ts');
  await review(id);
});

it('a container that is killed is replaced, and its work goes on', async () => {
  const { id, container } = await atWork();
  await engine.podman('kill', '--signal', 'KILL', container);
  await review(id);
});

it('a container that is told to stop keeps its work first, and is no failure', async () => {
  const { id, container } = await atWork();
  await engine.podman('stop', '--time', '10', container);
  await review(id);
});

it('a task waits for a sandbox while none is to be had, and says so', async () => {
  engine.refuse(FULL);
  const id = await ask();
  const waits = await until(id, ({ note }) => note === 'Waiting for a sandbox', ENDS_WITHIN_MS);
  expect(waits).toMatchObject({ status: 'Starting' });
  engine.refuse(null);
  await review(id, 60_000);
});

it('a task that is cancelled leaves no container', async () => {
  const { id } = await atWork();
  client.ask(id, { do: 'cancel', close: false });
  await until(id, ({ status }) => status === 'Cancelled', 10_000);
  await expect.poll(() => engine.sandboxes(), { timeout: 15_000 }).toEqual([]);
});
