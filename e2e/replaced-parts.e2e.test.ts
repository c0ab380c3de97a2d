import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type GitHost, startGitHost } from '../dev/githost/githost.ts';
import { type OfflineModel, startOfflineModel } from '../dev/model/model.ts';
import { type LocalPostgres, startPostgres } from '../dev/postgres/postgres.ts';
import { connect, replyTo } from './harness/client.ts';
import { tree } from './harness/processes.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';
import { untilTasks } from './harness/task-watch.ts';

const DONE_MS = 90_000;
const APP = 'mainloop-of-the-test[bot]';
const TEXT = 'Add a --json flag to the list command in octo/lists';

/** `TEST_DATABASE_URL` names a real Postgres to try; without it a separate PGlite stands for one. */
const GIVEN_DATABASE = process.env.TEST_DATABASE_URL;

describe('two stacks side by side, one with every part replaced by its variable', () => {
  let folder: string;
  let host: GitHost;
  let model: OfflineModel;
  let database: LocalPostgres | null;
  let replaced: TestStack;
  let plain: TestStack;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'mainloop-parts-'));
    host = await startGitHost({
      dataDir: path.join(folder, 'git'),
      demoDir: path.resolve('dev/demo'),
      repositories: [{ owner: 'octo', name: 'lists', dir: 'todo' }],
      withApp: true,
      log: () => {},
    });
    const pace = { tokensPerSecond: 600, timeToFirstTokenMs: 30, workerStepMs: 60 };
    model = await startOfflineModel({ ...pace, log: () => {} });
    database =
      GIVEN_DATABASE === undefined
        ? await startPostgres({ dataDir: path.join(folder, 'postgres'), log: () => {} })
        : null;
    [replaced, plain] = await Promise.all([
      startTestStack({
        settings: {
          ANTHROPIC_BASE_URL: model.url,
          ANTHROPIC_API_KEY: 'a-key-of-the-test',
          MODEL_OPUS: 'claude-opus-of-the-test',
          GITHUB_API_URL: host.apiUrl,
          GITHUB_URL: host.url,
          GITHUB_APP_ID: host.app?.id ?? '',
          GITHUB_APP_PRIVATE_KEY: host.app?.privateKey ?? '',
          DATABASE_URL: GIVEN_DATABASE ?? database?.url ?? '',
        },
      }),
      startTestStack(),
    ]);
  });

  afterAll(async () => {
    await Promise.all([replaced.stop(), plain.stop()]);
    await Promise.all([host.stop(), model.stop(), database?.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  it('starts none of the parts that a variable names', () => {
    expect([replaced.gitHost, replaced.model, replaced.postgres]).toEqual([null, null, null]);
    expect(plain.gitHost).not.toBeNull();
  });

  it('delivers to the git host, by the models and into the Postgres that were named', async () => {
    const client = await connect(replaced.url);
    await replyTo(client, client.send({ type: 'send', text: TEXT }));
    const [task] = await untilTasks(client, (lines) => lines[0]?.status === 'In review', DONE_MS);
    expect(task?.pullRequest?.url).toBe(`${host.url}/octo/lists/pull/1`);
    expect(await (await fetch(task?.pullRequest?.url ?? '')).text()).toContain('--json');
    const pulls = await fetch(`${host.apiUrl}/repos/octo/lists/pulls`, {
      headers: { authorization: `token ${host.token}` },
    });
    expect(await pulls.json()).toMatchObject([{ number: 1, user: { login: APP } }]);
    const commits = await fetch(`${host.apiUrl}/repos/octo/lists/commits?sha=${task?.branch}`, {
      headers: { authorization: `token ${host.token}` },
    });
    expect(JSON.stringify(await commits.json())).toContain(`+${APP}@users.noreply.127.0.0.1`);
    // Of this one repository, and none may do what no part of the product does.
    expect(host.app?.given.map(({ repositories }) => repositories)).toContainEqual(['octo/lists']);
    const asked = model.requests().filter((one) => one.kind === 'worker');
    expect(new Set(asked.map((one) => one.model))).toEqual(new Set(['claude-opus-of-the-test']));
    const sql = postgres(GIVEN_DATABASE ?? database?.url ?? '', { max: 1, onnotice: () => {} });
    const status = async () =>
      (await sql`select status from tasks where id = ${task?.id ?? ''}`)[0]?.status;
    await expect.poll(status, { timeout: 30_000 }).toBe('In review');
    await sql.end();
    client.close();
  }, 150_000);

  it('leaves the other stack untouched', async () => {
    const client = await connect(plain.url);
    expect((await client.snapshot()).tasks).toEqual([]);
    const reply = await replyTo(
      client,
      client.send({ type: 'send', text: 'Which repositories do you see?' }),
    );
    expect(reply.text).toContain('acme/todo');
    expect(reply.text).not.toContain('octo/lists');
    client.close();
  });

  it.each([
    ['runtime', /workerd serve /],
    ['host', /^\S+ \S+worker-host/],
  ])(
    'is back by itself after its %s is killed, with all that was said',
    async (_part, command) => {
      const own = () => tree(plain.worker().pid);
      const find = () => own().find((one) => command.test(one.command));
      await expect.poll(find).toBeDefined();
      const { pid = 0 } = find() ?? {};
      process.kill(pid, 'SIGKILL');
      const back = async () => {
        if (own().some((one) => one.pid === pid)) return [];
        const client = await connect(plain.url).catch(() => null);
        const { messages } = (await client?.snapshot()) ?? { messages: [] };
        client?.close();
        return messages.map(({ text }) => text);
      };
      await expect.poll(back, { timeout: 90_000 }).toContain('Which repositories do you see?');
    },
    120_000,
  );
});
