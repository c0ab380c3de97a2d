import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunnerEvent } from '../protocol/runner.ts';
import { type Client, connect, replyTo } from './harness/client.ts';
import { type HeldSandbox, startHeldSandboxes } from './harness/held-sandboxes.ts';
import { tree } from './harness/processes.ts';
import { startScriptedModel } from './harness/scripted-model.ts';
import { type TestStack, startTestStack } from './harness/stack.ts';
import { untilTasks } from './harness/task-watch.ts';

/** All that an object may have; all objects of the local stack share one process. */
const MEMORY_BYTES = 128_000_000;
const MODEL_BODY_BYTES = 200_000_000;
const DONE_MS = 60_000;

const workerds = () =>
  tree(process.pid)
    .filter(({ command }) => /workerd serve/.test(command))
    .map(({ pid }) => pid);
/** Most memory that they have held since `forget`, in bytes. */
const peak = () =>
  workerds()
    .map((pid) => /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
    .reduce((sum, kb) => sum + Number(kb) * 1_024, 0);
const forget = () => {
  for (const pid of workerds()) writeFileSync(`/proc/${pid}/clear_refs`, '5');
};

function* body(): Generator<Uint8Array> {
  yield Buffer.from(
    '{"model":"claude-opus-5-5","max_tokens":1,"messages":[{"role":"user","content":"',
  );
  const part = Buffer.alloc(1_000_000, 'x');
  for (let sent = 0; sent < MODEL_BODY_BYTES; sent += part.byteLength) yield part;
  yield Buffer.from('"}]}');
}

describe('a sandbox that says far too much', () => {
  let stack: TestStack;
  let client: Client;
  let sandbox: HeldSandbox;
  let ends: (() => Promise<void>)[];
  let number = 0;
  let before = 0;

  beforeAll(async () => {
    const model = await startScriptedModel((request) =>
      /Look around/.test(request) && !/tool_result/.test(request)
        ? {
            text: 'On it.',
            calls: [
              {
                id: 'toolu_1',
                name: 'start_task',
                input: { repository: 'acme/todo', title: 'Look', prompt: 'Look around.' },
              },
            ],
          }
        : 'All right.',
    );
    const sandboxes = await startHeldSandboxes();
    stack = await startTestStack({
      settings: {
        ANTHROPIC_BASE_URL: model.url,
        ANTHROPIC_API_KEY: 'the-key-of-a-scripted-model',
        ...sandboxes.settings,
      },
    });
    ends = [stack.stop, model.stop, sandboxes.stop];
    client = await connect(stack.url);
    await replyTo(client, client.send({ type: 'send', text: 'Look around' }));
    sandbox = await sandboxes.first;
    forget();
    before = peak();
  }, 120_000);

  afterAll(async () => {
    client.close();
    for (const end of ends) await end();
  });

  const call = (path: string, init: RequestInit) =>
    fetch(`${sandbox.gateway}/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${sandbox.token}`, 'content-type': 'application/json' },
      ...init,
    });
  const tell = async (event: RunnerEvent['body'], at = Date.now()) => {
    number += 1;
    const events = [{ number, at, body: event }];
    const answer = await call('events', { body: JSON.stringify({ events, acknowledged: [] }) });
    expect(await answer.json()).toEqual({ stored: number });
  };

  it('is refused a request to the model of 200 MB, in words that it can read', async () => {
    const answer = await call('model/v1/messages', {
      body: ReadableStream.from(body()),
      duplex: 'half',
    });
    expect(answer.status).toBe(413);
    expect(await answer.text()).toMatch(/MB/);
  });

  it(
    'has its questions, plan and summary cut, and its clock put right',
    async () => {
      await tell({ type: 'step', text: 'Begun' }, Number.MAX_SAFE_INTEGER);
      const questions = [1, 2, 3].map((one) => ({
        question: `${one} ${'?'.repeat(50_000)}`,
        header: 'Much',
        multiSelect: false,
        options: ['a', 'b'].map((label) => ({ label, description: label.repeat(25_000) })),
      }));
      await tell({ type: 'question', toolUseId: 'toolu_q', questions });
      await untilTasks(client, ([one]) => one?.status === 'Needs answers', DONE_MS);
      await tell({ type: 'plan', toolUseId: 'toolu_p', text: 'p'.repeat(999_000) });
      const summary = '\uFFFD'.repeat(350_000);
      await tell({ type: 'result', result: { is: 'nothing_to_deliver', summary } });
      const [task] = await untilTasks(client, ([one]) => one?.endedAt != null, DONE_MS);
      expect(task?.status).not.toBe('Failed');
    },
    DONE_MS,
  );

  it('costs less memory than one object has, and the conversation opens', async () => {
    const begun = Date.now();
    const later = await connect(stack.url);
    const { tasks } = await later.snapshot();
    later.close();
    expect(tasks).toHaveLength(1);
    expect(Date.now() - begun).toBeLessThan(5_000);
    expect(peak() - before).toBeLessThan(MEMORY_BYTES);
  });
});
