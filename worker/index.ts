import { env } from 'cloudflare:workers';
import { app } from './app.ts';
import type { Env } from './env.ts';
import { redactor, secretsOf } from './platform/redactor.ts';
import { consumeDispatch } from './tasks/dispatch.ts';

export { MainThread } from './thread/main-thread.ts';
export { WebhookFanOut } from './github/webhook-fan-out.ts';
export { Task } from './tasks/task.ts';
export { TaskWorkflow } from './tasks/workflow.ts';
export { SandboxEgress, TaskSandbox } from './sandbox/cloudflare.ts';

// Before anything is asked of it, in whichever object this isolate begins.
redactor.know(secretsOf(env));

export default {
  fetch: app.fetch,
  queue: consumeDispatch,
} satisfies ExportedHandler<Env>;
