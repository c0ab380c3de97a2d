import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, connect, replyTo } from './harness/client.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';
import { untilTasks } from './harness/task-watch.ts';

const run = promisify(execFile);
const DONE_MS = 120_000;

describe('a person who pushes to the task’s branch', () => {
  let stack: TestStack;
  let client: Client;
  let folder: string;
  let branch = '';

  beforeAll(async () => {
    stack = await startTestStack();
    client = await connect(stack.url);
    folder = mkdtempSync(path.join(tmpdir(), 'mainloop-person-'));
  }, 180_000);
  afterAll(async () => {
    client.close();
    await stack.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** git in the person's clone, over the host's real transport. The host lives in this very process: it must not be blocked. */
  async function git(...args: string[]): Promise<string> {
    const header = `http.extraHeader=Authorization: Bearer ${stack.gitHost?.token}`;
    const who = ['-c', 'user.name=Ana', '-c', 'user.email=ana@example.com', '-c', header];
    const env = { PATH: process.env.PATH, HOME: folder, TZ: 'UTC', GIT_TERMINAL_PROMPT: '0' };
    const { stdout } = await run('git', [...who, ...args], { cwd: folder, env });
    return stdout.trim();
  }

  async function push(file: string, subject: string): Promise<void> {
    writeFileSync(path.join(folder, file), 'p\n');
    await git('add', '--all');
    await git('commit', '--quiet', '-m', subject);
    await git('push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`);
  }

  /** Subjects of the commits at the host, the newest first. */
  async function subjects(): Promise<string[]> {
    await git('fetch', '--quiet', 'origin', branch);
    return (await git('log', '--format=%s', 'FETCH_HEAD')).split('\n');
  }

  it(
    'while it works finds their commits there, and the task’s on top of them',
    async () => {
      await git('clone', '--quiet', `${stack.gitHost?.url}/acme/todo.git`, '.');
      await replyTo(
        client,
        client.send({ type: 'send', text: 'Add a --json flag to the list command' }),
      );
      await client.until(
        (frame) => frame.type === 'progress' && /Edit/.test(frame.note ?? ''),
        DONE_MS,
      );
      const [task] = await untilTasks(client, (tasks) => tasks.length > 0, DONE_MS);
      branch = task?.branch ?? '';
      await push('first.txt', 'Ana, while it works');
      await untilTasks(client, ([one]) => one?.status === 'In review', DONE_MS);
      const [newest, ...older] = await subjects();
      expect(newest).toMatch(/json/i);
      expect(older).toContain('Ana, while it works');
    },
    DONE_MS * 2,
  );

  it(
    'while it waits for review has their commit checked, and merges that',
    async () => {
      const { length } = client.entries();
      await git('reset', '--quiet', '--hard', 'FETCH_HEAD');
      await push('second.txt', 'Ana, in review');
      const again = () =>
        client
          .entries()
          .slice(length)
          .flatMap(({ change }) => (change.type === 'task' ? change.task.status : []));
      await client.when(() => again().includes('Checking'), DONE_MS);
      const [task] = await untilTasks(client, () => again().at(-1) === 'In review', DONE_MS);
      client.send({ type: 'task', taskId: task?.id ?? '', command: { do: 'merge' } });
      await untilTasks(client, ([one]) => one?.status === 'Done', DONE_MS);
      await git('fetch', '--quiet', 'origin', 'main');
      const files = (await git('ls-tree', '--name-only', 'FETCH_HEAD')).split('\n');
      expect(files).toEqual(expect.arrayContaining(['first.txt', 'second.txt']));
    },
    DONE_MS * 2,
  );
});
