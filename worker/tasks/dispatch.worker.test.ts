import { createExecutionContext, createMessageBatch, getQueueResult } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { ulid } from 'ulid';
import { describe, expect, it } from 'vitest';
import type { Env } from '../env.ts';
import type { Dispatch } from './api.ts';
import { consumeDispatch, workflowId } from './dispatch.ts';
import { ask, CANCEL, queuedTask, RETRY, startedTask } from './testing/open-task.ts';

const QUEUE = 'mainloop-dispatch';
const DEAD = 'mainloop-dispatch-dead';

async function consume(bodies: unknown[], queue = QUEUE, surroundings: Env = env) {
  const messages = bodies.map((body, at) => ({
    id: String(at),
    timestamp: 0,
    attempts: 1,
    body,
  }));
  const batch = createMessageBatch(queue, messages);
  const context = createExecutionContext();
  await consumeDispatch(batch, surroundings);
  const { explicitAcks, retryMessages } = await getQueueResult(batch, context);
  return { acked: explicitAcks, retried: retryMessages };
}

const dispatch = (changed: Partial<Dispatch> = {}): Dispatch => ({
  personId: ulid(),
  taskId: ulid(),
  attempt: 1,
  ...changed,
});

/** Workflows that cannot be created. */
function withoutWorkflows(): Env {
  const away = () => Promise.reject(new Error('Workflows are away.'));
  return {
    ...env,
    TASK_WORKFLOW: {
      ...env.TASK_WORKFLOW,
      get: away,
      create: away,
      createBatch: away,
      deleteBatch: away,
    },
  };
}

describe('a dispatch', () => {
  it('creates the attempt’s Workflow', async () => {
    const body = dispatch({ attempt: 3 });
    expect(await consume([body])).toEqual({ acked: ['0'], retried: [] });
    const instance = await env.TASK_WORKFLOW.get(workflowId(body));
    expect(instance.id).toBe(`${body.taskId}-3`);
  });

  it('that comes again is done already', async () => {
    const body = dispatch();
    expect(await consume([body, body])).toEqual({ acked: ['0', '1'], retried: [] });
    expect(await consume([body])).toEqual({ acked: ['0'], retried: [] });
  });

  it('that could not be carried out comes again a little later, and alone', async () => {
    const result = await consume([dispatch(), { hello: 'world' }], QUEUE, withoutWorkflows());
    expect(result).toEqual({ acked: ['1'], retried: [{ msgId: '0' }] });
  });

  it.each([
    ['null', null],
    ['a text', 'hello'],
    ['no person', { taskId: ulid(), attempt: 1 }],
    ['an empty person', { personId: '', taskId: ulid(), attempt: 1 }],
    ['a task that is no ULID', { personId: 'ada', taskId: '../x', attempt: 1 }],
    ['half an attempt', { personId: 'ada', taskId: ulid(), attempt: 0.5 }],
  ])('that is malformed (%s) is dropped and does not hold up others', async (_, body) => {
    const good = dispatch();
    expect(await consume([body, good])).toEqual({ acked: ['0', '1'], retried: [] });
    expect((await env.TASK_WORKFLOW.get(workflowId(good))).id).toBe(workflowId(good));
  });
});

describe('a dispatch that nobody could carry out', () => {
  it('fails its task with a reason that the person can act on', async () => {
    const { stub, spec } = await queuedTask();
    const { personId, taskId } = spec;
    const body = dispatch({ personId, taskId });
    expect(await consume([body], DEAD, withoutWorkflows())).toEqual({ acked: ['0'], retried: [] });
    expect(await stub.summary()).toMatchObject({ status: 'Failed', note: /Retry tries once more/ });
  });

  it('fails nothing that goes on by itself, and no later attempt', async () => {
    const started = await startedTask();
    const retried = await queuedTask();
    await ask(retried.stub, CANCEL);
    await ask(retried.stub, RETRY);
    const bodies = [started, retried].map(({ spec: { personId, taskId } }) =>
      dispatch({ personId, taskId }),
    );
    await consume(bodies, DEAD);
    expect(await started.stub.summary()).toMatchObject({ status: 'Starting' });
    expect(await retried.stub.summary()).toMatchObject({ status: 'Queued', attempt: 2 });
  });

  it('is dropped when there is no such task', async () => {
    expect(await consume([dispatch()], DEAD)).toEqual({ acked: ['0'], retried: [] });
  });
});
