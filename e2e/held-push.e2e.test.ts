import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, connect, replyTo } from './harness/client.ts';
import { pageOf } from './harness/git-host.ts';
import { openItem, untilAsked } from './harness/inbox.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';
import { tasksOf, untilTasks } from './harness/task-watch.ts';

const DONE_MS = 120_000;
const WORKFLOW = '.github/workflows/test.yml';

describe('a task that changes a workflow', () => {
  let stack: TestStack;
  let client: Client;

  beforeAll(async () => {
    stack = await startTestStack();
    client = await connect(stack.url);
    await client.snapshot();
  }, DONE_MS);

  afterAll(async () => {
    client.close();
    await stack.stop();
  });

  /** Whether the host knows the task's branch. */
  async function isAtHost(): Promise<boolean> {
    const branch = encodeURIComponent(tasksOf(client)[0]?.branch ?? '');
    const place = `${stack.gitHost?.apiUrl}/repos/acme/todo/git/ref/heads%2F${branch}`;
    const headers = { authorization: `Bearer ${stack.gitHost?.token}` };
    return (await fetch(place, { headers })).ok;
  }

  it(
    'is not pushed before the person has allowed it, and then as they saw it',
    async () => {
      const text = 'Add a workflow that runs the tests';
      await replyTo(client, client.send({ type: 'send', text }));
      const { questionId, questions } = await untilAsked(client, 'question', DONE_MS);
      const asked = questions[0]?.question ?? '';
      expect(asked).toContain(`${WORKFLOW} (new)\n+name: test\n+on: push\n`);
      expect(asked).not.toContain('workflow.test.js');
      expect(await isAtHost()).toBe(false);
      const answers = [{ chosen: ['Allow'], other: '' }];
      client.ask(tasksOf(client)[0]?.id ?? '', { do: 'answer', questionId, answers });
      const [task] = await untilTasks(client, ([one]) => one?.status === 'In review', DONE_MS);
      expect(await pageOf(task)).toContain(WORKFLOW);
      expect(openItem(client, 'review')?.summary).toMatch(
        /^\*\*Changes what acts by itself, as was allowed:\*\* `\.github\/workflows\/test\.yml`/,
      );
    },
    DONE_MS * 2,
  );
});
