import { describe, expect, it } from 'vitest';
import { ContainerLife, type Owner } from './container-life.ts';

const OWNER: Owner = { objectId: 'a'.repeat(64), generation: 3 };
const SECOND = 1_000;

/** One container, its object's storage and its task, all of them written down. */
function world() {
  const calls: string[] = [];
  const kept = new Map<string, unknown>();
  const ready: PromiseWithResolvers<void>[] = [];
  const outlives: number[] = [];
  const sleeps: { ms: number; end: () => void }[] = [];
  let monitor = Promise.withResolvers<void>();
  let alarm: number | null = null;
  const state = {
    running: false,
    wanted: true,
    taskAway: false,
    leavesOnSignal: true,
    stays: false,
  };
  const end = (error?: unknown) => {
    state.running = false;
    if (error === undefined) monitor.resolve();
    else monitor.reject(error);
    for (const one of ready) one.reject(error ?? new Error('it is gone'));
  };
  const life = new ContainerLife({
    container: {
      get running() {
        return state.running;
      },
      monitor: () => monitor.promise,
      setInactivityTimeout: async (ms) => void outlives.push(Number(ms)),
      signal: (number) => {
        calls.push(`signal ${number}`);
        if (state.leavesOnSignal) end();
      },
      destroy: async () => {
        calls.push('destroy');
        if (state.stays) throw new Error('the platform is away');
        if (state.running) end();
      },
      ready: () => {
        const asked = Promise.withResolvers<void>();
        asked.promise.catch(() => {});
        ready.push(asked);
        return asked.promise;
      },
    },
    storage: {
      get: async (key: string) => kept.get(key) as never,
      put: async (key: string, value: unknown) => void kept.set(key, value),
      getAlarm: async () => alarm,
      setAlarm: async (at: number) => void (alarm = at),
      deleteAlarm: async () => void (alarm = null),
      deleteAll: async () => kept.clear(),
    } as never,
    owner: () => ({
      wantsSandbox: async () => {
        if (state.taskAway) throw new Error('away');
        return state.wanted;
      },
      sandboxEnded: async (generation) => void calls.push(`ended ${generation}`),
    }),
    lookEveryMs: 120 * SECOND,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        sleeps.push({ ms, end: resolve });
        signal.addEventListener('abort', () => reject(new Error('aborted')));
      }),
  });
  const start = async () => {
    calls.push('start');
    monitor = Promise.withResolvers<void>();
    monitor.promise.catch(() => {});
    state.running = true;
  };
  return {
    life,
    calls,
    kept,
    state,
    ready,
    sleeps,
    outlives,
    end,
    start,
    alarmAt: () => alarm,
    up: async () => {
      const ensured = life.ensure(OWNER, start);
      await expect.poll(() => ready.length).toBeGreaterThan(0);
      ready.at(-1)?.resolve();
      return ensured;
    },
  };
}

describe('starting', () => {
  it('is one start, however many ask at the same time and after', async () => {
    const at = world();
    const asked = [1, 2, 3].map(() => at.life.ensure(OWNER, at.start));
    await expect.poll(() => at.ready.length).toBe(1);
    at.ready[0]?.resolve();
    expect(await Promise.all(asked)).toEqual([{ is: 'up' }, { is: 'up' }, { is: 'up' }]);
    expect(await at.up()).toEqual({ is: 'up' });
    expect(at.calls).toEqual(['start']);
  });

  it('has somebody who looks after it before it begins', async () => {
    const at = world();
    const asked = at.life.ensure(OWNER, async () => {
      expect(at.kept.get('owner')).toEqual(OWNER);
      expect(at.alarmAt()).not.toBeNull();
      throw new Error('not today');
    });
    await expect(asked).rejects.toThrow('not today');
  });

  it('that is late is an error, and joined by the next call', async () => {
    const at = world();
    const asked = at.life.ensure(OWNER, at.start);
    await expect.poll(() => at.sleeps.length).toBe(1);
    at.sleeps[0]?.end();
    await expect(asked).rejects.toThrow('was not up after 90 s');
    expect(await at.up()).toEqual({ is: 'up' });
    expect(at.calls).toEqual(['start']);
  });

  it('whose container ends is an error, not news for the task', async () => {
    const at = world();
    const asked = at.life.ensure(OWNER, at.start);
    await expect.poll(() => at.ready.length).toBe(1);
    at.end();
    await expect(asked).rejects.toThrow();
    expect(at.calls).toEqual(['start']);
  });

  it('without room is told as such, and leaves nothing behind', async () => {
    const at = world();
    const asked = at.life.ensure(OWNER, at.start);
    await expect.poll(() => at.ready.length).toBe(1);
    at.end(new Error('Maximum number of running container instances exceeded.'));
    expect(await asked).toMatchObject({ is: 'no_room' });
    expect([at.kept.size, at.alarmAt()]).toEqual([0, null]);
    expect(at.calls).toEqual(['start', 'destroy']);
  });
});

describe('its end', () => {
  it('is told to its task at once when it comes by itself', async () => {
    const at = world();
    await at.up();
    at.end(new Error('exit 137'));
    await expect.poll(() => at.calls).toEqual(['start', 'ended 3']);
  });

  it('on request leaves time for a last checkpoint, is not told, and leaves nothing behind', async () => {
    const at = world();
    await at.up();
    await at.life.stop();
    expect(at.calls).toEqual(['start', 'signal 15', 'destroy']);
    expect([at.kept.size, at.alarmAt()]).toEqual([0, null]);
  });

  it('is forced once the time for a checkpoint is over', async () => {
    const at = world();
    await at.up();
    at.state.leavesOnSignal = false;
    const stopping = at.life.stop();
    await expect.poll(() => at.sleeps.at(-1)?.ms).toBe(12 * SECOND);
    expect(at.calls).toEqual(['start', 'signal 15']);
    at.sleeps.at(-1)?.end();
    await stopping;
    expect(at.calls).toEqual(['start', 'signal 15', 'destroy']);
  });
});

describe('being looked after', () => {
  it('outlives its object’s sleep from one look to the next, which each start and each look says again', async () => {
    const at = world();
    await at.up();
    expect(at.outlives).toEqual([600 * SECOND]);
    await at.life.lookAfter();
    expect(at.outlives).toHaveLength(2);
    at.end();
    await at.life.outlive();
    expect(at.outlives).toHaveLength(2);
  });

  it('keeps one that is wanted, and looks again', async () => {
    const at = world();
    await at.up();
    await at.life.lookAfter();
    expect(at.calls).toEqual(['start']);
    expect(at.alarmAt()).toBeGreaterThan(Date.now());
  });

  it('ends one that nobody wants', async () => {
    const at = world();
    await at.up();
    at.state.wanted = false;
    await at.life.lookAfter();
    expect(at.calls).toEqual(['start', 'signal 15', 'destroy']);
    expect([at.kept.size, at.alarmAt()]).toEqual([0, null]);
  });

  it('tries again to end one that could not be ended', async () => {
    const at = world();
    await at.up();
    at.state.wanted = false;
    at.state.stays = true;
    await at.life.lookAfter();
    expect(at.alarmAt()).toBeGreaterThan(Date.now());
    at.state.stays = false;
    await at.life.lookAfter();
    expect([at.kept.size, at.alarmAt()]).toEqual([0, null]);
  });

  it('keeps one whose task cannot be asked', async () => {
    const at = world();
    await at.up();
    at.state.taskAway = true;
    await at.life.lookAfter();
    expect(at.calls).toEqual(['start']);
    expect(at.alarmAt()).not.toBeNull();
  });

  it('tells of an end that nobody heard', async () => {
    const at = world();
    await at.up();
    const calls = at.calls;
    at.state.running = false;
    await at.life.lookAfter();
    expect(calls).toEqual(['start', 'ended 3', 'destroy']);
    expect(at.kept.size).toBe(0);
  });

  it('does nothing where nothing was started', async () => {
    const at = world();
    await at.life.lookAfter();
    expect(at.calls).toEqual([]);
    expect(at.life.isRunning).toBe(false);
  });
});
