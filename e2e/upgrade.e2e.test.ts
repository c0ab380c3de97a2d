import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { StorageHealth } from '../protocol/health.ts';
import { InboxItem, NOTHING_LEFT } from '../protocol/inbox.ts';
import { Message } from '../protocol/message.ts';
import { UsageByDay } from '../protocol/pages.ts';
import { DEFAULT_REPOSITORY_SETTINGS, DEFAULT_SETTINGS, Settings } from '../protocol/settings.ts';
import { TaskQueue, TaskSummary } from '../protocol/task.ts';
import { unpackData } from './fixtures/kept-data.ts';
import { readManifest } from './fixtures/manifest.ts';
import { DESK, conversation, go, launchBrowser, visit } from './harness/browser.ts';
import { type Client, connect } from './harness/client.ts';
import { untilAsked } from './harness/inbox.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';
import { tasksOf, untilTasks } from './harness/task-watch.ts';

const FIXTURES = path.join(path.dirname(fileURLToPath(import.meta.url)), 'fixtures');
const SOON_MS = 30_000;
const DONE_MS = 180_000;

const Manifest = z.object({
  logHead: z.int(),
  messages: z.array(Message),
  tasks: z.array(z.object({ task: TaskSummary, prompt: z.string(), usage: z.array(UsageByDay) })),
  inbox: z.array(InboxItem),
  settings: Settings,
  queue: TaskQueue,
  history: z.record(z.string(), z.int()),
});
const Written = z.looseObject({
  tasks: z.array(z.looseObject({ task: z.looseObject({}), usage: z.array(z.looseObject({})) })),
  inbox: z.array(z.looseObject({ checks: z.optional(z.looseObject({ is: z.string() })) })),
  settings: z.looseObject({ repositories: z.record(z.string(), z.looseObject({})) }),
});

/** What the version before had not got yet has its default. */
function ofToday(json: string): z.infer<typeof Manifest> {
  const { settings, tasks, inbox, ...written } = Written.parse(JSON.parse(json));
  const repositories = Object.entries(settings.repositories).map(([name, one]) => [
    name,
    { ...DEFAULT_REPOSITORY_SETTINGS, ...one },
  ]);
  return Manifest.parse({
    ...written,
    tasks: tasks.map((one) => ({
      ...one,
      task: { changes: null, ...one.task },
      usage: one.usage.map((row) => ({ isEstimated: false, ...row })),
    })),
    inbox: inbox.map((one) => ({
      tested: null,
      leftOpen: NOTHING_LEFT,
      ...one,
      ...(one.checks?.is === 'passed' && { checks: { names: [], ...one.checks } }),
    })),
    settings: {
      ...DEFAULT_SETTINGS,
      ...settings,
      repositories: Object.fromEntries(repositories),
    },
  });
}
const kept = ofToday(readFileSync(path.join(FIXTURES, 'v1.json'), 'utf8'));

/** When a task last said the same again, and how often, is no part of what is kept. */
const steady = (found: z.infer<typeof Manifest>) => ({
  ...found,
  logHead: 0,
  tasks: found.tasks
    .map((one) => ({ ...one, task: { ...one.task, updatedAt: 0 } }))
    .toSorted((one, other) => one.task.createdAt - other.task.createdAt),
});

describe('a data folder that the version before numbered migrations left', () => {
  let stack: TestStack;
  let client: Client;
  let browser: Browser;

  beforeAll(async () => {
    stack = await startTestStack({
      before: (dataDir) => unpackData(path.join(FIXTURES, 'v1.tar.br'), dataDir),
    });
    client = await connect(stack.url);
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    client?.close();
    await stack?.stop();
  });

  it('opens whole: all that was there, and nothing set aside', async () => {
    const found = await readManifest(stack);
    expect(steady(found)).toEqual(steady(kept));
    expect(found.logHead).toBeGreaterThanOrEqual(kept.logHead);
    const health = await fetch(`${stack.url}/api/health/storage`, {
      headers: { origin: stack.url },
    });
    expect(StorageHealth.parse(await health.json())).toMatchObject({
      thread: { closed: null, setAside: { count: 0 } },
      tasks: [],
    });
  });

  it('is all there in a browser: the conversation, what waits, the queue, the settings', async () => {
    const { page, complaints } = await visit(browser, stack.url, DESK);
    await conversation(page).getByText('remark 87').waitFor();
    await go(page, 'Inbox');
    const main = page.getByRole('main');
    for (const { title } of kept.inbox.filter(({ outcome }) => outcome === null)) {
      await main.getByText(title).first().waitFor();
    }
    const asked = kept.inbox.find(({ kind, outcome }) => kind === 'question' && outcome === null);
    const question = main.getByText('Which format should the export have?').first();
    await page
      .getByRole('list', { name: 'Needs you' })
      .getByRole('link', { name: asked?.title ?? '' })
      .first()
      .click();
    await question.waitFor();
    await go(page, 'Tasks');
    for (const { task } of kept.tasks) await main.getByText(task.title).first().waitFor();
    await go(page, 'Settings');
    await page.getByRole('link', { name: /^Memory/ }).click();
    for (const { text } of kept.settings.memory) {
      await main.getByRole('button', { name: `Forget: ${text}` }).waitFor();
    }
    expect(complaints).toEqual([]);
  });

  it(
    'goes on: the open question is answered, its task delivers, and the queue moves',
    async () => {
      const { taskId, questionId, questions } = await untilAsked(client, 'question', SOON_MS);
      const answers = questions.map(({ options }) => ({
        chosen: [options[0]?.label ?? ''],
        other: '',
      }));
      const id = client.send({
        type: 'task',
        taskId,
        command: { do: 'answer', questionId, answers },
      });
      const answered = await client.until(
        (frame) => (frame.type === 'ack' || frame.type === 'refused') && frame.id === id,
      );
      expect(answered).toMatchObject({ type: 'ack' });
      const plan = await untilAsked(client, 'plan', DONE_MS, (item) => item.taskId === taskId);
      const { id: planId, hash } = plan.plan;
      client.send({
        type: 'task',
        taskId,
        command: { do: 'decide', planId, hash, verdict: { is: 'approve', alternative: null } },
      });
      // Its pull request is there. What its checks make of it is the stand-in's to mend, and that one
      // does not remember what an older one has done.
      const ofTask = (tasks: ReturnType<typeof tasksOf>) =>
        tasks.find((task) => task.id === taskId);
      await untilTasks(client, (tasks) => (ofTask(tasks)?.pullRequest ?? null) !== null, DONE_MS);
      client.send({ type: 'task', taskId, command: { do: 'cancel', close: false } });
      const next = kept.queue[0]?.taskId;
      await untilTasks(
        client,
        (tasks) => tasks.some((task) => task.id === next && task.status !== 'Queued'),
        DONE_MS,
      );
      expect(ofTask(tasksOf(client))).toMatchObject({
        status: 'Cancelled',
        pullRequest: { number: expect.any(Number) },
      });
    },
    2 * DONE_MS,
  );
});
