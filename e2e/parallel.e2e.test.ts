import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, connect, replyTo } from './harness/client.ts';
import { environmentOf, processes } from './harness/processes.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';
import { tasksOf, untilTasks } from './harness/task-watch.ts';

const DONE_MS = 90_000;
const CANCEL_WITHIN_MS = 5_000;

/** A folder's files and their text, as far as they can be read. */
function textsUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      try {
        return readFileSync(path.join(entry.parentPath, entry.name), 'utf8');
      } catch {
        return '';
      }
    });
}

describe('several tasks at once', () => {
  let stack: TestStack;
  let client: Client;

  beforeAll(async () => {
    stack = await startTestStack({
      pace: { tokensPerSecond: 600, timeToFirstTokenMs: 30, workerStepMs: 500 },
    });
    client = await connect(stack.url);
    for (const text of [
      'Add a --json flag to the list command in acme/todo',
      'Fix done when the number is out of range in acme/todo',
      'Add due dates in acme/todo',
      'Add dark mode in acme/site',
    ]) {
      await replyTo(client, client.send({ type: 'send', text }));
    }
  });

  afterAll(async () => {
    client.close();
    await stack.stop();
  });

  it('run side by side, each in a sandbox of its own, while the conversation goes on', async () => {
    const tasks = await untilTasks(
      client,
      (lines) => lines.length === 4 && lines.every((line) => line.status === 'Working'),
      DONE_MS,
    );
    const runners = processes().filter(({ command }) =>
      /node .*sandbox\/runner\.ts$/.test(command),
    );
    expect(new Set(runners.map(({ pid }) => pid)).size).toBeGreaterThanOrEqual(tasks.length);
    const reply = await replyTo(client, client.send({ type: 'send', text: 'How is it going?' }));
    expect(reply.state).toBe('done');
    expect(tasksOf(client).some((line) => line.status === 'Working')).toBe(true);
  });

  it('see a task token and no other credential, in environment, command line and files', () => {
    const secrets = [
      stack.gitHost?.token ?? '',
      'LOCAL_SANDBOX_KEY',
      'DATABASE_URL',
      stack.databaseUrl,
    ];
    const inside = processes().filter(
      ({ pid, command }) =>
        /sandbox\/runner\.ts|claude-agent-sdk/.test(command) &&
        environmentOf(pid).some((entry) => entry.startsWith('MAINLOOP_TASK_TOKEN=mlt.')),
    );
    expect(inside.length).toBeGreaterThan(0);
    const seen = [
      ...inside.flatMap(({ pid, command }) => [command, ...environmentOf(pid)]),
      ...textsUnder(path.join(stack.dataDir, 'sandboxes')),
    ];
    expect(seen.length).toBeGreaterThan(10);
    for (const secret of secrets) expect(seen.filter((text) => text.includes(secret))).toEqual([]);
    expect(inside.filter(({ command }) => command.includes('mlt.'))).toEqual([]);
  });

  it('end one by one: a cancelled task’s processes are gone within five seconds', async () => {
    const task = tasksOf(client).find((line) => /dark mode/i.test(line.title));
    if (task === undefined) throw new Error('There is no dark mode task.');
    const begun = Date.now();
    client.ask(task.id, { do: 'cancel', close: false });
    await expect
      .poll(() => readdirSync(path.join(stack.dataDir, 'sandboxes/runs')), {
        timeout: CANCEL_WITHIN_MS,
      })
      .not.toContain(task.id);
    expect(Date.now() - begun).toBeLessThan(CANCEL_WITHIN_MS);
    expect(stack.logged()).toContain(`${task.id.slice(-6)}#1 ended`);
  });

  it('leave the others alone: each ends with a pull request of its own', async () => {
    const ended = await untilTasks(
      client,
      (lines) => lines.every((line) => ['In review', 'Cancelled', 'Failed'].includes(line.status)),
      DONE_MS,
    );
    expect(ended.map((line) => line.status).toSorted()).toEqual([
      'Cancelled',
      'In review',
      'In review',
      'In review',
    ]);
    const urls = ended.flatMap((line) => (line.pullRequest === null ? [] : [line.pullRequest.url]));
    expect(new Set(urls).size).toBe(3);
  }, 150_000);

  it('have every durable row in Postgres, as many as the objects hold', async () => {
    const sql = postgres(stack.databaseUrl, { max: 1, onnotice: () => {} });
    const page = await connect(stack.url);
    const { messages, tasks, inbox } = await page.snapshot();
    const counts = async () => {
      const [row] = await sql`select
        (select count(*)::int from messages) as messages, (select count(*)::int from tasks) as tasks,
        (select count(*)::int from inbox_items) as inbox,
        (select count(*)::int from usage where task_id is not null) as usage`;
      return row;
    };
    const worked = stack.model?.requests().filter((one) => one.kind === 'worker').length ?? 0;
    await expect
      .poll(counts, { timeout: 30_000 })
      .toMatchObject({ messages: messages.length, tasks: tasks.length, inbox: inbox.length });
    expect((await counts())?.usage).toBeGreaterThanOrEqual(worked - 1);
    for (const task of tasks) {
      const [row] = await sql`select count(*)::int as events, max(number) as last
        from task_events where task_id = ${task.id}`;
      expect(row?.events).toBe(row?.last);
      expect(row?.events).toBeGreaterThan(2);
    }
    page.close();
    await sql.end();
  });
});
