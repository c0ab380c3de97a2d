import { mkdtempSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { freePort, isFree, reservePorts } from './ports.ts';

const STACKS = 4;
const PORTS_EACH = 80;
const PARTS = ['git', 'model'] as const;

let dataDir = '';
beforeAll(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'mainloop-ports-'));
});
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

/** Another stack with the same process id, which is as near as two can come; it never listens. */
function otherStack(code: string): Worker {
  const module = JSON.stringify(new URL('./ports.ts', import.meta.url).href);
  return new Worker(
    `import(${module}).then(async ({ freePort, reservePorts }) => {
      const { parentPort } = await import('node:worker_threads');
      parentPort.on('message', () => {});
      parentPort.postMessage(await (${code})({ freePort, reservePorts }));
    })`,
    { eval: true },
  );
}

async function saidBy(stack: Worker): Promise<number[]> {
  const [message] = await once(stack, 'message');
  return z.array(z.number()).parse(message);
}

it('stacks that start at the same moment are never given the same port', async () => {
  const code = `async ({ freePort }) => {
    const ports = [];
    for (let at = 0; at < ${PORTS_EACH}; at++) ports.push(await freePort());
    return ports;
  }`;
  const stacks = Array.from({ length: STACKS }, () => otherStack(code));
  try {
    const given = (await Promise.all(stacks.map(saidBy))).flat();
    expect(new Set(given).size).toBe(STACKS * PORTS_EACH);
  } finally {
    await Promise.all(stacks.map((stack) => stack.terminate()));
  }
});

it('a stack that starts again has the ports that it had, unless another may be given them', async () => {
  const reserve = `async ({ reservePorts }) =>
    Object.values(await reservePorts(${JSON.stringify(dataDir)}, ${JSON.stringify(PARTS)}))`;
  const first = otherStack(reserve);
  const had = await saidBy(first);
  await first.terminate();

  const again = otherStack(reserve);
  expect(await saidBy(again)).toEqual(had);
  const meanwhile = Object.values(await reservePorts(dataDir, PARTS));
  expect(meanwhile.filter((port) => had.includes(port))).toEqual([]);
  await again.terminate();
});

it('a port that is given can be listened on', async () => {
  expect(await isFree(await freePort())).toBe(true);
});
