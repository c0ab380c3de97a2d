import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GitHost, startGitHost } from '../dev/githost/githost.ts';
import { type Client, connect, replyTo } from './harness/client.ts';
import { type Fault, type FaultProxy, startFaultProxy } from './harness/fault-proxy.ts';
import { openItem, untilAsked } from './harness/inbox.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';
import { tasksOf, untilTasks } from './harness/task-watch.ts';

const DONE_MS = 150_000;
const WORK = 'Fix done when the number is out of range in acme/todo';
/** More requests to one address within a second than any honest client makes. */
const HOT = 12;

describe('a git host that fails at every step', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'mainloop-faults-'));
  let host: GitHost;
  let proxy: FaultProxy;
  let stack: TestStack;
  let client: Client;

  beforeAll(async () => {
    host = await startGitHost({
      dataDir: folder,
      demoDir: path.resolve('dev/demo'),
      repositories: [{ owner: 'acme', name: 'todo', dir: 'todo' }],
      log: () => {},
    });
    proxy = await startFaultProxy(host.url);
    stack = await startTestStack({
      settings: {
        GITHUB_API_URL: `${proxy.url}/api/v3`,
        GITHUB_URL: host.url,
        GITHUB_TOKEN: host.token,
      },
    });
    client = await connect(stack.url);
    await client.snapshot();
  }, 120_000);

  afterAll(async () => {
    client.close();
    await stack.stop();
    await proxy.stop();
    await host.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const fail = (method: string, where: RegExp, fault: Fault, times = 1) =>
    proxy.rules.push({ method, path: where, fault, times });
  const pulls = async () => {
    const answer = await fetch(`${host.apiUrl}/repos/acme/todo/pulls?state=all&per_page=100`, {
      headers: { authorization: `Bearer ${host.token}` },
    });
    return ((await answer.json()) as { head: { ref: string } }[]).map(({ head }) => head.ref);
  };

  it(
    'gets one pull request all the same, ready and merged, and is not asked in a hot loop',
    async () => {
      const away: Fault = { is: 'status', status: 502 };
      const limited: Fault = { is: 'status', status: 403, headers: { 'retry-after': '1' } };
      fail('GET', /\/repos\/acme\/todo$/, away);
      fail('GET', /\/git\/ref\/heads/, away, 2);
      fail('GET', /\/pulls\?/, limited);
      fail('POST', /\/pulls$/, { is: 'lost' });
      fail('GET', /\/check-runs/, { is: 'status', status: 500 }, 2);
      fail('GET', /\/pulls\/\d+$/, limited);
      fail('POST', /graphql/, { is: 'lost' });
      fail('GET', /\/pulls\/\d+\/reviews/, away, 3);
      fail('PUT', /\/merge$/, { is: 'lost' });
      await replyTo(client, client.send({ type: 'send', text: WORK }), DONE_MS);
      const [task] = await untilTasks(client, ([one]) => one?.status === 'In review', DONE_MS);
      expect(await pulls()).toEqual([task?.branch]);
      client.ask(task?.id ?? '', { do: 'merge' });
      await untilTasks(client, ([one]) => one?.status === 'Done', DONE_MS);
      expect(await pulls()).toEqual([task?.branch]);
      expect(proxy.rules.filter(({ times }) => times > 0)).toEqual([
        expect.objectContaining({ path: /\/pulls\/\d+\/reviews/ }),
      ]);
      const hot = proxy.requests.filter(({ path: asked, at }) => {
        const within = ({ at: other }: { at: number }) => other >= at && other < at + 1_000;
        return proxy.requests.filter((one) => one.path === asked && within(one)).length >= HOT;
      });
      expect(hot).toEqual([]);
    },
    DONE_MS * 2,
  );

  it(
    'that refuses for good is said in a sentence, and Retry goes on once it does not',
    async () => {
      proxy.rules.length = 0;
      fail('POST', /\/pulls$/, { is: 'status', status: 422 }, 100);
      const text = 'Add a --json flag to the list command in acme/todo';
      await replyTo(client, client.send({ type: 'send', text }), DONE_MS);
      const item = await untilAsked(client, 'failure', DONE_MS);
      expect(item.reason).toBe('GitHub refused the request (422): A fault of the test.');
      const before = proxy.requests.length;
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(proxy.requests.length - before).toBeLessThan(HOT);
      proxy.rules.length = 0;
      client.ask(item.taskId, { do: 'retry', from: 'checkpoint' });
      await untilTasks(
        client,
        (lines) => lines.find(({ id }) => id === item.taskId)?.status === 'In review',
        DONE_MS,
      );
      expect(openItem(client, 'failure')).toBeNull();
      expect(await pulls()).toHaveLength(2);
    },
    DONE_MS * 2,
  );

  it(
    'that takes the token no longer is named, with what to do',
    async () => {
      fail('GET', /\/repos\/acme\/todo$/, { is: 'status', status: 401 }, 10);
      const reply = await replyTo(client, client.send({ type: 'send', text: WORK }), DONE_MS);
      expect(reply.text).toContain('GITHUB_TOKEN');
    },
    DONE_MS,
  );

  it(
    'that has no such repository: it is named in the answer, and nothing is started',
    async () => {
      const before = tasksOf(client).length;
      const text = 'Add a dark mode in acme/nowhere';
      const reply = await replyTo(client, client.send({ type: 'send', text }), DONE_MS);
      expect(reply.text).toContain('acme/nowhere');
      expect(tasksOf(client)).toHaveLength(before);
    },
    DONE_MS,
  );

  it(
    'that is away is said in one sentence when work is asked for, and the conversation goes on',
    async () => {
      await proxy.stop();
      const text = 'Add a --json flag to the list command in acme/todo';
      const reply = await replyTo(client, client.send({ type: 'send', text }), DONE_MS);
      expect(reply.text).toMatch(/cannot be reached|could not be reached|unreachable/i);
    },
    DONE_MS,
  );
});
