import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers';
import type { InstanceType } from '../../protocol/environment.ts';
import type { Env } from '../env.ts';
import { log } from '../platform/log.ts';
import { gateway } from '../gateway/app.ts';
import { forwardEgress } from '../gateway/egress.ts';
import { GATEWAY_HOST } from '../gateway/host.ts';
import type { Pass } from '../gateway/pass.ts';
import { parseToken } from '../gateway/token.ts';
import { ContainerLife } from './container-life.ts';
import type { Ensured, RunnerEnvironment, SandboxPort, SandboxRun } from './port.ts';

const INSTANCE_DEFAULT: InstanceType = 'standard-1';

/**
 * Answers whatever a sandbox sends out over HTTP or HTTPS; nothing else leaves it. The pass tells whose
 * it is: what goes elsewhere carries no token.
 */
export class SandboxEgress extends WorkerEntrypoint<Env, { pass: Pass }> {
  override async fetch(request: Request): Promise<Response> {
    const { url } = request;
    if (new URL(url).hostname === GATEWAY_HOST) return gateway.fetch(request, this.env);
    const { pass } = this.ctx.props;
    const task = this.env.TASK.get(this.env.TASK.idFromString(pass.objectId));
    return forwardEgress(this.env, request, url, {
      ask: (asked) => task.admitEgress(pass, asked),
      leads: async () => 'outside',
      // There it has no rights: nobody signed in.
      isMainloop: () => false,
      fetch: (input, init) => fetch(input, init),
    });
  }
}

/**
 * The container of one sandbox, on the platform's own API. Its image's command is the runner, which
 * has no internet: see `SandboxEgress`.
 */
export class TaskSandbox extends DurableObject<Env> {
  readonly #container: Container;
  readonly #life: ContainerLife;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    if (ctx.container === undefined)
      throw new Error('This class has no container in wrangler.toml.');
    const container = ctx.container;
    this.#container = container;
    this.#life = new ContainerLife({
      container: {
        get running() {
          return container.running;
        },
        monitor: () => container.monitor(),
        signal: (number) => container.signal(number),
        destroy: () => container.destroy(),
        setInactivityTimeout: (ms) => container.setInactivityTimeout(ms),
        ready: async () => {
          await (
            await container.exec(['true'])
          ).exitCode;
        },
      },
      storage: ctx.storage,
      owner: (objectId) => env.TASK.get(env.TASK.idFromString(objectId)),
      lookEveryMs: Number(env.SANDBOX_LOOK_SECONDS) * 1_000,
      sleep: (ms, signal) => scheduler.wait(ms, { signal }),
    });
    ctx.waitUntil(
      this.#life.outlive().catch((error) => log.warn('sandbox.may_end', { error: String(error) })),
    );
  }

  async ensure(
    environment: RunnerEnvironment,
    instance: InstanceType = INSTANCE_DEFAULT,
  ): Promise<Ensured> {
    const pass = parseToken(environment.MAINLOOP_TASK_TOKEN);
    if (pass === null) throw new Error('A sandbox is given a task token.');
    const { objectId, generation } = pass;
    const start = () => this.#start(environment, instance, pass);
    return this.#life.ensure({ objectId, generation }, start);
  }

  async alive(): Promise<boolean> {
    return this.#life.isRunning;
  }

  async stop(): Promise<void> {
    await this.#life.stop();
  }

  override async alarm(): Promise<void> {
    await this.#life.lookAfter();
  }

  async #start(environment: RunnerEnvironment, instance: InstanceType, pass: Pass): Promise<void> {
    const egress = this.ctx.exports.SandboxEgress({ props: { pass } });
    await Promise.all([
      this.#container.interceptAllOutboundHttp(egress),
      this.#container.interceptOutboundHttps('*', egress),
    ]);
    const { runner } = this.#container.images;
    if (runner === undefined) throw new Error('wrangler.toml names no image called runner.');
    this.#container.start({
      image: runner,
      instance,
      env: { ...environment },
      enableInternet: false,
    });
  }
}

/** Each generation is a container of its own: an old one can never be mistaken for the new. */
function nameOf({ taskId, generation }: SandboxRun): string {
  return `${taskId.toLowerCase()}-${generation}`;
}

/** Cloudflare Containers, one object a run. */
export function cloudflareSandbox(namespace: DurableObjectNamespace<TaskSandbox>): SandboxPort {
  const sandboxOf = (run: SandboxRun) => namespace.get(namespace.idFromName(nameOf(run)));
  return {
    ensure: (run, environment, instance) => sandboxOf(run).ensure(environment, instance),
    alive: (run) => sandboxOf(run).alive(),
    stop: (run) => sandboxOf(run).stop(),
  };
}
