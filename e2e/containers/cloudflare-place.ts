import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';
import { withContainers } from '../../dev/containers/config.ts';
import { type Engine, startEngine } from '../../dev/containers/engine.ts';
import { freePort } from '../../dev/ports.ts';
import type { SandboxRun } from '../../worker/sandbox/port.ts';
import { type SandboxPlace, tokenFor } from './contract.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const READY_WITHIN_MS = 15 * 60_000;
const Answer = z.object({ value: z.unknown() });
const Ensured = z.union([
  z.object({ is: z.literal('up') }),
  z.object({ is: z.literal('no_room'), why: z.string() }),
]);
const Seen = z.object({ asked: z.array(z.number()), ended: z.array(z.number()) });

/** What else can be done with real containers. */
export type CloudflarePlace = SandboxPlace & {
  engine: Engine;
  /** Has the task no longer want its sandboxes, and nobody stop them. */
  abandon(taskId: string): Promise<void>;
  /** Generations of which the task was told that they ended. */
  ended(taskId: string): Promise<number[]>;
};

/** wrangler's configuration of the product with another Worker in it: its class, image and egress, and no more. */
function configuration(lookSeconds: number): string {
  const toml = withContainers(readFileSync(path.join(ROOT, 'wrangler.toml'), 'utf8'), ROOT);
  const containers = /\[\[containers\]\][^]*?(?=\n\[dev\])/.exec(toml)?.[0];
  if (containers === undefined) throw new Error('wrangler.toml has no containers before [dev].');
  return `name = "mainloop-port"
main = "${path.join(ROOT, 'worker/sandbox/testing/port-worker.ts')}"
compatibility_date = "2026-10-15"
compatibility_flags = ["nodejs_compat"]

[vars]
SANDBOX_LOOK_SECONDS = "${lookSeconds}"

[[durable_objects.bindings]]
name = "TASK"
class_name = "Task"

[[durable_objects.bindings]]
name = "SANDBOX"
class_name = "TaskSandbox"

[[migrations]]
tag = "v1"
new_sqlite_classes = ["Task", "TaskSandbox"]

${containers}

[dev]
enable_containers = true
`;
}

/** The port's Worker in workerd, with containers by podman. */
export async function cloudflarePlace(lookSeconds = 5): Promise<CloudflarePlace> {
  const folder = mkdtempSync(path.join(tmpdir(), 'mainloop-port-'));
  const engine = await startEngine(path.join(folder, 'engine'), () => {});
  const port = await freePort();
  const config = path.join(folder, 'wrangler.toml');
  writeFileSync(config, configuration(lookSeconds));
  const said: string[] = [];
  const child: ChildProcess = spawn(
    process.execPath,
    [
      path.join(ROOT, 'dev/leash.ts'),
      process.execPath,
      path.join(ROOT, 'node_modules/wrangler/bin/wrangler.js'),
      'dev',
      `--config=${config}`,
      '--ip=127.0.0.1',
      `--port=${port}`,
      '--inspector-port=0',
      `--persist-to=${path.join(folder, 'state')}`,
      '--show-interactive-dev-session=false',
    ],
    {
      cwd: ROOT,
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        WRANGLER_SEND_METRICS: 'false',
        CLOUDFLARE_CF_FETCH_ENABLED: 'false',
        MINIFLARE_REGISTRY_PATH: path.join(folder, 'registry'),
        NO_COLOR: '1',
        ...engine.variables,
      },
    },
  );
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  }
  const url = `http://127.0.0.1:${port}`;
  const close = async () => {
    child.stdin?.end();
    await new Promise((resolve) => child.once('exit', resolve));
    await engine.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + READY_WITHIN_MS;
  while (
    !(await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    ))
  ) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await close();
      throw new Error(`The port’s Worker did not start: ${said.join('').slice(-3_000)}`);
    }
    await sleep(200);
  }

  const ask = async (body: unknown): Promise<unknown> => {
    const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(await answer.text());
    return Answer.parse(await answer.json()).value;
  };
  const objectOf = async (taskId: string) =>
    z.string().parse(await ask({ do: 'object', name: taskId }));
  const seen = async (taskId: string) =>
    Seen.parse(await ask({ do: 'seen', objectId: await objectOf(taskId) }));
  const started = new Map<string, string>();
  /** The container of a run: the one that appeared with it. */
  const containerOf = ({ taskId, generation }: SandboxRun) =>
    started.get(`${taskId}-${generation}`) ?? '';
  const environment = async ({ taskId, generation }: SandboxRun) => ({
    MAINLOOP_GATEWAY: 'http://gateway.internal/gateway',
    MAINLOOP_TASK_TOKEN: tokenFor(await objectOf(taskId), generation),
  });
  return {
    engine,
    port: {
      ensure: async (run, given) =>
        Ensured.parse(await ask({ do: 'ensure', run, environment: given })),
      alive: async (run) => z.boolean().parse(await ask({ do: 'alive', run })),
      stop: async (run) => void (await ask({ do: 'stop', run })),
    },
    ensure: async (run) => {
      const before = new Set(await engine.sandboxes());
      const ensured = Ensured.parse(
        await ask({ do: 'ensure', run, environment: await environment(run) }),
      );
      const name = (await engine.sandboxes()).find((one) => !before.has(one));
      if (name !== undefined) started.set(`${run.taskId}-${run.generation}`, name);
      return ensured;
    },
    callers: async (taskId) => (await seen(taskId)).asked,
    ended: async (taskId) => (await seen(taskId)).ended,
    crash: async (run) => {
      await engine.podman('exec', containerOf(run), 'pkill', '-9', '-f', 'sandbox/runner.ts');
    },
    abandon: async (taskId) => void (await ask({ do: 'forget', objectId: await objectOf(taskId) })),
    left: async (taskId) => {
      const names = [1, 2].map((generation) => containerOf({ taskId, generation })).filter(Boolean);
      const all = await engine.podman('ps', '--all', '--format', '{{.Names}}');
      return all.split('\n').filter((name) => names.some((one) => name.startsWith(one)));
    },
    close,
  };
}
