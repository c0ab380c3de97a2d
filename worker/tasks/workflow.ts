import { WorkflowEntrypoint, type WorkflowEvent, type WorkflowStep } from 'cloudflare:workers';
import type { Env } from '../env.ts';
import { type Dispatch, taskObjectName } from './api.ts';
import { Next } from './lifecycle/next-step.ts';

/** A Workflow may have 10,000 steps; a task that needs more looks goes on in the Task's own alarm. */
const LOOKS_MAX = 4_000;
const STEP = {
  retries: { limit: 5, delay: 1_000, backoff: 'exponential' },
  timeout: '2 minutes',
} as const;

/**
 * Drives one attempt at a task: looks at the Task, does what it decides, waits for a change, looks
 * again. It holds no state of its own, so that running twice or again from the start does no harm.
 */
export class TaskWorkflow extends WorkflowEntrypoint<Env, Dispatch> {
  override async run(event: Readonly<WorkflowEvent<Dispatch>>, step: WorkflowStep): Promise<void> {
    const { personId, taskId, attempt } = event.payload;
    const task = () =>
      this.env.TASK.get(this.env.TASK.idFromName(taskObjectName(personId, taskId)));

    for (let look = 1; look <= LOOKS_MAX; look++) {
      const decision = await step.do(`look ${look}`, STEP, async () =>
        Next.parse(await task().advance(attempt, look)),
      );
      switch (decision.do) {
        case 'end':
          return;
        case 'ensure':
          // The Task has seen to it by itself; looking again tells how that went.
          break;
        case 'deliver':
          await step.do(`deliver ${look}`, STEP, () => task().deliver());
          break;
        case 'wait':
          await step
            .waitForEvent(`wait ${look}`, { type: decision.type, timeout: decision.timeoutMs })
            .catch(() => {
              // The time is over: that is an answer too.
            });
          break;
      }
    }
  }
}
