import { describe, expect, it } from 'vitest';
import { LEAVING_MS, SILENCE_MS, type TaskRecord, WARM_MS, dueAt, hasSandbox } from './state.ts';
import type { Asking } from './effect.ts';
import type { TaskTrigger } from './transition.ts';
import { DELIVERED, NOW, STATES, recordIn } from '../testing/records.ts';
import { ASK, BROKEN, QUESTION, RAISED, SPENT, after } from '../testing/triggers.ts';

describe('a task whose money is spent', () => {
  const pause: TaskTrigger = {
    on: 'pause',
    what: { for: 'budget', scope: 'task' },
    budget: SPENT,
  };

  it('breaks off, asks the person, and keeps its work', () => {
    const { effects } = after(recordIn(STATES.working), pause);
    expect(effects).toEqual([
      { do: 'break_off' },
      { do: 'open_budget', budget: SPENT },
      { do: 'notice', notice: { is: 'budget_spent', ...SPENT } },
    ]);
  });

  it('is no failure when Claude Code is refused its next call', () => {
    const failed: TaskTrigger = { on: 'result', generation: 2, result: BROKEN };
    expect(after(recordIn(STATES.breaking), failed).record.state).toMatchObject({
      what: { for: 'budget' },
      sandbox: { is: 'gone' },
    });
  });

  it('goes on where it stopped once there is more', () => {
    const { record, effects } = after(recordIn(STATES.paused), {
      on: 'go_on',
      scope: 'task',
      outcome: RAISED,
    });
    expect(record).toMatchObject({ attempt: 2, state: { is: 'queued', slot: 'waiting' } });
    expect(effects).toEqual([
      { do: 'tell_worker', text: expect.stringContaining('Go on') },
      { do: 'settle', outcome: RAISED },
    ]);
  });

  it('that had just finished is delivered all the same', () => {
    const result: TaskTrigger = { on: 'result', generation: 2, result: DELIVERED };
    const { record, effects } = after(recordIn(STATES.breaking), result);
    expect(record.state.is).toBe('delivering');
    expect(effects).toContainEqual(expect.objectContaining({ do: 'settle' }));
  });
});

describe('a task that waits for a person', () => {
  const ask = (asking: Asking | null) =>
    after(recordIn(STATES.working), { on: 'asked', generation: 2, ...QUESTION, ask: asking });

  it('files what is new, and nothing for what was asked before', () => {
    const { effects } = ask(ASK);
    expect(effects).toEqual([
      { do: 'open_asking', ask: ASK },
      { do: 'notice', notice: ASK },
    ]);
    expect(ask(null).effects).toEqual([]);
  });

  it('keeps its sandbox for a while, then tells it to keep its work and go', () => {
    const { record } = ask(ASK);
    const alive = (now: number, before: TaskRecord) =>
      after(before, { on: 'sign_of_life', generation: 2, progress: false }, now).record;
    expect(dueAt(record.state)).toBe(NOW + SILENCE_MS);
    const heard = alive(NOW + WARM_MS - 1, record);
    expect(dueAt(heard.state)).toBe(NOW + WARM_MS);
    const { record: leaving, effects } = after(heard, { on: 'time' }, NOW + WARM_MS);
    expect(effects).toEqual([{ do: 'park' }]);
    expect(dueAt(leaving.state)).toBe(NOW + WARM_MS + LEAVING_MS);
    // One that does not go by itself is stopped.
    const gone = after(leaving, { on: 'time' }, NOW + WARM_MS + LEAVING_MS);
    expect(gone.effects).toEqual([{ do: 'stop_sandbox', generation: 2 }]);
    expect(hasSandbox(gone.record.state)).toBe(false);
  });

  it('is not given another sandbox when its own is lost meanwhile', () => {
    const silent = after(ask(ASK).record, { on: 'time' }, NOW + SILENCE_MS);
    expect(silent.record.state).toMatchObject({ is: 'waiting', sandbox: { is: 'gone' } });
    expect(silent.effects).toEqual([{ do: 'stop_sandbox', generation: 2 }]);
  });

  it('goes on in the sandbox that is there, and in a new one otherwise', () => {
    const told = { on: 'prompt_received', approved: false, outcome: null } as const;
    expect(after(recordIn(STATES.warm), told)).toMatchObject({
      record: { attempt: 1, state: { is: 'working' } },
      effects: [],
    });
    expect(after(recordIn(STATES.leaving), told)).toMatchObject({
      record: { attempt: 2, state: { is: 'queued' } },
      effects: [{ do: 'stop_sandbox', generation: 2 }],
    });
    expect(after(recordIn(STATES.parked), told)).toMatchObject({
      record: { attempt: 2, state: { is: 'queued' } },
      effects: [],
    });
  });

  it('plans no more once its plan was approved, and does after a change was asked for', () => {
    const planning = recordIn(STATES.warm, { mode: 'plan' });
    const mode = (approved: boolean) =>
      after(planning, { on: 'prompt_received', approved, outcome: null }).record.mode;
    expect(mode(true)).toBe('direct');
    expect(mode(false)).toBe('plan');
  });
});
