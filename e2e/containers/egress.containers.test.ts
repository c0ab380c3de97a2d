import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Engine, startEngine } from '../../dev/containers/engine.ts';
import { prepareContainers } from '../../dev/containers/prepare.ts';
import {
  type Probing,
  expectNothingElse,
  expectPackagesWork,
  expectRefusalsToBeNamed,
  startProbing,
} from '../harness/egress-probing.ts';

const PACKAGES = 200;
const DONE_MS = 280_000;
/** What the stand-in for the platform's name service says of every name. */
const NAME_SERVICE = '11.0.0.1';

let engine: Engine;
let probing: Probing;

beforeAll(async () => {
  prepareContainers((text) => console.log(text));
  engine = await startEngine(`/tmp/mainloop-engine-${process.pid}`, () => {});
  const containers = engine.variables;
  probing = await startProbing({ packages: PACKAGES, withinMs: DONE_MS, containers });
});

afterAll(async () => {
  await probing?.stop();
  await engine?.stop();
});

it('installs npm’s and Python’s packages in a container, with git, node, curl, python, go and apt trusting what answers', () => {
  expectPackagesWork(probing.found, PACKAGES, ['go', 'sudo']);
});

it('reaches nothing else from it, and is told so at once', () => {
  expectNothingElse(probing.found, NAME_SERVICE);
  expect(probing.registry.asked.filter((line) => !/^(?:GET|HEAD) /.test(line))).toEqual([]);
});

it('names on the task and in the log what it was refused', async () => {
  await expectRefusalsToBeNamed(probing.stack, probing.taskId);
});
