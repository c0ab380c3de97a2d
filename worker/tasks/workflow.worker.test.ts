import { introspectWorkflowInstance, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import { startWorkflow, workflowId } from './dispatch.ts';
import { ask, CANCEL, emptyTask, type OpenTask, queuedTask, step } from './testing/open-task.ts';
import { DELIVERED, PULL_REQUEST } from './testing/records.ts';

/** Runs an attempt's Workflow with what it sends to the waiting one passed on to it. */
async function running({ spec, fakes }: OpenTask) {
  const { personId, taskId } = spec;
  const params = { personId, taskId, attempt: 1 };
  const id = workflowId(params);
  const introspector = await introspectWorkflowInstance(env.TASK_WORKFLOW, id);
  const instance = await env.TASK_WORKFLOW.create({ id, params });
  fakes.ports.wake = async (_, type) => {
    fakes.woken.push(type);
    await (await env.TASK_WORKFLOW.get(id)).sendEvent({ type, payload: null });
  };
  return { introspector, instance };
}

it('a task that does not exist ends its Workflow at once', async () => {
  const { introspector } = await running(await emptyTask());
  await introspector.waitForStatus('complete');
  await introspector.dispose();
});

it('a task goes from its dispatch to its pull request, with one sandbox and one pull request', async () => {
  const task = await queuedTask();
  const { introspector } = await running(task);
  await introspector.waitForStepResult({ name: 'advance 1' });
  const result = { number: 2, at: 2, body: { type: 'result', result: DELIVERED } } as const;
  await task.send(step(1), result);
  await introspector.waitForStatus('complete');
  await introspector.dispose();
  expect(task.fakes.ensured).toHaveLength(1);
  expect(task.fakes.woken).toEqual(['wake-1']);
  expect(task.fakes.host.drafts).toHaveLength(1);
  expect(await task.stub.summary()).toMatchObject({
    status: 'Checking',
    pullRequest: PULL_REQUEST,
  });
});

it('cancelling ends the Workflow without waiting for its time', async () => {
  const task = await queuedTask();
  const { introspector } = await running(task);
  await introspector.waitForStepResult({ name: 'advance 1' });
  await ask(task.stub, CANCEL);
  await introspector.waitForStatus('complete');
  await introspector.dispose();
  expect(task.fakes.host.drafts).toEqual([]);
});

it('a wait that nobody ends is over by its time, and the task is looked at again', async () => {
  const task = await queuedTask();
  const { personId, taskId } = task.spec;
  const params = { personId, taskId, attempt: 1 };
  const introspector = await introspectWorkflowInstance(env.TASK_WORKFLOW, workflowId(params));
  await introspector.modify(async (modifier) => {
    await modifier.forceEventTimeout({ name: 'wait 1' });
    await modifier.mockStepResult({ name: 'advance 2' }, { do: 'end' });
  });
  await env.TASK_WORKFLOW.create({ id: workflowId(params), params });
  await introspector.waitForStatus('complete');
  await introspector.dispose();
  expect(task.fakes.ensured).toHaveLength(1);
});

it('a Workflow that broke is started again by the next dispatch', async () => {
  const task = await queuedTask();
  const { personId, taskId } = task.spec;
  const params = { personId, taskId, attempt: 1 };
  const introspector = await introspectWorkflowInstance(env.TASK_WORKFLOW, workflowId(params));
  await introspector.modify((modifier) => modifier.disableRetryDelays());
  await runInDurableObject(task.stub, (instance) => {
    instance.advance = () => Promise.reject(new Error('The object is away.'));
  });
  await startWorkflow(env, params);
  await introspector.waitForStatus('errored');
  await runInDurableObject(task.stub, (instance) => {
    Reflect.deleteProperty(instance, 'advance');
  });
  expect(task.fakes.ensured).toEqual([]);
  await startWorkflow(env, params);
  await expect.poll(() => task.fakes.ensured, { timeout: 10_000 }).toHaveLength(1);
  await introspector.dispose();
});
