import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Engine, startEngine } from '../../dev/containers/engine.ts';
import { prepareContainers } from '../../dev/containers/prepare.ts';
import { type Client, connect } from '../harness/client.ts';
import type { Found } from '../harness/egress-probe.ts';
import {
  type ProbingModel,
  expectNothingElse,
  expectPackagesWork,
  expectRefusalsToBeNamed,
  mirrorsTo,
  probe,
  startProbingModel,
} from '../harness/egress-probing.ts';
import { type StandInRegistry, startStandInRegistry } from '../harness/registry.ts';
import { type TestStack, startTestStack } from '../harness/stack.ts';

const PACKAGES = 200;
const DONE_MS = 280_000;
/** What the stand-in for the platform's name service says of every name. */
const NAME_SERVICE = '11.0.0.1';

let engine: Engine;
let registry: StandInRegistry;
let model: ProbingModel;
let stack: TestStack;
let client: Client;
let taskId = '';
let found: Found = {};

beforeAll(async () => {
  prepareContainers((text) => console.log(text));
  engine = await startEngine(`/tmp/mainloop-engine-${process.pid}`, () => {});
  registry = await startStandInRegistry(PACKAGES);
  const portOf = (url: string) => Number(new URL(url).port);
  model = await startProbingModel(() => ({
    'the product': portOf(stack.url),
    Postgres: portOf(stack.databaseUrl),
  }));
  stack = await startTestStack({
    containers: engine.variables,
    settings: {
      ANTHROPIC_BASE_URL: model.url,
      ANTHROPIC_API_KEY: 'a-key-of-the-test',
      EGRESS_MIRRORS: mirrorsTo(registry),
    },
  });
  client = await connect(stack.url);
  await client.snapshot();
  ({ taskId, found } = await probe(client, model, DONE_MS));
});

afterAll(async () => {
  client?.close();
  await stack?.stop();
  await model?.stop();
  await registry?.stop();
  await engine?.stop();
});

it('installs npm’s and Python’s packages in a container, with git, node, curl, python, go and apt trusting what answers', () => {
  expectPackagesWork(found, PACKAGES, ['go', 'sudo']);
});

it('reaches nothing else from it, and is told so at once', () => {
  expectNothingElse(found, NAME_SERVICE);
  expect(registry.asked.filter((line) => !/^(?:GET|HEAD) /.test(line))).toEqual([]);
});

it('names on the task and in the log what it was refused', async () => {
  await expectRefusalsToBeNamed(stack, taskId);
});
