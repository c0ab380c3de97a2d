import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../dev/ports.ts';
import { connect, replyTo } from './harness/client.ts';
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

describe.each(Object.entries(HOW))('after %s in the middle of a task', (_name, stop) => {
  let dataDir: string;
  let program: Program;

  beforeEach(() => {
    dataDir = mkdtempSync(path.join(tmpdir(), 'mainloop-recovery-'));
  });
  afterEach(async () => {
    program.child.kill('SIGTERM');
    await program.ended;
    rmSync(dataDir, { recursive: true, force: true });
  });

  it(
    'everything is there again, and the task goes on by itself to its pull request',
    async () => {
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      program = await startProgram(dataDir, port, PACE);
      const before = await connect(url);
      const text = 'Add a --json flag to the list command';
      await replyTo(before, before.send({ type: 'send', text }));
      const [task] = await untilTasks(before, (lines) => lines[0]?.status === 'Working', DONE_MS);
      await before.until(
        (frame) => frame.type === 'progress' && /Edit/.test(frame.note ?? ''),
        DONE_MS,
      );
      before.close();
      await stop(program);

      program = await startProgram(dataDir, port, PACE);
      const after = await connect(url);
      const { messages, tasks } = await after.snapshot();
      expect(messages.filter((one) => one.from === 'person').map((one) => one.text)).toEqual([
        text,
      ]);
      expect(tasks.map((one) => one.id)).toEqual([task?.id]);
      const [ended] = await untilTasks(
        after,
        (lines) => ['In review', 'Failed'].includes(lines[0]?.status ?? ''),
        DONE_MS,
      );
      expect(ended).toMatchObject({ status: 'In review', id: task?.id });
      expect(await (await fetch(ended?.pullRequest?.url ?? '')).text()).toContain('--json');
      after.close();
    },
    DONE_MS * 2,
  );
});
