import { describe, expect, it, vi } from 'vitest';
import { ENV, api, apiAt, json } from './testing/github-api.ts';

const PULL = { number: 7, html_url: 'http://github.test/demo/tasks/pull/7', state: 'open' };
const WHOLE = {
  ...PULL,
  node_id: 'PR_7',
  draft: true,
  mergeable: null,
  head: { sha: 'a'.repeat(40) },
};

describe('GitHub’s API', () => {
  it('is asked with the installation’s token', async () => {
    const { port, asked } = api(
      json({ full_name: 'demo/tasks', default_branch: 'main', private: true }),
    );
    expect(await port.repository('demo/tasks')).toEqual({
      is: 'ok',
      value: { name: 'demo/tasks', defaultBranch: 'main', description: null, private: true },
    });
    expect(asked).toMatchObject([
      { url: 'http://github.test/api/repos/demo/tasks', authorization: 'token test-token' },
    ]);
  });

  it('is asked for names as they are, also where an address would end in one', async () => {
    const { port, asked } = api(json({ object: { sha: 'a'.repeat(40) } }), json([PULL]));
    await port.branchHead('octo_corp/repo', 'release#1/a+b');
    await port.pullRequestOf('octo_corp/repo', 'release#1/a+b');
    const [head, pulls] = asked.map(({ url }) => new URL(url));
    expect(decodeURIComponent(head?.pathname ?? '')).toBe(
      '/api/repos/octo_corp/repo/git/ref/heads/release#1/a+b',
    );
    expect(head?.hash).toBe('');
    expect(pulls?.searchParams.get('head')).toBe('octo_corp:release#1/a+b');
  });

  it('lists only repositories that the token may push to, and that can be worked with', async () => {
    const one = (name: string, push?: boolean) => ({
      full_name: name,
      default_branch: 'main',
      private: false,
      ...(push !== undefined && { permissions: { push } }),
    });
    const odd = { ...one('a/odd', true), default_branch: 'feat(x)' };
    const { port } = api(json([one('a/yes', true), one('a/no', false), odd, one('a/unsaid')]));
    const listed = await port.repositories();
    expect(listed.is === 'ok' && listed.value.map(({ name }) => name)).toEqual([
      'a/yes',
      'a/unsaid',
    ]);
  });

  it('has no commit for a branch that is not there', async () => {
    const { port } = api(json({ message: 'Not Found' }, 404));
    expect(await port.branchHead('demo/tasks', 'x')).toEqual({ is: 'ok', value: null });
  });

  it('compares two commits, and does not where it lacks one', async () => {
    const [one, other] = ['b'.repeat(40), 'c'.repeat(40)];
    const known = api(json({ status: 'ahead', ahead_by: 2, commits: [] }));
    const compared = { is: 'ok', value: 'ahead' };
    expect(await known.port.compare('demo/tasks', one, other)).toEqual(compared);
    const { pathname } = new URL(known.asked[0]?.url ?? '');
    expect(pathname.endsWith(`/repos/demo/tasks/compare/${one}...${other}`)).toBe(true);
    const { port } = api(json({ message: 'Not Found' }, 404));
    expect(await port.compare('demo/tasks', one, other)).toEqual({ is: 'ok', value: null });
  });

  it('looks for a pull request from the branch itself, in whichever state', async () => {
    const { port, asked } = api(json([{ ...PULL, state: 'closed', merged_at: '2026-01-01' }]));
    expect(await port.pullRequestOf('demo/tasks', 'mainloop/x')).toEqual({
      is: 'ok',
      value: { number: 7, url: PULL.html_url, state: 'merged' },
    });
    const { searchParams } = new URL(asked[0]?.url ?? '');
    expect(Object.fromEntries(searchParams)).toMatchObject({
      head: 'demo:mainloop/x',
      state: 'all',
    });
  });

  it.each([
    [{}, 'open'],
    [{ state: 'closed', merged: false, merged_at: null }, 'closed'],
    [{ state: 'closed', merged: true }, 'merged'],
  ])('tells that %o is %s', async (given, state) => {
    const { port } = api(json({ ...WHOLE, ...given }));
    expect(await port.pullRequest('demo/tasks', 7)).toMatchObject({ is: 'ok', value: { state } });
  });

  it('opens drafts', async () => {
    const { port, asked } = api(json(PULL, 201));
    const draft = {
      repository: 'demo/tasks',
      branch: 'b',
      baseBranch: 'main',
      title: 't',
      body: '',
    };
    expect(await port.createDraft(draft)).toEqual({
      is: 'ok',
      value: { number: 7, url: PULL.html_url },
    });
    expect(asked).toMatchObject([
      { method: 'POST', body: { draft: true, head: 'b', base: 'main', title: 't' } },
    ]);
  });

  it('merges a head under words of its own', async () => {
    const { port, asked } = api(json({ merged: true }));
    const words = { title: 'Add a flag (#7)', message: 'Mainloop task 1' };
    expect(await port.merge('demo/tasks', 7, 'abc', words)).toEqual({
      is: 'ok',
      value: { is: 'merged' },
    });
    const body = { sha: 'abc', commit_title: words.title, commit_message: words.message };
    expect(asked).toMatchObject([{ method: 'PUT', body }]);
  });
});

describe('when it fails', () => {
  const refused = { repository: 'demo/tasks', branch: 'b', baseBranch: 'm', title: 't', body: '' };

  it('reading is tried again', async () => {
    const { port, asked } = api(json({}, 502), new TypeError('connection reset'), json(WHOLE));
    expect(await port.pullRequest('demo/tasks', 7)).toMatchObject({ is: 'ok' });
    expect(asked).toHaveLength(3);
  });

  it('creating is not, because the answer alone may be lost', async () => {
    const { port, asked } = api(new TypeError('connection reset'), json(PULL, 201));
    const failed = { is: 'failed', failure: { is: 'unreachable' } };
    expect(await port.createDraft(refused)).toEqual(failed);
    expect(asked).toHaveLength(1);
  });

  it('its refusals are understood', async () => {
    const { port } = api(json({ message: 'Validation Failed' }, 422));
    expect(await port.createDraft(refused)).toMatchObject({
      is: 'failed',
      failure: { is: 'refused', status: 422, message: /Validation Failed/ },
    });
  });

  it('is left alone for as long as it says, by all that ask it', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const limited = json({ message: 'secondary rate limit' }, 403, { 'retry-after': '30' });
    const env = { ...ENV, GITHUB_API_URL: 'http://limits.test/api' };
    const { port, asked } = apiAt(env, limited, json(WHOLE));
    const wait = (retryAfterMs: number) => ({
      is: 'failed',
      failure: { is: 'limited', retryAfterMs },
    });
    expect(await port.createDraft(refused)).toEqual(wait(30_000));
    vi.setSystemTime(Date.now() + 26_999);
    const other = apiAt(env);
    expect(await other.port.pullRequest('demo/tasks', 8)).toEqual(wait(3_001));
    expect([...asked, ...other.asked]).toHaveLength(1);
    vi.setSystemTime(Date.now() + 3_001);
    expect(await port.pullRequest('demo/tasks', 8)).toMatchObject({ is: 'ok' });
    vi.useRealTimers();
  });

  it('an answer that is not GitHub’s counts as away', async () => {
    const { port } = api(json({ hello: 'world' }), json({}), json({}));
    expect(await port.pullRequest('demo/tasks', 7)).toEqual({
      is: 'failed',
      failure: { is: 'unreachable' },
    });
  });
});

describe('what has not changed', () => {
  it('is asked for by its ETag, and known from before', async () => {
    const other = { ...WHOLE, number: 99 };
    const notModified = new Response(null, { status: 304 });
    const { port, asked } = api(json(other, 200, { etag: 'W/"one"' }), notModified);
    const first = await port.pullRequest('demo/etag', 99);
    expect(await port.pullRequest('demo/etag', 99)).toEqual(first);
    expect(asked.map(({ etag }) => etag)).toEqual([null, 'W/"one"']);
  });

  it('is not what was never understood', async () => {
    const broken = () => json({ hello: 'world' }, 200, { etag: 'W/"broken"' });
    const { port, asked } = api(broken(), broken(), broken(), json({ ...WHOLE, number: 98 }));
    expect(await port.pullRequest('demo/etag', 98)).toMatchObject({ is: 'failed' });
    expect(await port.pullRequest('demo/etag', 98)).toMatchObject({ is: 'ok' });
    expect(asked.map(({ etag }) => etag)).toEqual([null, null, null, null]);
  });
});

describe('an issue', () => {
  const issue = {
    title: 'Add export',
    body: 'As CSV.',
    key: 'task:1',
    since: Date.UTC(2026, 0, 2, 9),
  };
  const open = { number: 3, html_url: 'http://github.test/demo/tasks/issues/3' };

  it('is opened with its mark, once', async () => {
    const { port, asked } = api(json([]), json({ ...open, body: '' }, 201));
    expect(await port.openIssue('demo/tasks', issue)).toMatchObject({ value: { number: 3 } });
    const body = 'As CSV.\n\n<!-- mainloop:task:1 -->';
    expect(asked[1]).toMatchObject({ method: 'POST', body: { title: 'Add export', body } });
    const again = api(json([{ ...open, body }]));
    expect(await again.port.openIssue('demo/tasks', issue)).toMatchObject({ value: { number: 3 } });
    expect(again.asked).toHaveLength(1);
  });

  it('is found again among all issues and pull requests since its task began', async () => {
    const pulls = Array.from({ length: 100 }, () => ({ ...open, number: 9, pull_request: {} }));
    const body = 'As CSV.\n\n<!-- mainloop:task:1 -->';
    const { port, asked } = api(json(pulls), json([...pulls.slice(90), { ...open, body }]));
    expect(await port.openIssue('demo/tasks', issue)).toMatchObject({ value: { number: 3 } });
    const queries = asked.map(({ url }) => new URL(url).searchParams);
    expect(queries.map((query) => query.get('page'))).toEqual(['1', '2']);
    expect(queries[0]?.get('since')).toBe('2026-01-02T08:00:00.000Z');
  });

  it('is commented on once under a key', async () => {
    const comment = { id: 5, body: 'Hi.\n\n<!-- mainloop:k -->', created_at: '2026-01-01' };
    const { port, asked } = api(json([comment]));
    expect(await port.comment('demo/tasks', 4, 'k', 'Hi.')).toEqual({ is: 'ok', value: null });
    expect(asked).toHaveLength(1);
  });
});

it('a comment as long as a book is read in part, with the mark at its end', async () => {
  const body = `${'x'.repeat(65_000)}\n\n<!-- mainloop:plan:1 -->`;
  const { port } = api(json([{ id: 1, body, user: null, created_at: '2026-01-01T00:00:00Z' }]));
  const comments = await port.issueComments('demo/tasks', 78);
  const [first] = comments.is === 'ok' ? comments.value : [];
  expect(first?.body.length).toBeLessThan(10_000);
  expect(first?.body).toMatch(/^xxx.*<!-- mainloop:plan:1 -->$/s);
});

it('an answer without an end is given up', async () => {
  let pulled = 0;
  const endless = () =>
    new Response(
      new ReadableStream<Uint8Array>({
        pull(controller) {
          pulled++;
          controller.enqueue(new Uint8Array(1_000_000).fill(32));
        },
      }),
      { headers: { 'content-type': 'application/json' } },
    );
  const { port } = api(endless(), endless(), endless());
  expect(await port.issueComments('demo/tasks', 79)).toMatchObject({ is: 'failed' });
  expect(pulled).toBeLessThan(3 * 30);
});

it('all pages of what was said are read', async () => {
  const comment = (id: number) => ({
    id,
    body: `Comment ${id}`,
    user: { login: 'ana', type: 'User' },
    author_association: 'OWNER',
    created_at: '2026-01-01T00:00:00Z',
  });
  const first = Array.from({ length: 100 }, (_, place) => comment(place + 1));
  const { port, asked } = api(json(first), json([comment(101)]));
  const found = await port.issueComments('demo/tasks', 3);
  expect(found.is === 'ok' && found.value).toHaveLength(101);
  expect(asked.map(({ url }) => new URL(url).searchParams.get('page'))).toEqual(['1', '2']);
});

it('a list without an end is cut at 3,000 entries', async () => {
  const page = () =>
    json(
      Array.from({ length: 100 }, () => ({
        id: 1,
        body: '',
        user: null,
        created_at: '2026-01-01',
      })),
    );
  const { port, asked } = api(...Array.from({ length: 40 }, page));
  const found = await port.issueComments('demo/tasks', 77);
  expect(found.is === 'ok' && found.value).toHaveLength(3_000);
  expect(asked).toHaveLength(30);
});
