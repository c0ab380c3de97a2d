import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Delivery } from './delivery.ts';
import { takeSnapshot } from './snapshot.ts';
import { BRANCH, BRIEF, type Repositories, makeRepositories } from './testing/repositories.ts';
import { type Workspace, beginWork } from './workspace.ts';

const HANDOVER = { summary: 'Did it.', title: 'Do it', body: 'Because.' };

let repositories: Repositories;
beforeEach(() => {
  repositories = makeRepositories();
});
afterEach(() => repositories.remove());

type Sandbox = ReturnType<Repositories['sandbox']>;

async function begin(name: string, bundle: Uint8Array | null = null) {
  const sandbox = repositories.sandbox(name);
  const { runner, root, directory } = sandbox;
  return { sandbox, workspace: await beginWork(runner, root, directory, BRIEF, bundle) };
}

async function checkpointOf({ branch, ...workspace }: Workspace): Promise<Uint8Array> {
  const { name, lastSeen } = branch;
  const snapshot = await takeSnapshot({ ...workspace, branch: name, lastSeen }, null);
  if (snapshot.is !== 'taken') throw new Error(`It is ${snapshot.is}.`);
  return snapshot.bundle;
}

async function deliver(workspace: Workspace) {
  const clear = async () => ({ is: 'clear' }) as const;
  return new Delivery(workspace, BRIEF, () => {}, clear, { hostPauseMs: 1 }).next(HANDOVER);
}

function personPushes(subject: string, files: Record<string, string>): void {
  const { person } = repositories;
  person.git('fetch', '--quiet', 'origin');
  const from = repositories.subjects() === null ? 'origin/main' : `origin/${BRANCH}`;
  person.git('checkout', '--quiet', '-B', BRANCH, from);
  person.commit(subject, files);
  person.git('push', '--quiet', 'origin', BRANCH);
}

/** A sandbox with one commit and something uncommitted, which is lost then. */
async function lost(files: Record<string, string>, uncommitted: Record<string, string>) {
  const { sandbox, workspace } = await begin('first');
  sandbox.commit('Ours', files);
  for (const [file, text] of Object.entries(uncommitted)) sandbox.write(file, text);
  return checkpointOf(workspace);
}

const statusOf = (sandbox: Sandbox) => sandbox.git('status', '--porcelain').split('\n');

describe('a checkpoint', () => {
  it('is put back as it was when nobody pushed', async () => {
    const bundle = await lost({ 'task.txt': 'x\n' }, { 'draft.txt': 'd\n' });
    const { sandbox, workspace } = await begin('second', bundle);
    expect(workspace).toMatchObject({ restored: true, news: null });
    expect(sandbox.git('log', '--format=%s').split('\n')).toEqual(['Ours', 'Begin']);
    expect(statusOf(sandbox)).toEqual(['?? draft.txt']);
  });

  it('comes on top of what a person pushed meanwhile, committed and uncommitted', async () => {
    const bundle = await lost({ 'task.txt': 'x\n' }, { 'draft.txt': 'd\n', 'a.txt': 'changed\n' });
    personPushes('Theirs', { 'person.txt': 'p\n', 'b.txt': 'theirs\n' });
    const { sandbox, workspace } = await begin('second', bundle);
    expect(sandbox.git('log', '--format=%s').split('\n')).toEqual(['Ours', 'Theirs', 'Begin']);
    expect(statusOf(sandbox).toSorted()).toEqual([' M a.txt', '?? draft.txt'].toSorted());
    expect(sandbox.read('b.txt')).toBe('theirs\n');
    expect(workspace.news).toMatchObject({
      isHere: true,
      work: { files: ['b.txt', 'person.txt'] },
    });
    expect(await deliver(workspace)).toMatchObject({ result: { is: 'delivered' } });
    expect(repositories.subjects()).toEqual(['Do it', 'Ours', 'Theirs', 'Begin']);
  });

  it.each([
    ['commits', { 'a.txt': 'ours\n' }, { 'draft.txt': 'd\n' }],
    ['uncommitted files', { 'task.txt': 'x\n' }, { 'a.txt': 'ours\n' }],
  ])(
    'whose %s conflict with that is put back as it was, and nothing is lost',
    async (_, files, un) => {
      const bundle = await lost(files, un);
      personPushes('Theirs', { 'a.txt': 'theirs\n' });
      const { sandbox, workspace } = await begin('second', bundle);
      expect(sandbox.git('log', '--format=%s').split('\n')).toEqual(['Ours', 'Begin']);
      expect(sandbox.read('a.txt')).toBe('ours\n');
      expect(statusOf(sandbox)).toHaveLength(1);
      expect(workspace.news).toMatchObject({
        isHere: false,
        work: { commits: [{ subject: 'Theirs' }] },
      });
      // The delivery brings them together with the worker's help, and never without.
      expect(await deliver(workspace)).toMatchObject({ is: 'turn', prompt: /conflict/ });
      expect(repositories.subjects()).toEqual(['Theirs', 'Begin']);
    },
  );

  it('of a sandbox whose push came through unheard is not put on top of itself', async () => {
    const first = await begin('first');
    first.sandbox.commit('Ours', { 'task.txt': 'one\n' });
    first.sandbox.write('task.txt', 'one\ntwo\n');
    const bundle = await checkpointOf(first.workspace);
    expect(await deliver(first.workspace)).toMatchObject({ result: { is: 'delivered' } });
    const { sandbox, workspace } = await begin('second', bundle);
    expect(sandbox.git('log', '--format=%s').split('\n')).toEqual(['Do it', 'Ours', 'Begin']);
    expect(sandbox.git('status', '--porcelain')).toBe('');
    expect(workspace.news).toBeNull();
    expect(await deliver(workspace)).toMatchObject({ result: { is: 'delivered' } });
  });

  it('over a branch that a person has rewritten keeps their version', async () => {
    const first = await begin('first');
    first.sandbox.commit('Ours', { 'task.txt': 'x\n', 'wrong.txt': '!' });
    await deliver(first.workspace);
    first.sandbox.commit('More', { 'more.txt': 'm\n' });
    const bundle = await checkpointOf(first.workspace);
    const { person } = repositories;
    person.git('fetch', '--quiet', 'origin');
    person.git('checkout', '--quiet', '-B', BRANCH, `origin/${BRANCH}`);
    person.git('rm', '--quiet', 'wrong.txt');
    person.git('commit', '--quiet', '--amend', '-m', 'Ours, mended');
    person.git('push', '--quiet', '--force', 'origin', BRANCH);

    const { sandbox, workspace } = await begin('second', bundle);
    expect(sandbox.git('log', '--format=%s').split('\n')).toEqual([
      'More',
      'Ours, mended',
      'Begin',
    ]);
    await deliver(workspace);
    expect(() => repositories.fileAt('wrong.txt')).toThrow();
  });
});
