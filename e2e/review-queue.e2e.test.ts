import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TaskSummary } from '../protocol/task.ts';
import { freePort } from '../dev/ports.ts';
import { toolResults, watchActivity } from './harness/activity.ts';
import {
  type Visitor,
  card,
  conversation,
  go,
  launchBrowser,
  say,
  visit,
} from './harness/browser.ts';
import { type Client, connect, replyTo } from './harness/client.ts';
import { openItem, untilAsked } from './harness/inbox.ts';
import { processes } from './harness/processes.ts';
import { killWhole, startProgram } from './harness/program.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';
import { tasksOf, untilTasks } from './harness/task-watch.ts';

const SOON_MS = 30_000;
const DONE_MS = 120_000;
const TASK = 'Add an export command';

/** A call of the git host's API, as a person makes it there. */
async function atHost(stack: TestStack, place: string, body?: object): Promise<unknown> {
  const answer = await fetch(`${stack.gitHost?.apiUrl}${place}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: `Bearer ${stack.gitHost?.token}`,
      'content-type': 'application/json',
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  expect(answer.ok).toBe(true);
  return answer.json();
}

/** The pull request's page at the git host. */
async function pageOf(task: TaskSummary | undefined): Promise<string> {
  return (await fetch(task?.pullRequest?.url ?? '')).text();
}

describe('a task that asks and plans, on a phone', () => {
  let stack: TestStack;
  let browser: Browser;
  let visitor: Visitor;
  let pullRequestUrl = '';

  beforeAll(async () => {
    [stack, browser] = await Promise.all([startTestStack(), launchBrowser()]);
    visitor = await visit(browser, stack.url);
  }, 120_000);

  afterAll(async () => {
    await browser.close();
    await stack.stop();
  });

  it(
    'asks two questions in the inbox, one of them with several choices',
    async () => {
      const { page } = visitor;
      await say(page, TASK);
      await conversation(page).getByText(/asks:/).waitFor({ timeout: DONE_MS });
      await page.getByRole('link', { name: 'Inbox, 1 needs you' }).waitFor({ timeout: SOON_MS });
      await go(page, 'Inbox');
      const item = card(page, TASK);
      const format = item.getByRole('group', { name: 'Which format should the export have?' });
      const fields = item.getByRole('group', { name: 'Which fields should it have?' });
      await format.getByRole('radio', { name: 'JSON' }).check({ timeout: SOON_MS });
      expect(await item.getByRole('button', { name: 'Answer' }).isDisabled()).toBe(true);
      await fields.getByRole('checkbox', { name: 'text' }).check();
      await fields.getByRole('checkbox', { name: 'number' }).check();
      expect(await fields.getByRole('textbox', { name: 'Other answer' }).count()).toBe(1);
    },
    DONE_MS * 2,
  );

  it('keeps what was chosen while the person looks elsewhere, and lets it be changed', async () => {
    const { page } = visitor;
    await go(page, 'Tasks');
    await card(page, TASK).getByText('Needs answers').waitFor({ timeout: SOON_MS });
    await page.reload();
    await go(page, 'Inbox');
    const item = card(page, TASK);
    const json = item.getByRole('radio', { name: 'JSON' });
    await json.waitFor({ timeout: SOON_MS });
    expect(await json.isChecked()).toBe(true);
    await item.getByRole('radio', { name: 'CSV' }).check();
    await item.getByRole('button', { name: 'Answer' }).click();
  });

  it(
    'presents a plan by the answers, which goes back once with a change',
    async () => {
      const { page } = visitor;
      const item = card(page, TASK);
      const approve = item.getByRole('button', { name: 'Approve' });
      await approve.waitFor({ timeout: DONE_MS });
      expect(await item.textContent()).toContain('as CSV with the fields number, text');
      await item.getByRole('button', { name: 'Request changes' }).click();
      await item
        .getByRole('textbox', { name: 'What should change' })
        .fill('Use semicolons between the fields.');
      await item.getByRole('button', { name: 'Send back' }).click();
      await item.getByText('What changed').waitFor({ timeout: DONE_MS });
      expect(await item.textContent()).toContain('separated by semicolons');
    },
    DONE_MS * 2,
  );

  it(
    'does the work as it was approved, and is steered meanwhile',
    async () => {
      const { page } = visitor;
      const item = card(page, TASK);
      await item.getByRole('radio', { name: 'Only what is open' }).check();
      await item.getByRole('button', { name: 'Approve' }).click();
      await go(page, 'Tasks');
      await card(page, TASK).getByText('Working').waitFor({ timeout: SOON_MS });
      await card(page, TASK).getByRole('link').first().click();
      await page
        .getByRole('textbox', { name: 'Message this task' })
        .fill('Put a line into the changelog, too');
      await page.getByRole('button', { name: 'Send' }).click();
      await page.getByRole('link', { name: 'Pull request' }).waitFor({ timeout: DONE_MS });
      pullRequestUrl =
        (await page.getByRole('link', { name: 'Pull request' }).getAttribute('href')) ?? '';
    },
    DONE_MS * 2,
  );

  it(
    'mends what a check finds, and is ready for review then',
    async () => {
      const { page } = visitor;
      await go(page, 'Inbox');
      const item = card(page, TASK);
      await item.getByText('All 2 checks pass').waitFor({ timeout: DONE_MS });
      expect(await item.getByRole('link', { name: 'Open pull request' }).getAttribute('href')).toBe(
        pullRequestUrl,
      );
      const text = await (await fetch(pullRequestUrl)).text();
      expect(text).toContain('const SEPARATOR = &#39;;&#39;');
      expect(text).toContain('filter((todo) =&#62; !todo.done)');
      expect(text).toContain('CHANGELOG.md');
      // Its first push had no section in the README, which the host's own check wants.
      expect(text).toContain('### `todo export`');
      expect(text).not.toContain('>Draft<');
    },
    DONE_MS * 2,
  );

  it(
    'takes up a review comment, and answers it in its thread',
    async () => {
      const { page } = visitor;
      const comments = `${stack.gitHost?.apiUrl}/repos/acme/todo/pulls/1/comments`;
      const headers = { authorization: `Bearer ${stack.gitHost?.token}` };
      await fetch(comments, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({
          body: 'Please use tabs between the fields instead.',
          path: 'src/commands/export.js',
          line: 2,
        }),
      });
      await card(page, TASK).waitFor({ state: 'detached', timeout: DONE_MS });
      await card(page, TASK).getByText('All 2 checks pass').waitFor({ timeout: DONE_MS });
      expect(await (await fetch(pullRequestUrl)).text()).toContain(
        'const SEPARATOR = &#39;\\t&#39;',
      );
      const said = async () => JSON.stringify(await (await fetch(comments, { headers })).json());
      await expect.poll(said, { timeout: SOON_MS }).toContain('Addressed in');
    },
    DONE_MS * 2,
  );

  it(
    'is merged from the inbox: Done',
    async () => {
      const { page } = visitor;
      await card(page, TASK).getByRole('button', { name: 'Merge' }).click();
      await go(page, 'Tasks');
      await card(page, TASK).getByText('Done').waitFor({ timeout: SOON_MS });
      expect(await (await fetch(pullRequestUrl)).text()).toContain('Merged');
    },
    DONE_MS,
  );

  it('keeps its plans on its page, with what was decided about each', async () => {
    const { page } = visitor;
    await card(page, TASK).getByRole('link').first().click();
    await page.getByRole('tab', { name: 'Plan' }).click();
    const panel = page.getByRole('tabpanel');
    await panel.getByText(/Plan 2 · Approved: Only what is open/).waitFor({ timeout: SOON_MS });
    expect(await panel.textContent()).toContain('Changes requested: Use semicolons');
  });

  it('has told its story in at most eight short messages', async () => {
    const { page } = visitor;
    await go(page, 'Chat');
    await expect
      .poll(() => conversation(page).innerText(), { timeout: SOON_MS })
      .toContain('Merged: ');
    const said = conversation(page).getByText('Mainloop', { exact: true });
    expect(await said.count()).toBeLessThanOrEqual(8);
  });

  it('has given the browser nothing to complain about', () => {
    expect(visitor.complaints).toEqual([]);
  });
});

describe('a task that is decided by typing in the conversation', () => {
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

  const tell = (text: string) => replyTo(client, client.send({ type: 'send', text }));

  it(
    'takes answers, a change, and the approval there, and says so',
    async () => {
      await tell(TASK);
      await untilAsked(client, 'question', DONE_MS);
      expect((await tell('tell the export task to use CSV')).text).toContain('Which fields');
      const answered = await tell('CSV, with all fields');
      expect(answered.text).toBe(`Answered **${TASK}**: CSV; number, text, done, created.`);
      const first = await untilAsked(client, 'plan', DONE_MS);
      await tell('Looks good, but use semicolons');
      await untilAsked(client, 'plan', DONE_MS, ({ plan }) => plan.round === 2);
      expect((await tell('lgtm')).text).toMatch(/^Approved/);
      await untilTasks(client, ([one]) => one?.status === 'Working', DONE_MS);
      const steered = await tell('Tell the export task to put a line into the changelog, too');
      expect(steered.text).toContain('changelog');
      const [task] = await untilTasks(client, ([one]) => one?.status === 'In review', DONE_MS);
      // Its first push failed the host's check of the README; the second did not.
      expect(openItem(client, 'review')?.checks).toEqual({ is: 'passed', count: 2 });
      expect(await pageOf(task)).toContain('CHANGELOG.md');

      const { id: planId, hash } = first.plan;
      const late = client.ask(task?.id ?? '', {
        do: 'decide',
        planId,
        hash,
        verdict: { is: 'approve', alternative: null },
      });
      const refusal = await client.until((frame) => frame.type === 'refused' && frame.id === late);
      expect(refusal).toMatchObject({
        text: 'That was decided before: Changes requested in the conversation: use semicolons.',
      });
    },
    DONE_MS * 3,
  );

  it(
    'goes on with a follow-up, on the same branch and pull request',
    async () => {
      const [before] = await untilTasks(client, () => true, SOON_MS);
      client.ask(before?.id ?? '', {
        do: 'message',
        text: 'Mention in the README that exports are new',
        when: 'now',
      });
      await untilTasks(client, ([one]) => one?.status === 'Working', DONE_MS);
      const [after] = await untilTasks(client, ([one]) => one?.status === 'In review', DONE_MS);
      expect(after).toMatchObject({ branch: before?.branch, pullRequest: before?.pullRequest });
      expect(await pageOf(after)).toContain('Exports are new.');
    },
    DONE_MS * 2,
  );

  it(
    'takes up a review comment, and is merged when the person says so: Done',
    async () => {
      const number = tasksOf(client)[0]?.pullRequest?.number ?? 0;
      await atHost(stack, `/repos/acme/todo/pulls/${number}/comments`, {
        body: 'Please use tabs between the fields instead.',
        path: 'src/commands/export.js',
        line: 2,
      });
      await untilTasks(client, ([one]) => one?.status === 'Working', DONE_MS);
      const [task] = await untilTasks(client, ([one]) => one?.status === 'In review', DONE_MS);
      expect(await pageOf(task)).toContain('const SEPARATOR = &#39;\\t&#39;');
      expect((await tell('Merge the export task')).text).toContain('Merging');
      const [merged] = await untilTasks(client, ([one]) => one?.status === 'Done', DONE_MS);
      expect(await pageOf(merged)).toContain('Merged');
    },
    DONE_MS * 2,
  );
});

describe('a task that is decided in comments on its issue', () => {
  let stack: TestStack;
  let client: Client;
  let issue = '';

  beforeAll(async () => {
    stack = await startTestStack();
    client = await connect(stack.url);
    await client.snapshot();
    const settings = { mode: 'auto', withIssue: true, instructions: '' } as const;
    const change = { is: 'repository', repository: 'acme/todo', settings } as const;
    const id = client.send({ type: 'change_settings', change });
    await client.until((frame) => frame.type === 'ack' && frame.id === id);
  }, 120_000);

  afterAll(async () => {
    client.close();
    await stack.stop();
  });

  const comments = async (): Promise<string> =>
    JSON.stringify(await atHost(stack, `${issue}/comments`));
  const comment = (body: string) => atHost(stack, `${issue}/comments`, { body });

  it(
    'shows its questions there, and takes answers by number and letter',
    async () => {
      await replyTo(client, client.send({ type: 'send', text: TASK }));
      await untilAsked(client, 'question', DONE_MS);
      const [task] = await untilTasks(client, ([one]) => one?.issue != null, SOON_MS);
      issue = `/repos/acme/todo/issues/${task?.issue?.number ?? 0}`;
      expect(JSON.stringify(await atHost(stack, issue))).toContain('## Requirements');
      await expect.poll(comments, { timeout: SOON_MS }).toContain('Which format should the export');
      await comment('1. A');
      await expect.poll(comments, { timeout: SOON_MS }).toContain('did not answer each question');
      await comment('1. CSV\n2. A, B');
      const { plan } = await untilAsked(client, 'plan', DONE_MS);
      expect(plan.text).toContain('as CSV with the fields number, text');
    },
    DONE_MS * 2,
  );

  it(
    'sends a plan back with a comment, and takes an approval',
    async () => {
      await expect.poll(comments, { timeout: SOON_MS }).toContain('**Plan**');
      await comment('Please use semicolons between the fields.');
      await untilAsked(client, 'plan', DONE_MS, ({ plan }) => plan.round === 2);
      await expect.poll(comments, { timeout: SOON_MS }).toContain('revision 2');
      await comment('lgtm');
      await untilTasks(client, ([one]) => one?.status === 'Working', DONE_MS);
      const outcomes = client
        .entries()
        .flatMap(({ change }) => (change.type === 'inbox' ? [change.item.outcome] : []))
        .flatMap((outcome) => (outcome?.by === 'github' ? [outcome.text] : []));
      expect(outcomes).toEqual([
        'Answered by @acme on GitHub: CSV; number, text',
        'Changes requested by @acme on GitHub: Please use semicolons between the fields.',
        'Approved by @acme on GitHub',
      ]);
      const text = async () => JSON.stringify(await atHost(stack, issue));
      await expect.poll(text, { timeout: SOON_MS }).toContain('## Approved plan');
    },
    DONE_MS * 2,
  );

  it(
    'is linked from the pull request, takes up a review comment there, and closes with the merge',
    async () => {
      const [task] = await untilTasks(client, ([one]) => one?.status === 'In review', DONE_MS);
      const number = task?.pullRequest?.number ?? 0;
      const pull = await atHost(stack, `/repos/acme/todo/pulls/${number}`);
      expect(JSON.stringify(pull)).toContain(`Closes #${task?.issue?.number}.`);
      await atHost(stack, `/repos/acme/todo/issues/${number}/comments`, {
        body: 'Please use tabs between the fields instead.',
      });
      await untilTasks(client, ([one]) => one?.status === 'Working', DONE_MS);
      await untilTasks(client, ([one]) => one?.status === 'In review', DONE_MS);
      client.ask(task?.id ?? '', { do: 'merge' });
      await untilTasks(client, ([one]) => one?.status === 'Done', DONE_MS);
      const state = async () => JSON.stringify(await atHost(stack, issue));
      await expect.poll(state, { timeout: SOON_MS }).toContain('"state":"closed"');
    },
    DONE_MS * 2,
  );
});

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

  const runners = () =>
    processes().filter(
      ({ command }) => command.includes('runner.ts') && command.includes(stack.dataDir),
    );

  it(
    'keeps no process, and the answer goes on from the same transcript',
    async () => {
      await replyTo(client, client.send({ type: 'send', text: TASK }));
      const { taskId, questionId } = await untilAsked(client, 'question', DONE_MS);
      await expect.poll(runners, { timeout: SOON_MS }).toEqual([]);
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
      await expect.poll(runners, { timeout: SOON_MS }).toEqual([]);
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
    let program = await startProgram(dataDir, port);
    try {
      const before = await connect(url);
      before.send({ type: 'send', text: TASK });
      const { taskId, questionId } = await untilAsked(before, 'question', DONE_MS);
      const answers = ['JSON', 'text'].map((label) => ({ chosen: [label], other: '' }));
      const id = before.ask(taskId, { do: 'answer', questionId, answers });
      await before.until((frame) => frame.type === 'ack' && frame.id === id);
      await killWhole(program);

      program = await startProgram(dataDir, port);
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
