import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import { BranchName, TaskId } from '../../../protocol/ids.ts';
import type { MainloopMessage } from '../../../protocol/message.ts';
import type { ThreadClient } from '../testing/client.ts';
import { type ModelRequest, fakeModel, lastText } from '../testing/fake-model.ts';
import { REPOSITORY } from '../testing/facts.ts';
import { answer, callsTool, says } from '../testing/model-answers.ts';
import { type FakeTasks, fakeGitHub, fakeTasks, openThread } from '../testing/open-thread.ts';

const START = {
  repository: 'demo/tasks',
  title: 'Add a --json flag',
  prompt: 'Add it and test it.',
};

type Said = {
  page: ThreadClient;
  reply: MainloopMessage;
  requests: ModelRequest[];
  tasks: FakeTasks;
};

/** Asks a model that answers as listed, each by the number of its request. */
async function ask(
  answers: (() => Response)[],
  around: { tasks?: FakeTasks; github?: ReturnType<typeof fakeGitHub> } = {},
): Promise<Said> {
  const { tasks = fakeTasks(), github = fakeGitHub() } = around;
  const { model, requests } = fakeModel((_, number) => answers[number - 1]?.() ?? says('Done.'));
  const thread = await openThread({ model, github, task: tasks.task });
  const page = await thread.page();
  page.send({ type: 'send', id: ulid(), text: 'Please' });
  return { page, reply: await page.ended(1), requests, tasks };
}

/** What the model was told about its calls, in its newest request. */
const resultOf = ({ requests }: Said): string => {
  const last = requests.at(-1);
  return last === undefined ? '' : lastText(last);
};

describe('start_task', () => {
  const start =
    (input: unknown = START) =>
    () =>
      callsTool('toolu_1', 'start_task', input);

  it('creates the task as it was asked for, with Opus and the default branch', async () => {
    const said = await ask([start()]);
    const [spec] = said.tasks.created;
    expect(said.tasks.created).toHaveLength(1);
    expect(spec).toMatchObject({ ...START, baseBranch: 'main', model: 'opus' });
    expect(TaskId.safeParse(spec?.taskId).success).toBe(true);
    expect(BranchName.safeParse(spec?.branch).success).toBe(true);
    expect(resultOf(said)).toContain(spec?.taskId);
  });

  it('puts the card below the reply and the task’s summary into the log', async () => {
    const { page, reply, tasks } = await ask([start(), () => says('On it.')]);
    const taskId = tasks.created[0]?.taskId;
    expect(reply).toMatchObject({ text: 'On it.', taskIds: [taskId], state: { is: 'done' } });
    expect(
      page.entries().flatMap(({ change }) => (change.type === 'task' ? [change.task] : [])),
    ).toMatchObject([{ id: taskId, title: START.title, status: 'Queued' }]);
  });

  it('takes the model and the branch that the person wants', async () => {
    const { tasks } = await ask([start({ ...START, model: 'haiku', base_branch: 'main' })]);
    expect(tasks.created[0]).toMatchObject({ model: 'haiku', baseBranch: 'main' });
  });

  it('creates one task however often the model repeats the same call', async () => {
    const said = await ask([start(), start(), start()]);
    expect(said.tasks.created).toHaveLength(1);
    expect(said.reply.taskIds).toEqual([said.tasks.created[0]?.taskId]);
    expect(resultOf(said)).toContain(said.tasks.created[0]?.taskId);
  });

  it('creates as many tasks as there are calls in one answer, in order', async () => {
    const { tasks, reply } = await ask([
      () =>
        answer([
          { text: 'Three things.' },
          ...['a', 'b', 'c'].map((title) => ({
            id: `toolu_${title}`,
            name: 'start_task',
            input: { ...START, title },
          })),
        ]),
    ]);
    expect(tasks.created.map(({ title }) => title)).toEqual(['a', 'b', 'c']);
    expect(new Set(reply.taskIds).size).toBe(3);
    expect(reply.taskIds).toEqual(tasks.created.map(({ taskId }) => taskId));
    expect(reply.text).toBe('Three things.\n\nDone.');
  });

  it('asks the git host once for all of an answer’s calls that name the same place', async () => {
    const asked: string[] = [];
    const { repository, branchHead } = fakeGitHub();
    const github = fakeGitHub({
      repository: (name) => {
        asked.push(name);
        return repository(name);
      },
      branchHead: (name, branch) => {
        asked.push(`${name} ${branch}`);
        return branchHead(name, branch);
      },
    });
    const calls = (names: readonly string[], base_branch: string) =>
      names.map((title) => ({
        id: `toolu_${title}`,
        name: 'start_task',
        input: { ...START, title, base_branch },
      }));
    const said = await ask(
      [() => answer([...calls(['a', 'b', 'c'], 'main'), ...calls(['d', 'e'], 'gone')])],
      { github },
    );
    expect(said.tasks.created.map(({ title }) => title)).toEqual(['a', 'b', 'c']);
    expect(asked).toEqual(['demo/tasks', 'demo/tasks main', 'demo/tasks gone']);
  });

  it('keeps the task’s id when its creation’s answer was lost and the model tries again', async () => {
    const tasks = fakeTasks();
    const { task } = tasks;
    let calls = 0;
    tasks.task = (personId, taskId) => ({
      ...task(personId, taskId),
      create: async (spec) => {
        const created = await task(personId, taskId).create(spec);
        if (++calls === 1) throw new Error('the answer was lost');
        return created;
      },
    });
    const { reply } = await ask([start(), start()], { tasks });
    expect(new Set(tasks.created.map(({ taskId }) => taskId)).size).toBe(1);
    expect(reply.taskIds).toEqual([tasks.created[0]?.taskId]);
  });

  const REFUSED: Record<string, { input: unknown; words: RegExp }> = {
    'a repository that is not there': {
      input: { ...START, repository: 'demo/nothing' },
      words: /does not know demo\/nothing/,
    },
    'what is no repository': { input: { ...START, repository: 'nothing' }, words: /repository/ },
    'an option as a repository': {
      input: { ...START, repository: '--upload-pack=x/y' },
      words: /repository/,
    },
    'a branch that is not there': {
      input: { ...START, base_branch: 'nothing' },
      words: /no branch nothing/,
    },
    'a model that nobody knows': { input: { ...START, model: 'gpt' }, words: /model/ },
    'no instruction': { input: { repository: 'demo/tasks', title: 'x' }, words: /prompt/ },
    'an input that is no object': { input: [], words: /input/ },
  };

  it.each(Object.entries(REFUSED))('tells the model in words: %s', async (_, { input, words }) => {
    const said = await ask([start(input), () => says('That cannot be done.')]);
    expect(resultOf(said)).toContain('"is_error":true');
    expect(resultOf(said)).toMatch(words);
    expect(said.tasks.created).toEqual([]);
    expect(said.reply).toMatchObject({ text: 'That cannot be done.', taskIds: [] });
  });

  it('tells the model when the git host is down', async () => {
    const github = fakeGitHub({
      repository: async () => ({ is: 'failed', failure: { is: 'unreachable' } }),
    });
    const said = await ask([start()], { github });
    expect(resultOf(said)).toMatch(/cannot be reached/);
    expect(said.tasks.created).toEqual([]);
  });

  it('tells the model which branches it does not work with, and begins at one that it does', async () => {
    const odd = { ...REPOSITORY, defaultBranch: 'feat$(x)' };
    const github = fakeGitHub({
      repository: async () => ({ is: 'ok', value: odd }),
      branchHead: async () => ({ is: 'ok', value: 'a'.repeat(40) }),
    });
    const said = await ask([start()], { github });
    expect(resultOf(said)).toContain('feat$(x)');
    expect(said.tasks.created).toEqual([]);
    const named = await ask([start({ ...START, base_branch: 'release#1' })], { github });
    expect(named.tasks.created).toMatchObject([{ baseBranch: 'release#1' }]);
  });

  it('is not carried out when the answer was cut off in the middle of it', async () => {
    const half = JSON.stringify(START).slice(0, -8);
    const call = { id: 'toolu_1', name: 'start_task', input: half };
    const said = await ask([() => answer([call], 'max_tokens')]);
    expect(said.tasks.created).toEqual([]);
    expect(said.reply.state).toMatchObject({ is: 'failed' });
  });

  it('is not carried out when its input is garbage', async () => {
    const said = await ask([start('{"repository": nonsense')]);
    expect(said.tasks.created).toEqual([]);
    expect(said.reply.state.is).not.toBe('streaming');
  });
});

describe('the other tools', () => {
  it('know only tasks of this person', async () => {
    for (const [name, more] of [
      ['get_task', {}],
      ['message_task', { text: 'Use tabs' }],
      ['cancel_task', {}],
    ] as const) {
      const said = await ask([() => callsTool('toolu_1', name, { task_id: ulid(), ...more })]);
      expect(resultOf(said)).toMatch(/no such task/);
      expect(said.tasks.asked).toEqual([]);
    }
  });

  it('reach a task that was started, each call once', async () => {
    const tasks = fakeTasks();
    const taskId = () => tasks.created[0]?.taskId ?? '';
    const tell = () =>
      callsTool('toolu_2', 'message_task', { task_id: taskId(), text: 'Use tabs' });
    const said = await ask(
      [
        () => callsTool('toolu_1', 'start_task', START),
        tell,
        tell,
        () => callsTool('toolu_3', 'cancel_task', { task_id: taskId() }),
        () => callsTool('toolu_4', 'list_tasks', {}),
        () => callsTool('toolu_5', 'get_task', { task_id: taskId() }),
      ],
      { tasks },
    );
    const by = { is: 'conversation' };
    const message = { do: 'message', text: 'Use tabs', when: 'now' };
    // Its slot came with it.
    expect(tasks.granted).toEqual([taskId()]);
    expect(tasks.asked).toEqual([
      { taskId: taskId(), id: 'toolu_2', command: message, by },
      { taskId: taskId(), id: 'toolu_3', command: { do: 'cancel', close: false }, by },
    ]);
    const [, , , , , list, details] = said.requests.map(lastText);
    expect(list).toMatch(/Add a --json flag.*Queued/);
    expect(details).toMatch(/mainloop\/add-a-json-flag/);
  });

  it('list the repositories, or say why not', async () => {
    const list = () => callsTool('toolu_1', 'list_repositories', {});
    expect(resultOf(await ask([list]))).toMatch(/demo\/tasks.*main.*A small list/);
    const github = fakeGitHub({
      repositories: async () => ({ is: 'failed', failure: { is: 'unauthorized' } }),
    });
    expect(resultOf(await ask([list], { github }))).toMatch(/refuses the token/);
  });

  it('that do not exist are refused in words', async () => {
    const said = await ask([() => callsTool('toolu_1', 'drop_database', {})]);
    expect(resultOf(said)).toContain('"is_error":true');
    expect(said.reply).toMatchObject({ text: 'Done.', state: { is: 'done' } });
  });

  it('are not called without end', async () => {
    const { model, requests } = fakeModel((_, number) =>
      callsTool(`toolu_${number}`, 'list_tasks', {}),
    );
    const page = await (await openThread({ model })).page();
    page.send({ type: 'send', id: ulid(), text: 'Please' });
    expect((await page.ended(1)).state).toMatchObject({ is: 'failed' });
    expect(requests.length).toBeLessThanOrEqual(8);
  });
});
