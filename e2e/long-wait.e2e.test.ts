import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TaskSummary } from '../protocol/task.ts';
import { freePort } from '../dev/ports.ts';
import { toolResults, watchActivity } from './harness/activity.ts';
import { type Client, connect, replyTo } from './harness/client.ts';
import { openItem, untilAsked } from './harness/inbox.ts';
import { ownRunners } from './harness/processes.ts';
import { killWhole, startProgram } from './harness/program.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';
import { tasksOf, untilTasks } from './harness/task-watch.ts';
import { pageOf } from './harness/git-host.ts';

const SOON_MS = 30_000;
const DONE_MS = 120_000;
const PACE = { OFFLINE_MODEL_STEP_MS: '60' };
const TASK = 'Add an export command';

describe('a task that waits for longer than the wait', () => {
  let stack: TestStack;
  let client: Client;

  beforeAll(async () => {
    stack = await startTestStack({ settings: { QUESTION_WAIT_SECONDS: '3' } });
    client = await connect(stack.url);
    await client.snapshot();
  }, 120_000);

  afterAll(async () => {
    client.close();
    await stack.stop();
  });

  it(
    'keeps no process, and the answer goes on from the same transcript',
    async () => {
      await replyTo(client, client.send({ type: 'send', text: TASK }));
      // The search finds what is there.
      await expect.poll(ownRunners, { timeout: SOON_MS }).not.toEqual([]);
      const { taskId, questionId } = await untilAsked(client, 'question', DONE_MS);
      await expect.poll(ownRunners, { timeout: SOON_MS }).toEqual([]);
      const answers = ['CSV', 'text'].map((label) => ({ chosen: [label], other: '' }));
      client.ask(taskId, { do: 'answer', questionId, answers });
      const { plan } = await untilAsked(client, 'plan', DONE_MS);
      expect(plan.text).toContain('as CSV with the fields text');
      const activity = watchActivity(stack.url, taskId);
      // It asked once: the second sandbox remembered that it had.
      await expect.poll(() => toolResults(activity.events, 'AskUserQuestion')).toHaveLength(1);
      activity.close();
    },
    DONE_MS * 2,
  );

  it(
    'asks also where no plan is wanted, and goes on with the answer',
    async () => {
      const text = 'Add an export command, just do it, but ask me about its format';
      client.send({ type: 'send', text });
      const fits = (item: { title: string }) => item.title.includes('ask me');
      const { taskId, questionId } = await untilAsked(client, 'question', DONE_MS, fits);
      const answers = ['JSON', 'text'].map((label) => ({ chosen: [label], other: '' }));
      client.ask(taskId, { do: 'answer', questionId, answers });
      const mine = (lines: TaskSummary[]) => lines.find(({ id }) => id === taskId);
      await untilTasks(client, (lines) => mine(lines)?.status === 'In review', DONE_MS);
      expect(await pageOf(mine(tasksOf(client)))).toContain('as JSON.');
      expect(stack.logged()).not.toContain('Warning:');
    },
    DONE_MS * 2,
  );

  it(
    'still has its uncommitted files when it goes on, after it was interrupted',
    async () => {
      client.send({ type: 'send', text: 'Add due dates with tests and docs, just do it' });
      const due = (lines: TaskSummary[]) => lines.find(({ title }) => /due/i.test(title));
      await untilTasks(client, (lines) => due(lines)?.status === 'Working', DONE_MS);
      const taskId = due(tasksOf(client))?.id ?? '';
      await client.until(
        (frame) =>
          frame.type === 'progress' && frame.taskId === taskId && /Edit/.test(frame.note ?? ''),
        DONE_MS,
      );
      client.ask(taskId, { do: 'interrupt' });
      await untilTasks(client, (lines) => due(lines)?.status === 'Needs answers', DONE_MS);
      await expect.poll(ownRunners, { timeout: SOON_MS }).toEqual([]);
      client.ask(taskId, { do: 'message', text: 'Go on, please', when: 'now' });
      await untilTasks(client, (lines) => due(lines)?.status === 'In review', DONE_MS);
      const activity = watchActivity(stack.url, taskId);
      const looks = () => toolResults(activity.events, 'Bash').filter((text) => /^## /m.test(text));
      await expect.poll(looks).toHaveLength(2);
      expect(looks()[0]).not.toContain('?? src/due.js');
      expect(looks()[1]).toContain('?? src/due.js');
      activity.close();
    },
    DONE_MS * 2,
  );
});

it(
  'an answer is given to the worker once, though everything is killed right after it',
  async () => {
    const dataDir = mkdtempSync(path.join(tmpdir(), 'mainloop-answer-'));
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    let program = await startProgram(dataDir, port, PACE);
    try {
      const before = await connect(url);
      before.send({ type: 'send', text: TASK });
      const { taskId, questionId } = await untilAsked(before, 'question', DONE_MS);
      const answers = ['JSON', 'text'].map((label) => ({ chosen: [label], other: '' }));
      const id = before.ask(taskId, { do: 'answer', questionId, answers });
      await before.until((frame) => frame.type === 'ack' && frame.id === id);
      await killWhole(program);

      program = await startProgram(dataDir, port, PACE);
      const after = await connect(url);
      const { plan } = await untilAsked(after, 'plan', DONE_MS);
      expect(plan.text).toContain('as JSON with the fields text');
      expect(openItem(after, 'question')).toBeNull();
      const activity = watchActivity(url, taskId);
      await expect.poll(() => toolResults(activity.events, 'AskUserQuestion')).toHaveLength(1);
      activity.close();
      after.close();
    } finally {
      program.child.kill('SIGTERM');
      await program.ended;
      rmSync(dataDir, { recursive: true, force: true });
    }
  },
  DONE_MS * 3,
);
