import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers';
import type { Env } from '../env.ts';
import { type Dispatch, taskObjectName } from './api.ts';
import { WorkflowNext } from './lifecycle/next-step.ts';

/** A Workflow may have 10,000 steps; a task that needs more looks goes on by its alarm. */
const LOOKS_MAX = 4_000;
const STEP = {
  retries: { limit: 5, delay: 1_000, backoff: 'exponential' },
  timeout: '3 minutes',
} as const;

/**
 * Drives one attempt at a task: has the Task do what is next, waits for a change, asks again. It
 * holds no state of its own, so that running twice or again from the start does no harm; and where it
 * is lost for good, the Task's alarm asks the same question.
 */
export class TaskWorkflow extends WorkflowEntrypoint<Env, Dispatch> {
  override async run(event: Readonly<WorkflowEvent<Dispatch>>, step: WorkflowStep): Promise<void> {
    const { personId, taskId, attempt } = event.payload;
    const task = () =>
      this.env.TASK.get(this.env.TASK.idFromName(taskObjectName(personId, taskId)));

    for (let look = 1; look <= LOOKS_MAX; look++) {
      const next = await step.do(`advance ${look}`, STEP, async () =>
        WorkflowNext.parse(await task().advance(attempt, look)),
      );
      if (next.do === 'end') return;
      await step
        .waitForEvent(`wait ${look}`, { type: next.type, timeout: next.timeoutMs })
        .catch(() => {
          // The time is over: that is an answer too.
        });
    }
  }
}
