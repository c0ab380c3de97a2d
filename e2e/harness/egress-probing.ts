import { expect } from 'vitest';
import * as z from 'zod/mini';
import { EgressRefusals } from '../../protocol/pages.ts';
import { type Client, connect } from './client.ts';
import type { Found } from './egress-probe.ts';
import { type ObedientModel, startObedientModel } from './obedient-model.ts';
import { type StandInRegistry, startStandInRegistry } from './registry.ts';
import { type TestStack, startTestStack } from './stack.ts';
import { untilTasks } from './task-watch.ts';

const WISH = 'Try what can be reached.';
const START = { repository: 'acme/todo', title: 'Probe', prompt: 'Go.', mode: 'direct' };
const PROBED = /PROBE:(?<base64>[A-Za-z0-9+/=]+):END/;
const Probed: z.ZodMiniType<Found> = z.record(
  z.string(),
  z.object({ ok: z.boolean(), ms: z.number(), said: z.string() }),
);
/** What a refusal takes at most, on a machine that does a little else. */
const AT_ONCE_MS = 1_000;

/** A worker that fetches the probe through the registry's name, runs it, and is done. */
type ProbingModel = ObedientModel & {
  found(): Found | null;
  /** What it was sent by the worker. */
  bodies: readonly string[];
  /** What its command said, as far as it was told. */
  last(): string;
};

async function startProbingModel(
  aims: () => Record<string, number>,
  commands: readonly string[],
): Promise<ProbingModel> {
  let found: Found | null = null;
  let last = '';
  const bodies: string[] = [];
  const model = await startObedientModel(
    (called, body) => {
      const base64 = PROBED.exec(body)?.groups?.base64;
      if (base64 !== undefined) {
        found = Probed.parse(JSON.parse(Buffer.from(base64, 'base64').toString()));
      }
      last = /"type":"tool_result".{0,3000}/.exec(body)?.[0] ?? last;
      bodies.push(body);
      const first = commands[called.length];
      if (first !== undefined) {
        return { name: 'Bash', input: { command: first, description: 'Look' } };
      }
      if (called.length > commands.length) return 'There is nothing to do.';
      const argument = JSON.stringify({ ports: aims() });
      const command = `mkdir -p /tmp/probe && cd /tmp/probe && curl -sSf https://registry.npmjs.org/-/probe.ts -o probe.ts && node probe.ts '${argument}'`;
      return { name: 'Bash', input: { command, description: 'Probe', timeout: 300_000 } };
    },
    { [WISH]: { name: 'start_task', input: START } },
  );
  return { ...model, found: () => found, last: () => last, bodies };
}

/** The registries' names, all answered by the stand-in. */
function mirrorsTo({ port }: StandInRegistry): string {
  const names = [
    'registry.npmjs.org',
    'pypi.org',
    'files.pythonhosted.org',
    'proxy.golang.org',
    'deb.debian.org',
  ];
  return JSON.stringify(
    Object.fromEntries(names.map((name) => [name, `http://127.0.0.1:${port}`])),
  );
}

/** Has a task probe its sandbox. @returns its id and what it found. */
async function probe(
  client: Client,
  model: ProbingModel,
  withinMs: number,
): Promise<{ taskId: string; found: Found }> {
  client.send({ type: 'send', text: WISH });
  const ends = /Done|review|Failed|Nothing|merge/i;
  const [task] = await untilTasks(client, ([one]) => ends.test(one?.status ?? ''), withinMs);
  const found = model.found();
  if (task === undefined || found === null) {
    throw new Error(`The probe told nothing: ${task?.status} ${model.last()}`);
  }
  return { taskId: task.id, found };
}

/** A stack with a task that has probed its sandbox. */
export type Probing = {
  stack: TestStack;
  client: Client;
  registry: StandInRegistry;
  taskId: string;
  found: Found;
  /** What the worker's model was sent. */
  bodies: readonly string[];
  stop(): Promise<void>;
};

/**
 * Starts a stack whose registries are a stand-in, and has a task probe its sandbox.
 *
 * @param more `containers` are variables by which an engine is found; `aims` are further ports to try,
 * by name; `packages` is how many the registry has; `before` prepares the stack's repositories, and
 * `commands` are what the worker runs before it probes.
 */
export async function startProbing(more: {
  packages: number;
  withinMs: number;
  containers?: Record<string, string>;
  before?(stack: TestStack): Promise<void>;
  commands?: readonly string[];
  aims?(stack: TestStack, model: string, registry: StandInRegistry): Record<string, string>;
}): Promise<Probing> {
  const registry = await startStandInRegistry(more.packages);
  const portOf = (url: string) => Number(new URL(url).port);
  let stack: TestStack | null = null;
  const model = await startProbingModel(() => {
    if (stack === null) return {};
    const further = more.aims?.(stack, model.url, registry) ?? {};
    return {
      'the product': portOf(stack.url),
      Postgres: portOf(stack.databaseUrl),
      ...Object.fromEntries(Object.entries(further).map(([name, url]) => [name, portOf(url)])),
    };
  }, more.commands ?? []);
  stack = await startTestStack({
    ...(more.containers !== undefined && { containers: more.containers }),
    settings: {
      ANTHROPIC_BASE_URL: model.url,
      ANTHROPIC_API_KEY: 'a-key-of-the-test',
      EGRESS_MIRRORS: mirrorsTo(registry),
    },
  });
  const client = await connect(stack.url);
  const stop = async () => {
    client.close();
    await stack?.stop();
    await model.stop();
    await registry.stop();
  };
  try {
    await more.before?.(stack);
    await client.snapshot();
    const { taskId, found } = await probe(client, model, more.withinMs);
    return { stack, client, registry, taskId, found, bodies: model.bodies, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const WORKS = ['node', 'curl', 'git', 'python', 'pip', 'pip brought it', 'npm ci'];
/** These, too, where they are installed. */
const MAY_WORK = ['go', 'sudo'];

/**
 * What works through the default policy, in any sandbox.
 *
 * @param more what has to be there and to work besides.
 */
export function expectPackagesWork(found: Found, packages: number, more: string[] = []): void {
  const works = [...WORKS, ...more];
  const failed = works.flatMap((name) =>
    found[name]?.ok === true ? [] : [{ name, ...found[name] }],
  );
  expect(failed).toEqual([]);
  expect(found['npm ci']?.said.trim()).toBe(String(packages));
  expect(found['pip brought it']?.said).toContain('from the index');
}

/**
 * Whatever else was tried failed, and at once; what went through Mainloop was told why.
 *
 * @param nameService the address that the sandbox's own name service gives for every name, where there
 * is one: it asks nobody.
 */
export function expectNothingElse(found: Found, nameService: string | null = null): void {
  const works = [...WORKS, ...MAY_WORK];
  const others = Object.entries(found).filter(([name]) => !works.includes(name));
  expect(others.length).toBeGreaterThan(10);
  const got = others.filter(
    ([, { ok, said }]) => ok && !/\n(?:403|404)$/.test(said) && said !== nameService,
  );
  expect(got).toEqual([]);
  expect(others.filter(([, { ms }]) => ms >= AT_ONCE_MS)).toEqual([]);
  for (const name of ['another host', 'another host in the clear', 'a made-up name', 'metadata']) {
    expect(found[name]?.said).toMatch(/cannot be reached[^]*\n403$/);
  }
  expect(found['writing to a registry']?.said).toMatch(/read from[^]*\n403$/);
  expect(found['a redirect inside']?.said).toMatch(/169\.254\.169\.254 cannot be reached/);
}

/** What was refused stands on the task and in the log. @returns what is named on the task. */
export async function expectRefusalsToBeNamed(stack: TestStack, taskId: string): Promise<string[]> {
  const answer = await fetch(`${stack.url}/api/tasks/${taskId}/refused`);
  const { rows } = EgressRefusals.parse(await answer.json());
  const named = rows.map(({ asked }) => asked);
  const wanted = [
    'example.com',
    'c2vjcmv0.tunnel.example',
    '169.254.169.254',
    'PUT registry.npmjs.org',
  ];
  expect(named).toEqual(expect.arrayContaining(wanted));
  const log = stack.logged();
  for (const host of ['example.com', '169.254.169.254']) {
    expect(log).toMatch(new RegExp(`"gateway.egress_refused".*"host":"${host}"`));
  }
  expect(log).toMatch(
    /"gateway.egress","taskId":"\w+".*"host":"registry.npmjs.org".*"status":200,"bytes":\d+/,
  );
  return named;
}
