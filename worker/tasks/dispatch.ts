import type { Env } from '../env.ts';
import { log } from '../platform/log.ts';
import { Dispatch, taskObjectName } from './api.ts';

const DEAD_LETTER_QUEUE = 'mainloop-dispatch-dead';
const RETRY_AFTER_S = 2;

/** The Workflow instance of one attempt at a task. */
export function workflowId({ taskId, attempt }: Pick<Dispatch, 'taskId' | 'attempt'>): string {
  return `${taskId}-${attempt}`;
}

/**
 * Creates the attempt's Workflow; that it exists already is success, and brings a stopped local one
 * back. One that broke is started again: its Task dispatches only while it needs it.
 */
export async function startWorkflow(
  env: Pick<Env, 'TASK_WORKFLOW'>,
  dispatch: Dispatch,
): Promise<void> {
  const id = workflowId(dispatch);
  try {
    await env.TASK_WORKFLOW.create({ id, params: dispatch });
  } catch (error) {
    if (!/already.exists/i.test(String(error))) throw error;
    const instance = await env.TASK_WORKFLOW.get(id);
    const { status } = await instance.status();
    // A finished one has looked as often as it may; its Task dispatches only while it needs more.
    if (status === 'errored' || status === 'terminated' || status === 'complete') {
      await instance.restart();
    }
  }
}

async function take(env: Env, queue: string, dispatch: Dispatch): Promise<void> {
  if (queue !== DEAD_LETTER_QUEUE) return startWorkflow(env, dispatch);
  log.warn('dispatch.dead', { taskId: dispatch.taskId, attempt: dispatch.attempt });
  const name = taskObjectName(dispatch.personId, dispatch.taskId);
  await env.TASK.get(env.TASK.idFromName(name)).dispatchFailed(
    dispatch.attempt,
    'The task could not be started: its dispatch failed again and again. Retry tries once more.',
  );
}

/** The consumer of both queues: dispatches, and those that nobody could carry out. */
export async function consumeDispatch(batch: MessageBatch, env: Env): Promise<void> {
  await Promise.all(
    batch.messages.map(async (message) => {
      const parsed = Dispatch.safeParse(message.body);
      if (!parsed.success) {
        log.error('dispatch.malformed', parsed.error, { messageId: message.id });
        message.ack();
        return;
      }
      try {
        await take(env, batch.queue, parsed.data);
        message.ack();
      } catch (error) {
        log.error('dispatch.failed', error, { taskId: parsed.data.taskId });
        message.retry({ delaySeconds: RETRY_AFTER_S });
      }
    }),
  );
}
