import { describe, expect, it } from 'vitest';
import { api, json } from './testing/github-api.ts';

describe('checks', () => {
  const run = (changed: object) => ({ id: 7, name: 'test', status: 'completed', ...changed });

  it('of GitHub Actions that failed come with the end of their log', async () => {
    const actions = { conclusion: 'failure', app: { slug: 'github-actions' }, output: {} };
    const { port, asked } = api(
      json({ check_runs: [run(actions), run({ id: 8, name: 'lint', conclusion: 'success' })] }),
      json({ statuses: [] }),
      new Response('line 1\nError: 2 of 41 fail\n', { headers: { 'content-type': 'text/plain' } }),
    );
    expect(await port.checks('demo/tasks', 'abc', true)).toEqual({
      is: 'ok',
      value: [
        { name: 'test', state: 'failed', log: expect.stringContaining('2 of 41 fail') },
        { name: 'lint', state: 'passed', log: '' },
      ],
    });
    expect(asked[2]?.url).toContain('/actions/jobs/7/logs');
  });

  it('with a log of 60 MB come with its end only, and many with the logs of ten', async () => {
    const part = new Uint8Array(Buffer.from(`${'x'.repeat(99)}\n`.repeat(10_000)));
    const log = () => {
      let parts = 60;
      return new Response(
        new ReadableStream<Uint8Array>({
          pull(controller) {
            if (parts-- > 0) return controller.enqueue(part);
            controller.enqueue(new Uint8Array(Buffer.from('Error: 2 of 41 fail\n')));
            controller.close();
          },
        }),
        { headers: { 'content-type': 'text/plain' } },
      );
    };
    const runs = Array.from({ length: 12 }, (_, at) =>
      run({ id: at, name: `job ${at}`, conclusion: 'failure', app: { slug: 'github-actions' } }),
    );
    const { port, asked } = api(
      json({ check_runs: runs }),
      json({ statuses: [] }),
      log(),
      ...Array.from(
        { length: 9 },
        () => new Response('short', { headers: { 'content-type': 'text/plain' } }),
      ),
    );
    const checks = await port.checks('demo/tasks', 'abf', true);
    const [first, ...others] = checks.is === 'ok' ? checks.value : [];
    expect(first?.log).toMatch(/^… \(cut\)\nx.*Error: 2 of 41 fail$/s);
    expect(first?.log.length).toBeLessThan(12_100);
    expect(others.map((one) => one.log)).toEqual([...Array(9).fill('short'), '', '']);
    expect(asked.filter(({ url }) => url.endsWith('/logs'))).toHaveLength(10);
  });

  it('whose log is gone say what their run says', async () => {
    const output = { title: '2 errors', summary: null, text: null };
    const failed = run({ conclusion: 'failure', app: { slug: 'github-actions' }, output });
    const { port } = api(json({ check_runs: [failed] }), json({ statuses: [] }), json({}, 410));
    expect(await port.checks('demo/tasks', 'abd', true)).toMatchObject({
      value: [{ state: 'failed', log: '2 errors' }],
    });
  });

  it('come without their logs where nobody is to read them', async () => {
    const failed = run({ conclusion: 'failure', app: { slug: 'github-actions' }, output: {} });
    const { port, asked } = api(json({ check_runs: [failed] }), json({ statuses: [] }));
    expect(await port.checks('demo/tasks', 'abe', false)).toMatchObject({
      value: [{ name: 'test', state: 'failed', log: '' }],
    });
    expect(asked).toHaveLength(2);
  });
});

it('checks are read to the last page, and of one suite and name the newest counts', async () => {
  const run = (id: number, conclusion: string, name = `check ${id}`) => ({
    id,
    name,
    status: 'completed',
    conclusion,
    check_suite: { id: 3 },
  });
  const first = Array.from({ length: 100 }, (_, place) => run(place + 10, 'success'));
  const status = (place: number) => ({ context: `status ${place}`, state: 'success' });
  const { port, asked } = api(
    json({ check_runs: [run(500, 'success', 'test'), ...first.slice(1)] }),
    json({ check_runs: [run(1, 'failure', 'test'), run(2, 'failure', 'last')] }),
    json({ statuses: Array.from({ length: 100 }, (_, place) => status(place)) }),
    json({ statuses: [{ context: 'status 100', state: 'failure' }] }),
  );
  const found = await port.checks('demo/tasks', 'fff', true);
  const failed = found.is === 'ok' ? found.value.filter(({ state }) => state === 'failed') : [];
  expect(failed.map(({ name }) => name)).toEqual(['status 100', 'last']);
  expect(asked.map(({ url }) => new URL(url).searchParams.get('page'))).toEqual([
    '1',
    '2',
    '1',
    '2',
  ]);
});

describe('of checks with the same name', () => {
  const run = (id: number, suite: number, conclusion: string, slug = 'github-actions') => ({
    id,
    name: 'test',
    status: 'completed',
    conclusion,
    app: { slug },
    check_suite: { id: suite },
  });
  const workflow = (suite: number, id: number, event = 'pull_request') => ({
    check_suite_id: suite,
    workflow_id: id,
    event,
  });
  const statesOf = async (...answers: Response[]) => {
    const { port, asked } = api(...answers);
    const found = await port.checks('demo/tasks', 'abc', false);
    const states = found.is === 'ok' ? found.value.map(({ state }) => state).toSorted() : found;
    return { states, asked };
  };
  const none = json({ statuses: [] });
  const redThenGreen = () => json({ check_runs: [run(1, 10, 'failure'), run(2, 20, 'success')] });

  it('those of two workflows both count, whichever came later', async () => {
    const workflows = json({ workflow_runs: [workflow(10, 100), workflow(20, 200)] });
    const { states, asked } = await statesOf(redThenGreen(), none.clone(), workflows);
    expect(states).toEqual(['failed', 'passed']);
    expect(new URL(asked[2]?.url ?? '').searchParams.get('head_sha')).toBe('abc');
  });

  it('a second suite of the same workflow and event is a newer try, whichever its end', async () => {
    const workflows = () => json({ workflow_runs: [workflow(10, 100), workflow(20, 100)] });
    const later = await statesOf(redThenGreen(), none.clone(), workflows());
    expect(later.states).toEqual(['passed']);
    const runs = json({ check_runs: [run(1, 10, 'success'), run(2, 20, 'failure')] });
    expect((await statesOf(runs, none.clone(), workflows())).states).toEqual(['failed']);
  });

  it('the same workflow on another event counts by itself', async () => {
    const workflows = json({ workflow_runs: [workflow(10, 100, 'push'), workflow(20, 100)] });
    expect((await statesOf(redThenGreen(), none.clone(), workflows)).states).toEqual([
      'failed',
      'passed',
    ]);
  });

  it('each suite counts where the workflows cannot be read, and nothing does while the host does not tell', async () => {
    const hidden = await statesOf(redThenGreen(), none.clone(), json({}, 404));
    expect(hidden.states).toEqual(['failed', 'passed']);
    const refused = json({}, 401);
    expect((await statesOf(redThenGreen(), none.clone(), refused)).states).toMatchObject({
      is: 'failed',
      failure: { is: 'unauthorized' },
    });
  });

  it('a rerun in the same suite replaces what it repeats, and workflows are asked for only in doubt', async () => {
    const runs = json({
      check_runs: [run(1, 10, 'failure'), run(3, 10, 'success'), run(2, 20, 'success')],
    });
    const { states, asked } = await statesOf(runs, none.clone());
    expect(states).toEqual(['passed', 'passed']);
    expect(asked).toHaveLength(2);
  });

  it('those of two suites of another app both count', async () => {
    const runs = [run(1, 10, 'failure', 'a-ci'), run(2, 20, 'success', 'a-ci')];
    const { states, asked } = await statesOf(json({ check_runs: runs }), none.clone());
    expect(states).toEqual(['failed', 'passed']);
    expect(asked).toHaveLength(2);
  });

  it('a commit status and a check run do not hide each other', async () => {
    const runs = json({ check_runs: [run(1, 10, 'success')] });
    const statuses = json({ statuses: [{ context: 'test', state: 'failure' }] });
    expect((await statesOf(runs, statuses)).states).toEqual(['failed', 'passed']);
  });
});
