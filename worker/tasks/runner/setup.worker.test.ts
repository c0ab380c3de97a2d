import { env } from 'cloudflare:workers';
import { describe, expect, it } from 'vitest';
import { gateway } from '../../gateway/app.ts';
import { formatToken } from '../../gateway/token.ts';
import { CANCEL, type OpenTask, RETRY, ask, startedTask } from '../testing/open-task.ts';

const VALUES = {
  values: [{ name: 'TOKEN', value: 'hunter2', isSecret: true, during: 'setup' as const }],
  names: ['TOKEN'],
  missing: [],
};
const FROM = 'a'.repeat(64);

async function taskWithSecret(): Promise<OpenTask> {
  const task = await startedTask();
  task.fakes.setupValues = VALUES;
  return task;
}

function atGateway(task: OpenTask, path: string, init: RequestInit = {}) {
  const authorization = `Bearer ${formatToken(task.pass())}`;
  const headers = { authorization, ...init.headers };
  return gateway.fetch(
    new Request(`http://gateway.test/gateway/${path}`, { ...init, headers }),
    env,
  );
}
const setup = (task: OpenTask, body: unknown) =>
  atGateway(task, 'setup', { method: 'POST', body: JSON.stringify(body) });
const keep = (task: OpenTask, from = FROM) =>
  atGateway(task, 'checkpoints/setup', {
    method: 'PUT',
    body: 'what it wrote',
    headers: { 'x-mainloop-setup': from, 'content-length': '13' },
  });
const keptFrom = async (task: OpenTask) => {
  const brief = await task.stub.brief(task.pass());
  return brief.is === 'ok' ? brief.value.setup : brief;
};

describe('what a sandbox is given for its set-up', () => {
  it('comes from the conversation, for the task’s own repository', async () => {
    const task = await taskWithSecret();
    const answer = await setup(task, { for: 'setup' });
    expect([answer.status, await answer.json()]).toEqual([200, VALUES]);
    expect(task.fakes.setupAsked).toEqual([{ repository: task.spec.repository, for: 'setup' }]);
  });

  it('may be asked for again while the worker has not begun: an answer may be lost', async () => {
    const task = await taskWithSecret();
    await setup(task, { for: 'work' });
    await setup(task, { for: 'setup' });
    expect((await setup(task, { for: 'setup' })).status).toBe(200);
  });

  it.each(['setup', 'work'])(
    'is refused (for %s) once the worker has asked its model',
    async (wanted) => {
      const task = await taskWithSecret();
      expect(await task.stub.admitModel(task.pass())).toMatchObject({ is: 'ok' });
      const answer = await setup(task, { for: wanted });
      expect(answer.status).toBe(403);
      expect(await answer.text()).not.toContain('hunter2');
      expect(task.fakes.setupAsked).toEqual([]);
    },
  );

  it('is refused when the worker begins while it is asked for', async () => {
    const task = await taskWithSecret();
    const { promise, resolve } = Promise.withResolvers<void>();
    const asked = task.fakes.ports.thread;
    task.fakes.ports.thread = (personId) => ({
      ...asked(personId),
      setupValues: async () => {
        await promise;
        return VALUES;
      },
    });
    const answer = task.stub.setup(task.pass(), { for: 'setup' });
    await task.stub.admitModel(task.pass());
    resolve();
    expect(await answer).toMatchObject({ is: 'refused', error: 'forbidden' });
  });

  it('is given to the next sandbox again, and to no older one', async () => {
    const task = await taskWithSecret();
    const old = task.pass();
    await task.stub.admitModel(old);
    await ask(task.stub, CANCEL);
    await ask(task.stub, RETRY);
    await task.stub.advance(2, 1);
    expect((await setup(task, { for: 'setup' })).status).toBe(200);
    expect(await task.stub.setup(old, { for: 'setup' })).toMatchObject({ error: 'gone' });
  });

  it.each([[{}], [{ for: 'all' }], ['setup']])(
    'is not given to what is no request: %j',
    async (body) => {
      const task = await taskWithSecret();
      expect((await setup(task, body)).status).toBe(400);
    },
  );

  it('is not given without a token that holds', async () => {
    const task = await taskWithSecret();
    const pass = { ...task.pass(), secret: 'x'.repeat(43) };
    expect(await task.stub.setup(pass, { for: 'setup' })).toMatchObject({ error: 'unauthorized' });
  });
});

it('a sandbox is started in the size that is set for its repository now', async () => {
  const task = await taskWithSecret();
  expect(task.fakes.ensured.map(({ instance }) => instance)).toEqual(['standard-1']);
  task.fakes.settings = { ...task.fakes.settings, instance: 'lite' };
  await ask(task.stub, CANCEL);
  await ask(task.stub, RETRY);
  await task.stub.advance(2, 1);
  expect(task.fakes.ensured.at(-1)).toMatchObject({ run: { generation: 2 }, instance: 'lite' });
});

describe('what a set-up wrote', () => {
  it('is kept with what it came from, and given to the next sandbox', async () => {
    const task = await taskWithSecret();
    expect((await keep(task)).status).toBe(204);
    await task.stub.admitModel(task.pass());
    await ask(task.stub, CANCEL);
    await ask(task.stub, RETRY);
    await task.stub.advance(2, 1);
    expect(await keptFrom(task)).toBe(FROM);
    const answer = await atGateway(task, 'checkpoints/setup');
    expect(await answer.text()).toBe('what it wrote');
  });

  it('is replaced by the next, and the one before is deleted', async () => {
    const task = await taskWithSecret();
    await keep(task);
    await keep(task, 'b'.repeat(64));
    expect(await keptFrom(task)).toBe('b'.repeat(64));
    await expect
      .poll(async () => (await env.CHECKPOINTS.list({ prefix: `${task.spec.taskId}/` })).objects)
      .toHaveLength(1);
  });

  it('cannot be said by a worker: it would run where secrets are asked for', async () => {
    const task = await taskWithSecret();
    await task.stub.admitModel(task.pass());
    expect((await keep(task)).status).toBe(403);
    expect(await keptFrom(task)).toBeNull();
  });

  it('is refused without a right name of what it came from', async () => {
    const task = await taskWithSecret();
    expect((await keep(task, 'nothing')).status).toBe(400);
  });

  it('is dropped when the work begins from scratch', async () => {
    const task = await taskWithSecret();
    await keep(task);
    await ask(task.stub, CANCEL);
    await ask(task.stub, { do: 'retry', from: 'scratch' });
    await task.stub.advance(2, 1);
    expect(await keptFrom(task)).toBeNull();
  });
});
