import { readdirSync } from 'node:fs';
import path from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS, type Limits } from '../protocol/settings.ts';
import type { TaskStatus, TaskSummary } from '../protocol/task.ts';
import { type Client, connect, replyTo } from './harness/client.ts';
import { openItem, untilAsked } from './harness/inbox.ts';
import { processes } from './harness/processes.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';
import { untilTasks } from './harness/task-watch.ts';

const SOON_MS = 30_000;
const DONE_MS = 180_000;
/** On a machine that has others to do. */
const ALL_DONE_MS = 400_000;
const TASKS = 5;
const ENDED = ['In review', 'Done', 'Failed', 'Cancelled'];

async function setLimits(client: Client, limits: Partial<Limits>): Promise<void> {
  const id = client.send({
    type: 'change_settings',
    change: { is: 'limits', limits: { ...DEFAULT_SETTINGS.limits, ...limits } },
  });
  await client.until((frame) => frame.type === 'ack' && frame.id === id);
}

let stack: TestStack;
let client: Client;

beforeAll(async () => {
  stack = await startTestStack();
  client = await connect(stack.url);
  await client.snapshot();
}, 120_000);

afterAll(async () => {
  client.close();
  await stack.stop();
});

describe('five tasks with a limit of two', () => {
  let watching: ReturnType<typeof setInterval>;
  let most = 0;
  /** Tasks in the order in which their sandboxes came up. */
  const begun: string[] = [];

  beforeAll(() => {
    const runsNow = () => readdirSync(path.join(stack.dataDir, 'sandboxes/runs'));
    let looks = 0;
    watching = setInterval(() => {
      const runs = runsNow();
      for (const run of runs) if (!begun.includes(run)) begun.push(run);
      most = Math.max(most, runs.length);
      // Looking through all processes costs some ms of the machine that the tasks need.
      if (looks++ % 5 !== 0) return;
      const runners = processes().filter(
        ({ command }) =>
          /node \S*sandbox\/runner\.ts$/.test(command) && command.includes(stack.dataDir),
      );
      most = Math.max(most, runners.length);
    }, 20);
  });

  afterAll(() => clearInterval(watching));

  it(
    'are never more than two at once, begin in the order shown, and all end',
    async () => {
      expect(
        (
          await replyTo(
            client,
            client.send({ type: 'send', text: 'At most two tasks at once, please' }),
          )
        ).text,
      ).toContain('At most 2');
      for (let number = 1; number <= TASKS; number++) {
        const text =
          number % 2 === 0
            ? 'Add a --json flag to the list command in acme/todo'
            : 'Fix done when the number is out of range in acme/todo';
        await replyTo(client, client.send({ type: 'send', text }), DONE_MS);
      }
      const queued = client.entries().findLast(({ change }) => change.type === 'queue')?.change;
      const order = queued?.type === 'queue' ? queued.queue.map(({ taskId }) => taskId) : [];
      expect(order.length).toBeGreaterThan(2);
      const last = order.at(-1) ?? '';
      const id = client.send({ type: 'move_task', taskId: last, position: 1 });
      await client.until((frame) => frame.type === 'ack' && frame.id === id);
      const shown = [last, ...order.slice(0, -1)];

      const ended = await untilTasks(
        client,
        (lines) => lines.length === TASKS && lines.every(({ status }) => ENDED.includes(status)),
        ALL_DONE_MS,
      );
      expect(ended.map(({ status }) => status)).toEqual(Array(TASKS).fill('In review'));
      expect(most).toBe(2);
      // Those that waited when the last one was moved, in the order of the queue at that moment.
      expect(begun.filter((taskId) => shown.includes(taskId))).toEqual(shown);
    },
    ALL_DONE_MS * 2,
  );

  it('have used what the model endpoint counted, token for token', async () => {
    const sql = postgres(stack.databaseUrl, { max: 1, onnotice: () => {} });
    const counted = (stack.model?.requests() ?? []).reduce(
      (sum, { usage }) => ({
        input: sum.input + usage.inputTokens,
        output: sum.output + usage.outputTokens,
      }),
      { input: 0, output: 0 },
    );
    const metered = async () => {
      const [row] = await sql`select sum(input_tokens)::int as input,
        sum(output_tokens)::int as output from usage`;
      return { ...row };
    };
    await expect.poll(metered, { timeout: SOON_MS }).toEqual(counted);
    await sql.end();
  });
});

describe('a task over its budget', () => {
  let others = 0;

  const calls = () =>
    (stack.model?.requests() ?? []).filter(({ kind }) => kind === 'worker').length - others;
  const untilTask = async (status: TaskStatus, withinMs: number) => {
    const isIt = (one: TaskSummary) => one.title.includes('due dates') && one.status === status;
    return (await untilTasks(client, (lines) => lines.some(isIt), withinMs)).find(isIt);
  };

  beforeAll(async () => {
    others = calls();
    await setLimits(client, { taskBudget: 0.9 });
  });

  it(
    'stops within one model call, says so, and keeps its work',
    async () => {
      await replyTo(
        client,
        client.send({ type: 'send', text: 'Add due dates with tests and docs, just do it' }),
      );
      const item = await untilAsked(client, 'budget', DONE_MS);
      expect(item).toMatchObject({ scope: 'task', limit: 0.9 });
      const task = await untilTask('Needs approval', SOON_MS);
      expect(task?.usage.cost ?? 0).toBeGreaterThanOrEqual(0.9);
      const runs = () => readdirSync(path.join(stack.dataDir, 'sandboxes/runs'));
      await expect.poll(runs, { timeout: SOON_MS }).not.toContain(task?.id);
      const before = calls();
      const price = (task?.usage.cost ?? 0) / before;
      expect((task?.usage.cost ?? 0) - 0.9).toBeLessThan(price * 2);
      expect(stack.logged()).not.toMatch(/"status":"Failed"/);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      expect(calls()).toBe(before);
    },
    DONE_MS,
  );

  it(
    'goes on after its budget is raised, and ends with everything that it had done',
    async () => {
      const said = await replyTo(
        client,
        client.send({ type: 'send', text: 'Raise the budget of the due dates task to $20' }),
      );
      expect(said.text).toContain('$20');
      expect(openItem(client, 'budget')).toBeNull();
      const task = await untilTask('In review', DONE_MS);
      const diff = await (await fetch(task?.pullRequest?.url ?? '')).text();
      expect(diff).toContain('src/due.js');
      expect(task?.budget).toBe(20);
    },
    DONE_MS,
  );
});
