import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrateDatabase } from '../dev/postgres/migrate.ts';
import { SearchAnswer } from '../protocol/search.ts';
import { readManifest } from './fixtures/manifest.ts';
import { connect, replyTo } from './harness/client.ts';
import { run } from './harness/command.ts';
import { loseObjects } from './harness/lost-objects.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';
import { untilTasks } from './harness/task-watch.ts';

const DONE_MS = 180_000;

type Found = Awaited<ReturnType<typeof readManifest>>;

/** All but when something was said again, and what is counted anew. */
const steady = ({ logHead: _head, history: _rows, ...found }: Found) => ({
  ...found,
  tasks: found.tasks.map((one) => ({ ...one, task: { ...one.task, updatedAt: 0 } })),
});

describe('what lost everything', () => {
  let stack: TestStack;
  let sql: postgres.Sql;
  let taskId = '';
  let before: Found;

  const command = (...given: string[]) => run('dev/history.ts', given, { MAINLOOP_URL: stack.url });

  /** How the task stands in each of the tables that a rebuild begins from. */
  const inPostgres = async () => {
    const [row] = await sql`select
      (select body #>> '{values,record,state,is}' from task_states where task_id = ${taskId}) as state,
      (select body #>> '{task,status}' from thread_tasks where id = ${taskId}) as told,
      (select count(*)::int from messages) as messages,
      (select count(*)::int from inbox_items where open) as inbox`;
    return row;
  };

  beforeAll(async () => {
    stack = await startTestStack();
    sql = postgres(stack.databaseUrl, { max: 1, onnotice: () => {} });
    const client = await connect(stack.url);
    client.send({
      type: 'change_settings',
      change: {
        is: 'remember',
        note: { id: '01JZZZZZZZZZZZZZZZZZZZ0001', text: 'Tabs', repository: null },
      },
    });
    await replyTo(
      client,
      client.send({ type: 'send', text: 'Add a --json flag to the list command' }),
    );
    const [task] = await untilTasks(client, (lines) => lines[0]?.status === 'In review', DONE_MS);
    taskId = task?.id ?? '';
    await client.until(
      (frame) =>
        frame.type === 'entries' &&
        frame.entries.some(
          ({ change }) =>
            change.type === 'message' &&
            change.message.from === 'mainloop' &&
            change.message.state.is === 'done' &&
            change.message.text.startsWith('Done: a draft pull request is ready'),
        ),
      DONE_MS,
    );
    client.close();
    before = await readManifest(stack);
  }, 2 * DONE_MS);

  afterAll(async () => {
    await sql?.end();
    await stack?.stop();
  });

  it('was in Postgres by then', async () => {
    await expect.poll(inPostgres).toMatchObject({
      state: 'in_review',
      told: 'In review',
      messages: before.messages.length,
      inbox: 1,
    });
  });

  it('is searched in Postgres: what was said, what a task was to do, what its worker did', async () => {
    const answer = await fetch(`${stack.url}/api/search?q=json`, {
      headers: { origin: stack.url },
    });
    const { over, hits } = SearchAnswer.parse(await answer.json());
    expect(over).toBe('history');
    expect(new Set(hits.map(({ kind }) => kind))).toContain('message');
    expect(hits.some((hit) => hit.kind !== 'message' && hit.taskId === taskId)).toBe(true);
  });

  it('a conversation is rebuilt by command, once', async () => {
    await stack.restartWorker(() => loseObjects(stack.dataDir, 'MainThread'));
    const rebuilt = await command('rebuild', 'conversation');
    expect(rebuilt).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^Rebuilt.*is missing/),
    });
    expect(steady(await readManifest(stack))).toEqual(steady(before));
    const again = await command('rebuild', 'conversation');
    expect(again).toMatchObject({
      code: 1,
      output: expect.stringMatching(/not empty.*nothing was changed/),
    });
  });

  it('a task is rebuilt by its conversation, which finds it lost', async () => {
    await stack.restartWorker(() => loseObjects(stack.dataDir, 'Task'));
    const client = await connect(stack.url);
    await expect
      .poll(async () => (await fetch(`${stack.url}/api/tasks/${taskId}`)).status)
      .toBe(200);
    client.close();
    expect(steady(await readManifest(stack))).toEqual(steady(before));
  });

  it('both at once are rebuilt by command', async () => {
    await expect.poll(inPostgres).toMatchObject({ state: 'in_review', told: 'In review' });
    await stack.restartWorker(() => loseObjects(stack.dataDir, 'MainThread', 'Task'));
    expect(await command('rebuild', 'task', taskId)).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^Rebuilt/),
    });
    expect(await command('rebuild', 'conversation')).toMatchObject({ code: 0 });
    expect(steady(await readManifest(stack))).toEqual(steady(before));
  });

  it('an empty Postgres is filled from them by command', async () => {
    const counted = before.history;
    await sql`drop schema public cascade`;
    await sql`drop schema drizzle cascade`;
    await sql`create schema public`;
    await migrateDatabase(stack.databaseUrl);
    const refilled = await command('refill');
    expect(refilled).toMatchObject({
      code: 0,
      output: expect.stringMatching(/rows are on their way/),
    });
    await expect
      .poll(async () => (await readManifest(stack)).history)
      .toMatchObject({
        messages: counted['messages'],
        tasks: counted['tasks'],
        inbox_items: counted['inbox_items'],
        settings: 1,
      });
    await expect.poll(inPostgres).toMatchObject({ state: 'in_review', told: 'In review' });
  });

  it('goes on afterwards: what waited for review is merged', async () => {
    const client = await connect(stack.url);
    client.ask(taskId, { do: 'merge' });
    await untilTasks(client, (lines) => lines[0]?.status === 'Done', DONE_MS);
    client.close();
  });

  it('says in words what a command needs', async () => {
    expect(await command('rebuild', 'everything')).toMatchObject({
      code: 1,
      output: expect.stringMatching(/npm run rebuild -- conversation/),
    });
    expect(await command('rebuild', 'task', 'none')).toMatchObject({ code: 1 });
  });
});
