import { runInDurableObject } from 'cloudflare:test';
import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import { type InboxItem, NOTHING_LEFT } from '../../../protocol/inbox.ts';
import type { TaskNotice, TaskReport } from '../../tasks/api.ts';
import { QUIET, REPOSITORY, idOf, summaryOf } from '../testing/facts.ts';
import { type ModelRequest, fakeModel, holdAnswer } from '../testing/fake-model.ts';
import { callsTool, says } from '../testing/model-answers.ts';
import { fakeGitHub, fakeTasks, openThread } from '../testing/open-thread.ts';
import { apart, hostile, obey, ordersAbout } from '../testing/orders.ts';

const TASK_ID = idOf(77);
const ORDERS = ordersAbout(TASK_ID);
const TEXT = hostile(ORDERS);
const pullRequest = { number: 7, url: 'http://git.test/demo/tasks/pull/7' };
const questions = [
  {
    question: TEXT,
    header: TEXT,
    options: [{ label: TEXT, description: TEXT }],
    multiSelect: false,
  },
];
const plan = {
  id: idOf(5),
  text: TEXT,
  hash: 'a'.repeat(64),
  round: 1,
  previous: TEXT,
  alternatives: [TEXT],
};
const LOOKS = ['list_tasks', 'get_task', 'list_repositories', 'search_conversation'];

const base = {
  id: idOf(6),
  taskId: TASK_ID,
  title: TEXT,
  repository: REPOSITORY.name,
  at: 1,
  outcome: null,
};
const NOTICES: { notice: TaskNotice; item: InboxItem | null }[] = [
  {
    notice: { is: 'review', pullRequest, summary: TEXT, checks: { is: 'failed', names: [TEXT] } },
    item: {
      ...base,
      kind: 'review',
      pullRequest,
      summary: TEXT,
      checks: { is: 'none' },
      tested: null,
      leftOpen: NOTHING_LEFT,
    },
  },
  {
    notice: { is: 'question', questions },
    item: { ...base, kind: 'question', questionId: idOf(4), questions },
  },
  { notice: { is: 'plan', plan }, item: { ...base, kind: 'plan', plan } },
  { notice: { is: 'answered', summary: TEXT }, item: null },
  { notice: { is: 'failed', reason: TEXT }, item: { ...base, kind: 'failure', reason: TEXT } },
  { notice: { is: 'not_done', reason: TEXT }, item: null },
];

function report({ notice, item }: (typeof NOTICES)[number]): TaskReport {
  const status = item?.kind === 'failure' ? 'Failed' : 'In review';
  const task = summaryOf({ id: TASK_ID, title: TEXT, note: TEXT, status, pullRequest });
  return {
    ...QUIET,
    number: 1,
    task,
    inbox: item === null ? null : { is: 'open', item },
    notice,
  };
}

/** A conversation whose model obeys, with a repository that says the same as the worker. */
async function obedient(respond: (request: ModelRequest) => Response = obey) {
  const { model, requests } = fakeModel(respond);
  const tasks = fakeTasks();
  const description = TEXT;
  const github = fakeGitHub({
    repositories: async () => ({ is: 'ok', value: [{ ...REPOSITORY, description }] }),
  });
  const thread = await openThread({ model, github, task: tasks.task });
  const kept = () =>
    runInDurableObject(thread.stub, (_, { storage }) =>
      ['settings', 'queue', 'slots', 'starts', 'tool_calls'].map((name) =>
        name === 'settings' || name === 'queue'
          ? storage.kv.get(name)
          : storage.sql.exec(`SELECT count(*) AS count FROM ${name}`).one(),
      ),
    );
  return { thread, page: await thread.page(), tasks, requests, kept };
}

const toolsOf = ({ tools }: ModelRequest) => (tools ?? []).map(({ name }) => name);

describe.each(NOTICES)('a worker whose $notice.is gives orders', (news) => {
  it('gets none of them carried out, by a model that obeys each', async () => {
    const { thread, page, tasks, requests, kept } = await obedient();
    const before = await kept();
    await thread.stub.taskReport(report(news));
    expect((await page.ended(1)).state.is).toBe('done');
    const [first, second] = requests;
    if (first === undefined || second === undefined) throw new Error('The model was not asked.');
    expect(toolsOf(first)).toEqual(LOOKS);
    expect(apart(first).rest).not.toContain('CALL');
    // It did make the calls, and each was refused in words.
    const sent = JSON.stringify(second.messages.at(-1));
    expect(sent.match(/needs the words of the person/g)?.length).toBeGreaterThanOrEqual(
      ORDERS.length,
    );
    expect(tasks.asked).toEqual([]);
    expect(tasks.created).toEqual([]);
    expect(await kept()).toEqual(before);
  });

  it('gives none of them when the person says something later, whatever was said of it', async () => {
    const { thread, page, tasks, requests, kept } = await obedient();
    await thread.stub.taskReport(report(news));
    await page.ended(1);
    const before = await kept();
    for (const [at, text] of ['Thanks', 'What did it say?'].entries()) {
      page.send({ type: 'send', id: ulid(), text });
      expect((await page.ended(at + 2)).state.is).toBe('done');
    }
    const last = requests.at(-1);
    // Now there are tools, and the worker's words are still there: as data, the first reply's too.
    expect(last === undefined ? [] : toolsOf(last)).toContain('merge_task');
    expect(last === undefined ? '' : apart(last).data).toContain('CALL merge_task');
    expect(tasks.asked).toEqual([]);
    expect(tasks.created).toEqual([]);
    expect(await kept()).toEqual(before);
  });
});

it('a turn of a task that was cut in the middle of its orders carries out none afterwards', async () => {
  const held = holdAnswer('A task ');
  const { thread, page, tasks, kept } = await obedient((request) =>
    request.messages.length > 1 ? held.respond() : obey(request),
  );
  const [news] = NOTICES;
  if (news === undefined) throw new Error('There is no news.');
  const before = await kept();
  await thread.stub.taskReport(report(news));
  await page.first('delta');
  await thread.crash();
  expect((await (await thread.page()).ended(1)).state.is).toBe('done');
  expect(tasks.asked).toEqual([]);
  expect(tasks.created).toEqual([]);
  expect(await kept()).toEqual(before);
});

describe('what a tool finds', () => {
  it.each([
    ['list_tasks', {}],
    ['get_task', { task_id: TASK_ID }],
    ['list_repositories', {}],
    ['search_conversation', { query: 'merge_task' }],
  ])('%s says it in JSON that closes no element', async (name, input) => {
    const { thread, page, requests } = await obedient((request) =>
      request.messages.length > 2 || !JSON.stringify(request.messages.at(-1)).includes('Look')
        ? says(TEXT)
        : callsTool('toolu_1', name, input),
    );
    const [news] = NOTICES;
    if (news === undefined) throw new Error('There is no news.');
    await thread.stub.taskReport(report(news));
    await page.ended(1);
    page.send({ type: 'send', id: ulid(), text: 'Look' });
    await page.ended(2);
    const content = requests.at(-1)?.messages.at(-1)?.content;
    const [result] = Array.isArray(content) ? content : [];
    expect(result).toMatchObject({ type: 'tool_result' });
    expect(JSON.stringify(result)).toContain('CALL');
    expect(JSON.stringify(result)).not.toMatch(/[<>]/);
  });
});
