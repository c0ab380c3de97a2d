import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PUSH_EVIDENCE_HEADER, WORKER_IDENTITY } from '../../protocol/push-evidence.ts';
import { type Git, createGit } from '../../sandbox/git.ts';
import { pushEvidence } from '../../sandbox/push-evidence.ts';
import { TaskBranch } from '../../sandbox/task-branch.ts';
import { BRANCH, type Repositories, makeRepositories } from '../../sandbox/testing/repositories.ts';
import { keepsOthersWork } from './push-evidence.ts';
import { startGitFront } from './testing/git-front.ts';
import { SCOPE } from './testing/upstream.ts';

const REF = `refs/heads/${BRANCH}`;

describe('a push over what is on the task’s branch', () => {
  let repositories: Repositories;
  let front: Awaited<ReturnType<typeof startGitFront>>;
  let sandbox: ReturnType<Repositories['sandbox']>;
  let git: Git;
  let branch: TaskBranch;

  /** The task has pushed 'Mine', and Ana something on top of it. */
  beforeEach(async () => {
    repositories = makeRepositories();
    front = await startGitFront(repositories.origin, { ...SCOPE, branch: BRANCH });
    sandbox = repositories.sandbox('one');
    sandbox.git('remote', 'set-url', 'origin', `${front.url}/demo/tasks.git`);
    git = createGit(sandbox.directory, { gateway: front.url, token: 'task-token' });
    branch = new TaskBranch(git, sandbox.directory, BRANCH, null);
    sandbox.commit('Mine', { 'mine.txt': '1\n' });
    expect(await branch.push(async () => true)).toBe('pushed');
    const { person } = repositories;
    person.git('fetch', '--quiet', 'origin', BRANCH);
    person.git('checkout', '--quiet', '-B', 'work', 'FETCH_HEAD');
    person.commit('Ana’s', { 'ana.txt': 'a\n' });
    person.git('push', '--quiet', 'origin', `HEAD:${REF}`);
  });
  afterEach(async () => {
    await front.stop();
    repositories.remove();
  });

  const force = (header?: string) =>
    git.run(['push', '--force', 'origin', `HEAD:${REF}`], {}, header);
  const evidence = (texts: string[]) =>
    `${PUSH_EVIDENCE_HEADER}: ${Buffer.from(JSON.stringify(texts)).toString('base64')}`;
  const text = async (id: string) => `${await git.run(['cat-file', 'commit', id])}\n`;

  it('by git itself is refused, and what the person committed stays', async () => {
    sandbox.commit('Over it', { 'mine.txt': '2\n' });
    await expect(force()).rejects.toThrow('403');
    expect(repositories.subjects()).toEqual(['Ana’s', 'Mine', 'Begin']);
  });

  it('is refused also with the true commits, since the person’s is among those that go', async () => {
    const tip = (await branch.fetch()) ?? '';
    sandbox.commit('Over it', { 'mine.txt': '2\n' });
    const all = [await text('HEAD'), await text(tip), await text('HEAD^')];
    await expect(force(evidence(all))).rejects.toThrow('403');
    expect(await pushEvidence(git, tip, 'HEAD')).toBeNull();
    expect(repositories.subjects()).toEqual(['Ana’s', 'Mine', 'Begin']);
  });

  it('is refused with a commit that was made to look like the worker’s', async () => {
    const tip = (await branch.fetch()) ?? '';
    sandbox.commit('Over it', { 'mine.txt': '2\n' });
    const forged = (await text(tip)).replaceAll('ana@example.com', WORKER_IDENTITY.email);
    await expect(force(evidence([await text('HEAD'), forged]))).rejects.toThrow('403');
    expect(repositories.subjects()).toEqual(['Ana’s', 'Mine', 'Begin']);
  });

  it('goes through on top of the person’s commits', async () => {
    sandbox.commit('More', { 'more.txt': '1\n' });
    expect(await branch.pullIn(await branch.fetch())).toMatchObject({ is: 'pulled_in' });
    expect(await branch.push(async () => true)).toBe('pushed');
    expect(repositories.subjects()).toEqual(['More', 'Ana’s', 'Mine', 'Begin']);
  });

  it('goes through over the worker’s own commits, which are gone then', async () => {
    await branch.pullIn(await branch.fetch());
    sandbox.commit('More', { 'more.txt': '1\n' });
    await branch.push(async () => true);
    sandbox.git('commit', '--quiet', '--amend', '-m', 'More, in other words');
    expect(await branch.push(async () => true)).toBe('pushed');
    expect(repositories.subjects()).toEqual(['More, in other words', 'Ana’s', 'Mine', 'Begin']);
  });

  it('keeps the person’s commit where the worker has it under another name', async () => {
    const tip = (await branch.fetch()) ?? '';
    await branch.pullIn(tip);
    sandbox.git('reset', '--quiet', '--hard', 'origin/main');
    sandbox.commit('Anew', { 'anew.txt': '1\n' });
    sandbox.git('cherry-pick', tip);
    const files = sandbox.git('ls-tree', '--name-only', 'HEAD');
    expect(await branch.pullIn(await branch.fetch())).toEqual({ is: 'nothing' });
    expect(await branch.push(async () => true)).toBe('pushed');
    expect(sandbox.git('ls-tree', '--name-only', 'HEAD')).toBe(files);
    expect(sandbox.git('merge-base', tip, 'HEAD')).toBe(tip);
    expect(repositories.subjects()?.[0]).toBe(`Go on from what is on ${BRANCH}`);
  });

  it('goes through with more commits than can be shown', async () => {
    await branch.pullIn(await branch.fetch());
    for (let at = 0; at < 80; at++)
      sandbox.git('commit', '--quiet', '--allow-empty', '-m', `${at}`);
    expect(await branch.push(async () => true)).toBe('pushed');
    expect(repositories.subjects()).toEqual(expect.arrayContaining(['0', '79', 'Ana’s']));
  });
});

describe('evidence', () => {
  const [before, after] = ['a'.repeat(40), 'b'.repeat(40)];

  it('is not needed where there was nothing', async () => {
    expect(await keepsOthersWork({ before: '0'.repeat(40), after }, null)).toBe(true);
  });

  it.each([
    ['none', null],
    ['an empty one', ''],
    ['no base64', 'no base64!'],
    ['no JSON', btoa('{')],
    ['no texts', btoa('[1]')],
    ['no commit', btoa('["tree"]')],
    ['one too long', 'A'.repeat(20_000)],
  ])('that shows nothing counts as none: %s', async (_, shown) => {
    expect(await keepsOthersWork({ before, after }, shown)).toBe(false);
  });
});
