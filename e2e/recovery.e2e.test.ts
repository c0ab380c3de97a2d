import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../dev/ports.ts';
import { type Client, connect, replyTo } from './harness/client.ts';
import { tree } from './harness/processes.ts';
import { type Program, killWhole, startProgram } from './harness/program.ts';
import { untilTasks } from './harness/task-watch.ts';

const DONE_MS = 120_000;
/** Slow enough to be killed in the middle of the work. */
const PACE = { OFFLINE_MODEL_STEP_MS: '150' };

const HOW = {
  'Ctrl+C': async (program: Program) => {
    program.child.kill('SIGINT');
    await program.ended;
  },
  'kill -9 of everything': killWhole,
  'kill -9 of the main program alone': async (program: Program) => {
    const parts = tree(program.child.pid ?? 0).map(({ pid }) => pid);
    program.child.kill('SIGKILL');
    await program.ended;
    // Every part notices by itself that the program is gone.
    const alive = () => parts.filter((pid) => tree(pid).length > 0);
    await expect.poll(alive, { timeout: 15_000 }).toEqual([]);
  },
} as const;

const HOWS = Object.entries(HOW);

describe('a task in whose middle the program ends again and again', () => {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'mainloop-recovery-'));
  const text = 'Add a --json flag to the list command';
  let port: number;
  let program: Program;
  let client: Client;
  let taskId = '';

  const begin = async () => {
    program = await startProgram(dataDir, port, PACE);
    client = await connect(`http://127.0.0.1:${port}`);
  };

  beforeAll(async () => {
    port = await freePort();
    await begin();
    await replyTo(client, client.send({ type: 'send', text }));
    const [task] = await untilTasks(client, (lines) => lines[0]?.status === 'Working', DONE_MS);
    taskId = task?.id ?? '';
  }, DONE_MS * 2);

  afterAll(async () => {
    client.close();
    program.child.kill('SIGTERM');
    await program.ended;
    rmSync(dataDir, { recursive: true, force: true });
  });

  it.each(HOWS)(
    'is there again after %s, with everything that was said, and goes on by itself',
    async (_name, stop) => {
      // What its worker does now, in the sandbox of now.
      await client.until(
        (frame) => frame.type === 'progress' && /Read|Edit|Bash/.test(frame.note ?? ''),
        DONE_MS,
      );
      client.close();
      await stop(program);
      await begin();
      const { messages, tasks } = await client.snapshot();
      expect(messages.filter((one) => one.from === 'person').map((one) => one.text)).toEqual([
        text,
      ]);
      expect(tasks.map((one) => one.id)).toEqual([taskId]);
    },
    DONE_MS * 2,
  );

  it(
    'ends in its one pull request',
    async () => {
      const [ended] = await untilTasks(
        client,
        (lines) => ['In review', 'Failed'].includes(lines[0]?.status ?? ''),
        DONE_MS,
      );
      expect(ended).toMatchObject({ status: 'In review', id: taskId });
      expect(await (await fetch(ended?.pullRequest?.url ?? '')).text()).toContain('--json');
    },
    DONE_MS * 2,
  );
});
