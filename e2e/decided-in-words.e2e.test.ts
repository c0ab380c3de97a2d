import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_REPOSITORY_SETTINGS } from '../protocol/settings.ts';
import { type Client, connect, replyTo } from './harness/client.ts';
import { openItem, untilAsked } from './harness/inbox.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';
import { tasksOf, untilTasks } from './harness/task-watch.ts';
import { atHost, pageOf } from './harness/git-host.ts';

const SOON_MS = 30_000;
const DONE_MS = 120_000;
const TASK = 'Add an export command';

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
      expect(openItem(client, 'review')?.checks).toMatchObject({ is: 'passed', count: 2 });
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
    'takes up a comment on its pull request, and is merged when the person says so: Done',
    async () => {
      const number = tasksOf(client)[0]?.pullRequest?.number ?? 0;
      await atHost(stack, `/repos/acme/todo/issues/${number}/comments`, {
        body: 'Please use tabs between the fields instead.',
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
    const settings = { ...DEFAULT_REPOSITORY_SETTINGS, withIssue: true };
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
    'is linked from the pull request, and closes with the merge',
    async () => {
      const [task] = await untilTasks(client, ([one]) => one?.status === 'In review', DONE_MS);
      const number = task?.pullRequest?.number ?? 0;
      const pull = await atHost(stack, `/repos/acme/todo/pulls/${number}`);
      expect(JSON.stringify(pull)).toContain(`Closes #${task?.issue?.number}.`);
      client.ask(task?.id ?? '', { do: 'merge' });
      await untilTasks(client, ([one]) => one?.status === 'Done', DONE_MS);
      const state = async () => JSON.stringify(await atHost(stack, issue));
      await expect.poll(state, { timeout: SOON_MS }).toContain('"state":"closed"');
    },
    DONE_MS * 2,
  );
});
