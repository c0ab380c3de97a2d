import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { freePort } from '../ports.ts';
import { type GitHost, startGitHost } from './githost.ts';

const REPOSITORY = '/repos/acme/todo';
let folder: string;
let port: number;
let host: GitHost;

const start = () =>
  startGitHost({
    dataDir: path.join(folder, 'data'),
    port,
    demoDir: path.join(folder, 'demo'),
    repositories: [{ owner: 'acme', name: 'todo', dir: 'todo' }],
    log: () => {},
  });

const PACKAGE = {
  scripts: {
    test: 'echo tested',
    check: 'grep -q good a.txt || { echo "a.txt is not good"; exit 3; }',
  },
  ci: ['test', 'check'],
};

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'mainloop-githost-'));
  mkdirSync(path.join(folder, 'demo/todo'), { recursive: true });
  writeFileSync(path.join(folder, 'demo/todo/a.txt'), 'good\n');
  writeFileSync(path.join(folder, 'demo/todo/package.json'), JSON.stringify(PACKAGE));
  port = await freePort();
  host = await start();
  mkdirSync(path.join(folder, 'clone'));
  await git('clone', '-q', `${host.url.replace('://', `://x:${host.token}@`)}/acme/todo.git`, '.');
});

afterEach(async () => {
  await host.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function git(...args: string[]): Promise<string> {
  const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.com'];
  const { stdout } = await promisify(execFile)('git', [...identity, ...args], {
    cwd: path.join(folder, 'clone'),
    env: { ...process.env, TZ: 'UTC', GIT_TERMINAL_PROMPT: '0' },
  });
  return stdout.trim();
}

async function api(method: string, target: string, body?: unknown, base = host.apiUrl) {
  const answer = await fetch(`${base}${target}`, {
    method,
    headers: { authorization: `token ${host.token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, json: text === '' ? null : JSON.parse(text) };
}

/** A pushed branch whose file has this text; gives the commit. */
async function push(branch: string, text: string, from = 'origin/main'): Promise<string> {
  await git('checkout', '-q', '-B', branch, from);
  writeFileSync(path.join(folder, 'clone/a.txt'), text);
  await git('commit', '-qam', `Write ${text.trim()}`);
  await git('push', '-q', '--force', 'origin', branch);
  return git('rev-parse', 'HEAD');
}

async function opened(branch: string, draft = false): Promise<{ number: number; node_id: string }> {
  const { json } = await api('POST', `${REPOSITORY}/pulls`, {
    head: branch,
    base: 'main',
    title: 'Change a',
    draft,
  });
  return z.object({ number: z.int(), node_id: z.string() }).parse(json);
}

const pull = async (number: number) => (await api('GET', `${REPOSITORY}/pulls/${number}`)).json;

describe('merging', () => {
  it('is a commit in git, which the API and the pull request agree on, also after a restart', async () => {
    const head = await push('change', 'very good\n');
    const { number } = await opened('change');
    expect(await pull(number)).toMatchObject({ mergeable: true, merged: false });
    const answer = await api('PUT', `${REPOSITORY}/pulls/${number}/merge`, { sha: head });
    expect(answer).toMatchObject({ status: 200, json: { merged: true } });
    await git('fetch', '-q');
    expect(await git('rev-parse', 'origin/main')).toBe(answer.json.sha);
    expect(await git('show', 'origin/main:a.txt')).toBe('very good');
    const merged = { state: 'closed', merged: true, merge_commit_sha: answer.json.sha };
    expect(await pull(number)).toMatchObject(merged);
    await host.stop();
    host = await start();
    expect(await pull(number)).toMatchObject(merged);
    expect(await api('PUT', `${REPOSITORY}/pulls/${number}/merge`, {})).toMatchObject({
      status: 405,
    });
  });

  it('is refused for a draft, for another head, and where it conflicts', async () => {
    const head = await push('change', 'very good\n');
    const draft = await opened('change', true);
    const merge = (body: object) => api('PUT', `${REPOSITORY}/pulls/${draft.number}/merge`, body);
    expect(await merge({ sha: head })).toMatchObject({ status: 405 });
    const ready = await api(
      'POST',
      '/api/graphql',
      {
        query:
          'mutation($id: ID!) { markPullRequestReadyForReview(input: {pullRequestId: $id}) { pullRequest { isDraft } } }',
        variables: { id: draft.node_id },
      },
      host.url,
    );
    expect(ready.json.data.markPullRequestReadyForReview.pullRequest).toMatchObject({
      isDraft: false,
    });
    expect(await pull(draft.number)).toMatchObject({ draft: false });
    expect(await merge({ sha: '0'.repeat(40) })).toMatchObject({ status: 409 });
    await push('main', 'another good\n');
    expect(await pull(draft.number)).toMatchObject({ mergeable: false });
    expect(await merge({ sha: head })).toMatchObject({ status: 405 });
  });
});

it('a branch that is deleted takes its open pull request along', async () => {
  await push('change', 'very good\n');
  const { number } = await opened('change');
  expect(await api('DELETE', `${REPOSITORY}/git/refs/heads/change`)).toMatchObject({ status: 204 });
  expect(await pull(number)).toMatchObject({ state: 'closed', merged: false });
  expect(await git('ls-remote', 'origin', 'change')).toBe('');
});

it('answers stand in their thread', async () => {
  const head = await push('change', 'very good\n');
  const { number } = await opened('change');
  const comments = `${REPOSITORY}/pulls/${number}/comments`;
  const first = await api('POST', comments, {
    body: 'Why very?',
    commit_id: head,
    path: 'a.txt',
    line: 1,
    side: 'RIGHT',
  });
  expect(first.status).toBe(201);
  await api('POST', `${comments}/${first.json.id}/replies`, { body: 'Because.' });
  const { json } = await api('GET', comments);
  expect(json).toMatchObject([
    { body: 'Why very?' },
    { body: 'Because.', in_reply_to_id: first.json.id },
  ]);
});

describe('checks', () => {
  const runs = async (commit: string) =>
    (await api('GET', `${REPOSITORY}/commits/${commit}/check-runs`)).json.check_runs;
  const conclusions = async (commit: string) =>
    (await runs(commit)).map(({ name, conclusion }: { name: string; conclusion: string }) => [
      name,
      conclusion,
    ]);

  it('are those of the pushed commit, with their logs', async () => {
    const bad = await push('change', 'bad\n');
    expect(await runs(bad)).toHaveLength(2);
    await expect
      .poll(() => conclusions(bad), { timeout: 10_000 })
      .toEqual(
        expect.arrayContaining([
          ['test', 'success'],
          ['check', 'failure'],
        ]),
      );
    const failed = (await runs(bad)).find(({ name }: { name: string }) => name === 'check');
    expect(failed.output.text).toContain('a.txt is not good');
    const good = await push('change', 'very good\n');
    await expect
      .poll(() => conclusions(good), { timeout: 10_000 })
      .toEqual(
        expect.arrayContaining([
          ['test', 'success'],
          ['check', 'success'],
        ]),
      );
    await host.stop();
    host = await start();
    expect(await conclusions(good)).toHaveLength(2);
  });

  it('are none where the commit names none', async () => {
    await git('checkout', '-q', '-B', 'bare', 'origin/main');
    writeFileSync(path.join(folder, 'clone/package.json'), '{}');
    const commit = await push('bare', 'x\n', 'HEAD');
    expect(await runs(commit)).toEqual([]);
  });
});
