import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Delivery } from './delivery.ts';
import { BRANCH, BRIEF, type Repositories, makeRepositories } from './testing/repositories.ts';
import { beginWork } from './workspace.ts';
import {
  HANDOVER,
  begin,
  personOnBranch,
  personPushes,
  resultOf,
  promptOf,
  delivered,
} from './testing/delivering.ts';

let repositories: Repositories;
beforeEach(() => {
  repositories = makeRepositories();
});
afterEach(() => repositories.remove());

describe('a follow-up', () => {
  it('begins with what the person pushed after the delivery, and is told of it', async () => {
    await delivered(repositories);
    personPushes(repositories, 'Theirs', { 'person.txt': 'p\n' });
    const { sandbox, workspace, delivery } = await begin(repositories, 'second');
    expect(sandbox.read('person.txt')).toBe('p\n');
    expect(workspace.news).toMatchObject({
      isHere: true,
      work: { commits: [{ subject: 'Theirs' }] },
    });
    sandbox.commit('Follow-up', { 'task.txt': 'y\n' });
    expect(resultOf(await delivery.next(HANDOVER))).toMatchObject({ is: 'delivered' });
    expect(repositories.subjects()).toEqual(['Follow-up', 'Theirs', 'Ours', 'Begin']);
  });

  it('that comes to a person’s amended commit keeps their version, ours on top', async () => {
    const { sandbox, delivery } = await delivered(repositories, 'first', {
      'task.txt': 'x\n',
      'wrong.txt': '!',
    });
    sandbox.commit('More', { 'more.txt': 'm\n' });
    const person = personOnBranch(repositories);
    person.git('rm', '--quiet', 'wrong.txt');
    person.git('commit', '--quiet', '--amend', '-m', 'Ours, mended');
    person.git('push', '--quiet', '--force', 'origin', BRANCH);
    promptOf(await delivery.next(HANDOVER));
    expect(resultOf(await delivery.next(HANDOVER))).toMatchObject({ is: 'delivered' });
    expect(repositories.subjects()).toEqual(['More', 'Ours, mended', 'Begin']);
    // A merge would have brought it back.
    expect(() => repositories.fileAt('wrong.txt')).toThrow();
  });

  it('that rewrites its own commits pushes them over its own, and over nobody else’s', async () => {
    const { sandbox, delivery } = await delivered(repositories);
    sandbox.git('commit', '--quiet', '--amend', '-m', 'Ours, better said');
    expect(resultOf(await delivery.next(HANDOVER))).toMatchObject({ is: 'delivered' });
    expect(repositories.subjects()).toEqual(['Ours, better said', 'Begin']);

    personPushes(repositories, 'Theirs', { 'person.txt': 'p\n' });
    const next = await begin(repositories, 'second');
    next.sandbox.git('reset', '--quiet', '--hard', 'HEAD~2');
    next.sandbox.commit('Anew', { 'anew.txt': 'x\n' });
    promptOf(await next.delivery.next(HANDOVER));
    expect(resultOf(await next.delivery.next(HANDOVER))).toMatchObject({ is: 'delivered' });
    expect(repositories.subjects()?.slice(0, 2)).toEqual(['Anew', 'Theirs']);
  });

  it('that takes everything back is a change', async () => {
    await delivered(repositories);
    const { sandbox, delivery } = await begin(repositories, 'second');
    sandbox.git('revert', '--no-edit', 'HEAD');
    expect(resultOf(await delivery.next(HANDOVER))).toMatchObject({ is: 'delivered' });
  });

  it('creates the branch again where somebody deleted it', async () => {
    await delivered(repositories);
    const { sandbox, delivery } = await begin(repositories, 'second');
    personOnBranch(repositories).git('push', '--quiet', 'origin', '--delete', BRANCH);
    sandbox.commit('Follow-up', { 'task.txt': 'y\n' });
    expect(resultOf(await delivery.next(HANDOVER))).toMatchObject({ is: 'delivered' });
    expect(repositories.subjects()).toEqual(['Follow-up', 'Ours', 'Begin']);
  });
});

describe('work from scratch', () => {
  const fresh = { ...BRIEF, fresh: true };

  it('drops what the task itself had pushed', async () => {
    await delivered(repositories);
    const sandbox = repositories.sandbox('second');
    const { runner, root, directory } = sandbox;
    const workspace = await beginWork(runner, root, directory, fresh, null);
    sandbox.commit('Anew', { 'task.txt': 'anew\n' });
    resultOf(
      await new Delivery(
        workspace,
        fresh,
        () => {},
        async () => ({ is: 'clear' }),
      ).next(HANDOVER),
    );
    expect(repositories.subjects()).toEqual(['Anew', 'Begin']);
  });

  it('begins with what somebody else committed, where they did', async () => {
    await delivered(repositories);
    personPushes(repositories, 'Theirs', { 'person.txt': 'p\n' });
    const { runner, root, directory, git } = repositories.sandbox('second');
    await beginWork(runner, root, directory, fresh, null);
    expect(git('log', '-1', '--format=%s')).toBe('Theirs');
  });
});
