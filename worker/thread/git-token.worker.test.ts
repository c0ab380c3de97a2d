import { runInDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { adaOwns } from '../github/testing/ada.ts';
import { readKeys } from '../platform/sealed.ts';
import { secretHash } from '../platform/secret-hash.ts';
import { GitToken } from './git-token.ts';
import { fakeGitHub, openThread } from './testing/open-thread.ts';
import { ThreadStore } from './storage/thread-store.ts';

const TOKEN = 'github_pat_11OFADA0123456789';
const OTHER = 'github_pat_11OFADA9876543210';
const key = (fill: string) => fill.repeat(43);
const none = { is: 'none' };

describe('a person’s own token', () => {
  it('is used once it is stored, and never again once it is removed', async () => {
    const thread = await openThread();
    await thread.page();
    expect(await thread.stub.gitToken()).toEqual(none);
    expect(await thread.stub.changeGitToken(TOKEN)).toEqual({ is: 'done' });
    expect(await thread.stub.gitToken()).toEqual({ is: 'token', token: TOKEN });
    expect(await thread.stub.changeGitToken(OTHER)).toEqual({ is: 'done' });
    expect(await thread.stub.gitToken()).toEqual({ is: 'token', token: OTHER });
    expect(await thread.stub.changeGitToken(null)).toEqual({ is: 'done' });
    expect(await thread.stub.gitToken()).toEqual(none);
    expect(await thread.stub.changeGitToken(null)).toMatchObject({ error: 'not_found' });
  });

  it('is nowhere in what is kept or shown', async () => {
    const thread = await openThread();
    await thread.page();
    await thread.stub.changeGitToken(TOKEN);
    const kept = await runInDurableObject(thread.stub, (_, { storage }) =>
      JSON.stringify([
        ...storage.kv.list(),
        storage.sql.exec('SELECT * FROM history_outbox').toArray(),
      ]),
    );
    expect(kept).not.toContain(TOKEN);
    const shown = await thread.stub.shownGitToken();
    expect(shown).toMatchObject({ login: 'ada', refusedAt: null, closed: null });
    expect(JSON.stringify(shown)).not.toContain('github_pat');
  });

  it('that the host does not take is not stored', async () => {
    const why = 'GitHub does not take that token.';
    const thread = await openThread({
      owner: async () => ({ is: 'failed', failure: { is: 'unauthorized', why } }),
    });
    await thread.page();
    expect(await thread.stub.changeGitToken(TOKEN)).toMatchObject({ is: 'refused', text: why });
    expect(await thread.stub.gitToken()).toEqual(none);
  });

  it('has what may be worked with read anew', async () => {
    let read = 0;
    const repositories = async () => {
      read += 1;
      return { is: 'ok' as const, value: [] };
    };
    const thread = await openThread({ github: fakeGitHub({ repositories }) });
    await thread.page();
    await expect.poll(() => read).toBe(1);
    await thread.stub.changeGitToken(TOKEN);
    await expect.poll(() => read).toBe(2);
  });

  it('that was refused is said, unless it was replaced meanwhile', async () => {
    const thread = await openThread();
    await thread.page();
    await thread.stub.changeGitToken(TOKEN);
    await thread.stub.gitTokenRefused(secretHash(OTHER));
    expect(await thread.stub.shownGitToken()).toMatchObject({ refusedAt: null });
    await thread.stub.gitTokenRefused(secretHash(TOKEN));
    expect(await thread.stub.shownGitToken()).toMatchObject({ refusedAt: expect.any(Number) });
    await thread.stub.changeGitToken(OTHER);
    expect(await thread.stub.shownGitToken()).toMatchObject({ refusedAt: null });
  });

  it('is sealed with the newest key at its next use, and stays closed without its key', async () => {
    const thread = await openThread();
    await thread.page();
    await runInDurableObject(thread.stub, async (_, { storage }) => {
      const store = new ThreadStore(storage);
      const under = (keys: string | undefined) =>
        new GitToken({
          store,
          keys: () => readKeys(keys),
          owner: adaOwns,
        });
      await under(`1:${key('A')}`).change(TOKEN, 1);
      expect(store.gitToken?.sealed).toMatch(/^1\./);
      const both = `2:${key('B')},1:${key('A')}`;
      expect(await under(both).use()).toEqual({ is: 'token', token: TOKEN });
      expect(store.gitToken?.sealed).toMatch(/^2\./);
      expect(await under(`2:${key('B')}`).use()).toEqual({ is: 'token', token: TOKEN });
      expect(await under(`1:${key('A')}`).use()).toMatchObject({
        is: 'closed',
        why: expect.stringMatching(/has no key 2 any more\. Set it again/),
      });
      expect(await under(undefined).shown()).toMatchObject({ login: 'ada', closed: /no key/ });
    });
  });

  it('of another person does not open here', async () => {
    const [one, other] = [await openThread(), await openThread()];
    for (const thread of [one, other]) await thread.page();
    await one.stub.changeGitToken(TOKEN);
    const moved = await runInDurableObject(one.stub, (_, { storage }) =>
      storage.kv.get('git_token'),
    );
    await runInDurableObject(other.stub, (_, { storage }) => storage.kv.put('git_token', moved));
    expect(await other.stub.gitToken()).toMatchObject({ is: 'closed' });
  });

  it('that cannot be read is no reason to work as somebody else', async () => {
    const thread = await openThread();
    await thread.page();
    await runInDurableObject(thread.stub, (_, { storage }) =>
      storage.kv.put('git_token', { x: 1 }),
    );
    expect(await thread.stub.gitToken()).toMatchObject({ is: 'closed' });
    expect(await thread.stub.shownGitToken()).toMatchObject({ closed: /cannot be read/ });
    expect(await thread.stub.changeGitToken(null)).toEqual({ is: 'done' });
    expect(await thread.stub.gitToken()).toEqual(none);
  });
});
