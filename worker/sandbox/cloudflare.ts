import { Sandbox, getSandbox } from '@cloudflare/sandbox';
import type { Env } from '../env.ts';
import { gateway } from '../gateway/app.ts';
import type { SandboxPort, SandboxRun } from './port.ts';

export { ContainerProxy } from '@cloudflare/sandbox';

const RUNNER = 'node /mainloop/sandbox/runner.ts';
const RUNNER_ID = 'runner';

/** The container of one sandbox. It has no internet: what it asks `gateway.internal` is answered here. */
export class TaskSandbox extends Sandbox<Env> {
  override enableInternet = false;
  static {
    TaskSandbox.outboundByHost = {
      'gateway.internal': (request: Request, env: Env) => gateway.fetch(request, env),
    };
  }
}

/** Each generation is a container of its own: an old one can never be mistaken for the new. */
function nameOf({ taskId, generation }: SandboxRun): string {
  return `${taskId.toLowerCase()}-${generation}`;
}

export function cloudflareSandbox(namespace: DurableObjectNamespace<TaskSandbox>): SandboxPort {
  // Work inside a container does not count as activity, so it is kept alive until it is stopped.
  const sandboxOf = (run: SandboxRun) => getSandbox(namespace, nameOf(run), { keepAlive: true });
  const isRunning = async (run: SandboxRun) => {
    const runner = await sandboxOf(run).getProcess(RUNNER_ID);
    return runner !== null && (runner.status === 'running' || runner.status === 'starting');
  };
  return {
    ensure: async (run, environment) => {
      if (await isRunning(run)) return;
      await sandboxOf(run).startProcess(`exec ${RUNNER} >/tmp/runner.log 2>&1`, {
        processId: RUNNER_ID,
        cwd: '/workspace',
        env: { ...environment },
      });
    },
    alive: (run) => isRunning(run).catch(() => false),
    stop: (run) => sandboxOf(run).destroy(),
  };
}
