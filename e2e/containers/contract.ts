import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { SandboxPort, SandboxRun } from '../../worker/sandbox/port.ts';

/** A place where runners live, and what can be seen of it from outside. */
export type SandboxPlace = {
  port: SandboxPort;
  /** Starts a runner for the run: `ensure` with an environment that its gateway takes. */
  ensure(run: SandboxRun): ReturnType<SandboxPort['ensure']>;
  /** Generations of the task's runners that called the gateway, one entry a runner. */
  callers(taskId: string): Promise<number[]>;
  /** Ends the run's processes, as a crash would. */
  crash(run: SandboxRun): Promise<void>;
  /** What of the task's runs takes up room now: processes, containers, folders. */
  left(taskId: string): Promise<string[]>;
  close(): Promise<void>;
};

/** A token of the right shape; what it opens is the gateway's to say. */
export const tokenFor = (objectId: string, generation: number) =>
  `mlt.${objectId}.${generation}.${'s'.repeat(43)}`;

const PATIENCE_MS = 60_000;
const ANSWERS_WITHIN_MS = 1_000;
let made = 0;
const newTask = () => `01JZZZZZZZZZZZZZZZZZZZ${String(++made).padStart(4, '0')}`;

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = sleep(ms, undefined, { ref: false }).then(() => {
    throw new Error(`That took more than ${ms} ms.`);
  });
  return Promise.race([work, late]);
}

/** What holds for every implementation of the port; `place` gives the one to try. */
export function sandboxContract(place: () => SandboxPlace): void {
  const alive = (run: SandboxRun) => within(ANSWERS_WITHIN_MS, place().port.alive(run));
  const until = (run: SandboxRun, wanted: boolean) =>
    expect.poll(() => place().port.alive(run), { timeout: 10_000 }).toBe(wanted);

  describe('a sandbox', { timeout: PATIENCE_MS }, () => {
    it('has one runner, however many ask for it at once and after', async () => {
      const run = { taskId: newTask(), generation: 1 };
      const asked = await Promise.all([1, 2, 3].map(() => place().ensure(run)));
      expect(asked).toEqual([{ is: 'up' }, { is: 'up' }, { is: 'up' }]);
      expect(await place().ensure(run)).toEqual({ is: 'up' });
      await expect.poll(() => place().callers(run.taskId), { timeout: 20_000 }).toEqual([1]);
      expect(await alive(run)).toBe(true);
      // A second one would have called by now.
      await sleep(1_000);
      expect(await place().callers(run.taskId)).toEqual([1]);
      await place().port.stop(run);
    });

    it('that nobody started does not live, and asking starts nothing', async () => {
      const run = { taskId: newTask(), generation: 1 };
      expect(await alive(run)).toBe(false);
      expect(await place().left(run.taskId)).toEqual([]);
      await place().port.stop(run);
      expect(await place().left(run.taskId)).toEqual([]);
    });

    it('whose runner crashed is seen to be gone at once', async () => {
      const run = { taskId: newTask(), generation: 1 };
      await place().ensure(run);
      await expect.poll(() => place().callers(run.taskId), { timeout: 20_000 }).toEqual([1]);
      await place().crash(run);
      await until(run, false);
      expect(await alive(run)).toBe(false);
      await place().port.stop(run);
    });

    it('that is stopped ends, and leaves nothing behind', async () => {
      const run = { taskId: newTask(), generation: 1 };
      await place().ensure(run);
      await expect.poll(() => place().callers(run.taskId), { timeout: 20_000 }).toEqual([1]);
      await place().port.stop(run);
      expect(await alive(run)).toBe(false);
      await expect.poll(() => place().left(run.taskId), { timeout: 30_000 }).toEqual([]);
      // Again is nothing.
      await place().port.stop(run);
    });

    it('of a newer generation is another one', async () => {
      const taskId = newTask();
      const [old, young] = [
        { taskId, generation: 1 },
        { taskId, generation: 2 },
      ];
      await place().ensure(old);
      await expect.poll(() => place().callers(taskId), { timeout: 20_000 }).toEqual([1]);
      await place().port.stop(old);
      await place().ensure(young);
      await expect.poll(() => place().callers(taskId), { timeout: 20_000 }).toEqual([1, 2]);
      expect([await alive(old), await alive(young)]).toEqual([false, true]);
      // A late order to stop the old one does the new one no harm.
      await place().port.stop(old);
      expect(await alive(young)).toBe(true);
      await place().port.stop(young);
    });
  });
}
