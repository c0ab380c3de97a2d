import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { credentialsOf } from '../credentials.ts';
import { sentenceOf } from '../failures.ts';
import { octokitGitHub } from '../octokit.ts';
import type { GitHubResult } from '../port.ts';
import type { HostApp } from '../../../dev/githost/app.ts';
import { type GitHost, startGitHost } from '../../../dev/githost/githost.ts';

const REPOSITORY = 'acme/todo';
const BRANCH = 'mainloop/work';
let folder: string;
let host: GitHost;
let app: HostApp;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'mainloop-app-'));
  mkdirSync(path.join(folder, 'demo/todo'), { recursive: true });
  writeFileSync(path.join(folder, 'demo/todo/README.md'), '# todo\n');
  host = await startGitHost({
    dataDir: path.join(folder, 'data'),
    demoDir: path.join(folder, 'demo'),
    repositories: ['todo', 'other'].map((name) => ({ owner: 'acme', name, dir: 'todo' })),
    withApp: true,
    log: () => {},
  });
  if (host.app === null) throw new Error('It was asked for.');
  app = host.app;
});
afterAll(async () => {
  await host.stop();
  rmSync(folder, { recursive: true, force: true });
});
// Tokens are kept by what runs in this process: each test begins without any.
beforeEach(() => app.endTokens());

/** The Worker's way to the host, with a key of the App's. */
function worker(privateKey = app.privateKey) {
  const env = {
    GITHUB_API_URL: host.apiUrl,
    GITHUB_APP_ID: app.id,
    GITHUB_APP_PRIVATE_KEY: privateKey,
  };
  const credentials = credentialsOf(env);
  return { credentials, port: octokitGitHub(env, credentials) };
}

async function tokenFor(purpose: 'fetch' | 'push'): Promise<string> {
  const given = await worker().credentials.of(REPOSITORY, purpose);
  if (given.is === 'failed' || given.value === null) throw new Error(said(given));
  return given.value.token;
}

const said = (result: GitHubResult<unknown>) =>
  result.is === 'ok' ? 'ok' : sentenceOf(result.failure, REPOSITORY);

/** As the App, with a token of its own for this. Not the synchronous kind: the host answers in this very process. */
async function git(token: string, ...args: string[]): Promise<void> {
  const login = Buffer.from(`x-access-token:${token}`).toString('base64');
  const settings = ['user.name=A', 'user.email=a@example.com', 'core.hooksPath=/dev/null'];
  await promisify(execFile)(
    'git',
    [
      ...[...settings, `http.extraHeader=Authorization: Basic ${login}`].flatMap((one) => [
        '-c',
        one,
      ]),
      ...args,
    ],
    { cwd: folder, env: { ...process.env, TZ: 'UTC', GIT_TERMINAL_PROMPT: '0' } },
  );
}

describe('the host’s App', () => {
  it('pushes a branch and opens a pull request in its own name, each with no more than that takes', async () => {
    const url = `${host.url}/${REPOSITORY}.git`;
    const reads = await tokenFor('fetch');
    await git(reads, 'clone', '--quiet', url, 'clone');
    const inClone = ['-C', 'clone'];
    await git(reads, ...inClone, 'commit', '--quiet', '--allow-empty', '-m', 'Two');
    const push = [...inClone, 'push', '--quiet', url, `HEAD:refs/heads/${BRANCH}`];
    await expect(git(reads, ...push)).rejects.toThrow(/could not read Username/);
    const writes = await tokenFor('push');
    await git(writes, ...push);
    const elsewhere = `${host.url}/acme/other.git`;
    await expect(git(writes, 'ls-remote', elsewhere)).rejects.toThrow(/could not read Username/);
    const { port } = worker();
    const draft = { repository: REPOSITORY, branch: BRANCH, baseBranch: 'main' };
    const opened = await port.createDraft({ ...draft, title: 'Two', body: 'of two' });
    expect(opened).toMatchObject({ is: 'ok', value: { number: 1 } });
    expect(said(await port.markReady(REPOSITORY, 1))).toBe('ok');
    expect(said(await port.comment(REPOSITORY, 1, 'key', 'Done.'))).toBe('ok');
    const [comment] = await port
      .issueComments(REPOSITORY, 1)
      .then((found) => (found.is === 'ok' ? found.value : []));
    expect(comment).toMatchObject({ author: `${app.slug}[bot]`, isBot: true });
    const head = await port.branchHead(REPOSITORY, BRANCH);
    const commit = head.is === 'ok' && head.value !== null ? head.value : '';
    const words = { title: 'Two (#1)', message: 'Of the test' };
    expect(await port.merge(REPOSITORY, 1, commit, words)).toEqual({
      is: 'ok',
      value: { is: 'merged' },
    });
  });

  it('lists where it is installed', async () => {
    const listed = await worker().port.repositories();
    expect(listed.is === 'ok' && listed.value.map(({ name }) => name).toSorted()).toEqual([
      'acme/other',
      'acme/todo',
    ]);
  });

  it('gets a new token in the middle', async () => {
    const { port } = worker();
    expect(said(await port.repository(REPOSITORY))).toBe('ok');
    app.endTokens();
    expect(said(await port.repository(REPOSITORY))).toBe('ok');
    expect(app.given).toHaveLength(1);
  });

  it('that is suspended, or not installed, is said until it is again', async () => {
    const { port } = worker();
    app.suspended = true;
    expect(said(await port.repository(REPOSITORY))).toMatch(/on acme is suspended/);
    app.suspended = false;
    app.installedOn.delete(REPOSITORY);
    expect(said(await port.repository(REPOSITORY))).toMatch(
      /is not installed on acme\/todo.*\/apps\/mainloop-of-the-test\/installations\/new/,
    );
    app.installedOn.add(REPOSITORY);
    expect(said(await port.repository(REPOSITORY))).toBe('ok');
  });

  it('changes its key', async () => {
    const before = app.privateKey;
    const after = app.addKey();
    for (const key of [before, after]) {
      app.endTokens();
      expect(said(await worker(key).port.repository(REPOSITORY))).toBe('ok');
    }
    app.takeOlderKeys();
    app.endTokens();
    expect(said(await worker(before).port.repository(REPOSITORY))).toMatch(/refuses the key/);
    expect(said(await worker(after).port.repository(REPOSITORY))).toBe('ok');
  });
});
