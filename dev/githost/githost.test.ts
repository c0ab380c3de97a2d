import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freePort } from '../ports.ts';
import { type GitHost, startGitHost } from './githost.ts';

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

beforeEach(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'mainloop-githost-'));
  mkdirSync(path.join(folder, 'demo/todo/src'), { recursive: true });
  writeFileSync(path.join(folder, 'demo/todo/README.md'), '# todo\n');
  writeFileSync(path.join(folder, 'demo/todo/src/a.js'), 'export const a = 1;\n');
  port = await freePort();
  host = await start();
});

afterEach(async () => {
  await host.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Not the synchronous kind: the host answers in this very process. */
async function git(...args: string[]): Promise<string> {
  const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.com'];
  const { stdout } = await promisify(execFile)('git', [...identity, ...args], {
    cwd: path.join(folder, 'clone'),
    env: { ...process.env, TZ: 'UTC', GIT_TERMINAL_PROMPT: '0' },
  });
  return stdout.trim();
}

async function api(method: string, target: string, body?: unknown, token = host.token) {
  const answer = await fetch(`${host.apiUrl}${target}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: answer.status, json: await answer.json() };
}

/** A branch with one changed file, pushed. */
async function pushBranch(): Promise<string> {
  mkdirSync(path.join(folder, 'clone'));
  await git(
    'clone',
    '--quiet',
    host.url.replace('//', `//x-access-token:${host.token}@`) + '/acme/todo.git',
    '.',
  );
  await git('checkout', '--quiet', '-b', 'mainloop/work');
  writeFileSync(path.join(folder, 'clone/src/a.js'), 'export const a = 2;\n');
  await git('commit', '--quiet', '--all', '-m', 'Two');
  await git('push', '--quiet', 'origin', 'mainloop/work');
  return git('rev-parse', 'HEAD');
}

it('shows a pushed branch by its API the moment that the push succeeds', async () => {
  const commit = await pushBranch();
  const { json } = await api('GET', '/repos/acme/todo/git/ref/heads/mainloop/work');
  expect(json).toMatchObject({ object: { sha: commit } });
});

it('knows branches by names that an address has to spell otherwise', async () => {
  await pushBranch();
  await git('checkout', '--quiet', '-b', 'release#1/a+b');
  await git('push', '--quiet', 'origin', 'release#1/a+b');
  const read = () => api('GET', '/repos/acme/todo/git/ref/heads%2Frelease%231%2Fa%2Bb');
  expect((await read()).json).toMatchObject({ ref: 'refs/heads/release#1/a+b' });
  await git('commit', '--quiet', '--allow-empty', '-m', 'Three');
  await git('push', '--quiet', 'origin', 'release#1/a+b');
  const commit = await git('rev-parse', 'HEAD');
  expect((await read()).json).toMatchObject({ object: { sha: commit } });
  const draft = { title: 'Two', head: 'mainloop/work', base: 'release#1/a+b' };
  expect((await api('POST', '/repos/acme/todo/pulls', draft)).status).toBe(201);
  await git('push', '--quiet', 'origin', ':release#1/a+b');
  expect((await read()).status).toBe(404);
});

it('has a page with the real diff for a draft pull request, also after a restart', async () => {
  await pushBranch();
  const draft = {
    title: '<b>Two</b>',
    head: 'mainloop/work',
    base: 'main',
    body: 'Why',
    draft: true,
  };
  const created = await api('POST', '/repos/acme/todo/pulls', draft);
  expect(created.status).toBe(201);
  expect(created.json).toMatchObject({
    number: 1,
    draft: true,
    html_url: `${host.url}/acme/todo/pull/1`,
  });
  const page = async () => (await fetch(`${host.url}/acme/todo/pull/1`)).text();
  const before = await page();
  expect(before).toContain('+export const a = 2;');
  expect(before).toContain('Draft');
  expect(before).not.toContain('<b>Two</b>');
  await host.stop();
  host = await start();
  expect(await page()).toBe(before);
  expect((await api('GET', '/repos/acme/todo/pulls?state=all')).json).toMatchObject([
    { number: 1 },
  ]);
});

it('follows a further push to the same branch', async () => {
  await pushBranch();
  await api('POST', '/repos/acme/todo/pulls', {
    title: 'Two',
    head: 'mainloop/work',
    base: 'main',
  });
  writeFileSync(path.join(folder, 'clone/src/a.js'), 'export const a = 3;\n');
  await git('commit', '--quiet', '--all', '-m', 'Three');
  await git('push', '--quiet', 'origin', 'mainloop/work');
  const { json } = await api('GET', '/repos/acme/todo/pulls/1');
  expect(json).toMatchObject({ head: { sha: await git('rev-parse', 'HEAD') } });
});

it('has a guest, who comments and is told apart, and may do nothing else', async () => {
  await pushBranch();
  const draft = { title: 'Two', head: 'mainloop/work', base: 'main' };
  expect((await api('POST', '/repos/acme/todo/pulls', draft, host.guestToken)).status).toBe(403);
  await api('POST', '/repos/acme/todo/pulls', draft);
  const comment = { body: 'Why?', path: 'src/a.js', line: 1 };
  const comments = '/repos/acme/todo/pulls/1/comments';
  expect(await api('POST', comments, comment, host.guestToken)).toMatchObject({
    status: 201,
    json: { user: { login: 'guest' }, author_association: 'NONE' },
  });
  const merge = await api('PUT', '/repos/acme/todo/pulls/1/merge', {}, host.guestToken);
  expect(merge.status).toBe(403);
  const as = host.url.replace('//', `//x-access-token:${host.guestToken}@`);
  await expect(git('push', `${as}/acme/todo.git`, 'mainloop/work:other')).rejects.toThrow();
});

it('says as GitHub does who may do what, to those who may push', async () => {
  const of = (login: string) => `/repos/acme/todo/collaborators/${login}/permission`;
  const asked = async (login: string, token?: string) => {
    const { status, json } = await api('GET', of(login), undefined, token);
    return status === 200 ? `${json.permission}, ${json.role_name}` : status;
  };
  expect(await asked('acme')).toBe('admin, admin');
  expect(await asked('guest')).toBe('read, read');
  expect(await asked('nobody')).toBe(404);
  expect(await asked('acme', host.guestToken)).toBe(403);
  const given: [string, string][] = [
    ['pull', 'read, read'],
    ['triage', 'read, triage'],
    ['push', 'write, write'],
    ['maintain', 'write, maintain'],
    ['admin', 'admin, admin'],
  ];
  for (const [permission, told] of given) {
    await api('PUT', '/repos/acme/todo/collaborators/guest', { permission });
    expect(await asked('guest')).toBe(told);
  }
  await host.stop();
  host = await start();
  expect(await asked('guest')).toBe('admin, admin');
});

it('lets nobody at its repositories without the token, and knows no path tricks', async () => {
  const info = (where: string) => fetch(`${host.url}${where}/info/refs?service=git-upload-pack`);
  expect((await info('/acme/todo.git')).status).toBe(401);
  for (const where of ['/acme/nope.git', '/acme/..%2f..%2fetc.git', '/../data.git']) {
    expect((await info(where)).status).toBe(404);
  }
});
