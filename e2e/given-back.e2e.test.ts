import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WORKER_IDENTITY } from '../protocol/push-evidence.ts';
import { type Visitor, card, launchBrowser, openItem, say, visit } from './harness/browser.ts';
import { type Client, connect } from './harness/client.ts';
import { untilAsked } from './harness/inbox.ts';
import {
  type Ends,
  type StandInSandboxes,
  startStandInSandboxes,
} from './harness/stand-in-sandboxes.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';
import { untilTasks } from './harness/task-watch.ts';

const run = promisify(execFile);
const TASK = 'Add a --json flag to the list command';
const SOON_MS = 30_000;
const DONE_MS = 120_000;

/**
 * A pull request that conflicts and whose check fails. Its workers push once, and then hand in the
 * same again, until they are able.
 */
describe('a pull request that its worker gave up on, on a phone', () => {
  let stack: TestStack;
  let sandboxes: StandInSandboxes;
  let browser: Browser;
  let client: Client;
  let visitor: Visitor;
  let folder: string;
  /** What the workers are given to read, each stretch of work after the other. */
  const given: string[] = [];
  const able = { toResolve: false, toFix: false };

  /** git in the workers' clone. The host lives in this very process: it must not be blocked. */
  async function git(...args: string[]): Promise<string> {
    const header = `http.extraHeader=Authorization: Bearer ${stack.gitHost?.token}`;
    const { name, email } = WORKER_IDENTITY;
    const who = ['-c', `user.name=${name}`, '-c', `user.email=${email}`, '-c', header];
    const env = { PATH: process.env.PATH, HOME: folder, TZ: 'UTC', GIT_TERMINAL_PROMPT: '0' };
    const { stdout } = await run('git', [...who, ...args], { cwd: folder, env });
    return stdout.trim();
  }
  const file = (name: string) => path.join(folder, name);
  const commit = (subject: string) => git('commit', '--quiet', '--all', '-m', subject);
  /** One check, which a file's words decide. */
  const PACKAGE = { name: 'todo', scripts: { test: 'grep done README.md' }, ci: ['test'] };

  const ends: Ends = async ({ branch }, mail) => {
    given.push(mail.map((item) => (item.type === 'message' ? item.text : item.type)).join());
    const isFirst = given.length === 1;
    const words = given.at(-1) ?? '';
    if (isFirst) {
      writeFileSync(file('README.md'), 'The flag is half of it.\n');
      writeFileSync(file('package.json'), JSON.stringify(PACKAGE));
      await commit('Add a --json flag');
    }
    if (able.toResolve && words.includes('conflicts with main')) {
      await git('fetch', '--quiet', 'origin', 'main');
      await git('merge', '--quiet', '-X', 'ours', 'FETCH_HEAD', '-m', 'Merge main');
    }
    if (able.toFix) {
      writeFileSync(file('README.md'), 'The flag is done.\n');
      await commit('Finish the flag');
    }
    await git('push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`);
    const summary = 'The list has a --json flag.';
    const said = { summary, tested: null, title: 'Add a --json flag', body: summary };
    return { is: 'delivered', commit: await git('rev-parse', 'HEAD'), ...said };
  };

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'mainloop-given-back-'));
    sandboxes = await startStandInSandboxes({ lines: [], changes: null }, ends);
    [stack, browser] = await Promise.all([
      startTestStack({
        settings: { LOCAL_SANDBOX_URL: sandboxes.url, LOCAL_SANDBOX_KEY: sandboxes.key },
      }),
      launchBrowser(),
    ]);
    client = await connect(stack.url);
    visitor = await visit(browser, stack.url);
    await git('clone', '--quiet', `${stack.gitHost?.url}/acme/todo.git`, '.');
    // What the workers begin from is older than what stands in their base.
    const begun = await git('rev-parse', 'HEAD');
    writeFileSync(
      file('README.md'),
      `All else is new.\n${readFileSync(file('README.md'), 'utf8')}`,
    );
    await commit('Begin the README anew');
    await git('push', '--quiet', 'origin', 'HEAD:refs/heads/main');
    await git('checkout', '--quiet', '--detach', begun);
    await say(visitor.page, `${TASK}, just do it`);
  }, DONE_MS);

  afterAll(async () => {
    client.close();
    await browser.close();
    await stack.stop();
    await sandboxes.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const button = (item: Locator, name: string) => item.getByRole('button', { name, exact: true });

  it(
    'is given back with its conflicts at a press, and the card says so',
    async () => {
      await untilAsked(client, 'review', DONE_MS, ({ leftOpen }) => leftOpen.conflicts);
      const item = await openItem(visitor.page, TASK);
      await item.getByText('It conflicts with main: both changed the same lines.').waitFor();
      await button(item, 'Fix').waitFor();
      able.toResolve = true;
      const before = given.length;
      await button(item, 'Resolve conflicts').click();
      await item
        .getByText('Back to the worker: it conflicts with its base')
        .waitFor({ timeout: SOON_MS });
      await expect.poll(() => given[before], { timeout: SOON_MS }).toContain('merge origin/main');
    },
    DONE_MS * 2,
  );

  it(
    'is given back with its failing check at a press, and goes on to a good end',
    async () => {
      const { page } = visitor;
      await page.getByRole('link', { name: `Next: ${TASK}` }).click({ timeout: DONE_MS });
      const item = card(page, TASK);
      await button(item, 'Fix').waitFor({ timeout: SOON_MS });
      expect(await button(item, 'Resolve conflicts').count()).toBe(0);
      able.toFix = true;
      const before = given.length;
      await button(item, 'Fix').click();
      await item.getByText('Back to the worker: its checks fail').waitFor({ timeout: SOON_MS });
      await expect.poll(() => given[before], { timeout: SOON_MS }).toContain('Check test failed');
      await page.getByRole('link', { name: `Next: ${TASK}` }).click({ timeout: DONE_MS });
      await button(item, 'Merge').waitFor({ timeout: SOON_MS });
      expect(await button(item, 'Fix').count()).toBe(0);
      await untilTasks(client, ([one]) => one?.status === 'In review', SOON_MS);
      expect(visitor.complaints).toEqual([]);
    },
    DONE_MS * 2,
  );
});
