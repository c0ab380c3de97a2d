import { DurableObject } from 'cloudflare:workers';
import type { Env } from '../../env.ts';
import type { Pass } from '../../gateway/pass.ts';
import { cloudflareSandbox } from '../cloudflare.ts';
import type { RunnerEnvironment, SandboxRun } from '../port.ts';

export { SandboxEgress, TaskSandbox } from '../cloudflare.ts';

/** A Worker that is the sandbox port, over HTTP, with a Task that only writes down who asks. */
export class Task extends DurableObject {
  readonly #asked: number[] = [];
  readonly #ended: number[] = [];
  #wanted = true;

  /** A runner's first call. It is left open: the runner lives, and waits. */
  async brief(pass: Pass): Promise<never> {
    this.#asked.push(pass.generation);
    return new Promise(() => {});
  }

  async wantsSandbox(): Promise<boolean> {
    return this.#wanted;
  }

  async sandboxEnded(generation: number): Promise<void> {
    this.#ended.push(generation);
  }

  async forget(): Promise<void> {
    this.#wanted = false;
  }

  async seen(): Promise<{ asked: number[]; ended: number[] }> {
    return { asked: this.#asked, ended: this.#ended };
  }
}

type TestEnv = Omit<Env, 'TASK' | 'SANDBOX'> & {
  TASK: DurableObjectNamespace<Task>;
  SANDBOX: NonNullable<Env['SANDBOX']>;
};
type Asked =
  | { do: 'ensure'; run: SandboxRun; environment: RunnerEnvironment }
  | { do: 'alive' | 'stop'; run: SandboxRun }
  | { do: 'object'; name: string }
  | { do: 'seen' | 'forget'; objectId: string };

async function answer(env: TestEnv, asked: Asked): Promise<unknown> {
  const port = cloudflareSandbox(env.SANDBOX);
  switch (asked.do) {
    case 'ensure':
      return port.ensure(asked.run, asked.environment);
    case 'alive':
      return port.alive(asked.run);
    case 'stop':
      return port.stop(asked.run);
    case 'object':
      return env.TASK.idFromName(asked.name).toString();
    case 'seen':
      return env.TASK.get(env.TASK.idFromString(asked.objectId)).seen();
    case 'forget':
      return env.TASK.get(env.TASK.idFromString(asked.objectId)).forget();
  }
}

export default {
  async fetch(request, env) {
    if (request.method !== 'POST') return new Response('here');
    try {
      return Response.json({ value: (await answer(env, await request.json())) ?? null });
    } catch (error) {
      return new Response(String(error), { status: 500 });
    }
  },
} satisfies ExportedHandler<TestEnv>;
