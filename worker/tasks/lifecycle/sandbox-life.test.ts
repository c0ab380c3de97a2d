import { describe, expect, it } from 'vitest';
import {
  DELIVERING_MS,
  LOSSES_MAX,
  PROGRESS_MS,
  SILENCE_MS,
  STALLS_MAX,
  STARTING_MS,
  type TaskRecord,
  type TaskState,
  dueAt,
  newTask,
} from './state.ts';
import { REVIEW_POLL_MS } from './polling.ts';
import { transition } from './transition.ts';
import { DELIVERED, NOW, STATES, recordIn } from '../testing/records.ts';
import { after, granted } from '../testing/triggers.ts';

describe('deadlines', () => {
  it('are set anew by each start and each sign of life', () => {
    const started = after(granted(newTask('direct', NOW)), { on: 'start' }).record;
    expect(started).toMatchObject({ generation: 1, startedAt: NOW });
    expect(dueAt(started.state)).toBe(NOW + STARTING_MS);
    const working = after(started, { on: 'sign_of_life', generation: 1, progress: false }).record;
    expect(dueAt(working.state)).toBe(NOW + SILENCE_MS);
    const delivering = after(working, { on: 'result', generation: 1, result: DELIVERED }).record;
    expect(dueAt(delivering.state)).toBe(NOW + DELIVERING_MS);
  });

  it('of a review grow from the first pause to the longest', () => {
    let { record } = after(recordIn(STATES.checking), {
      on: 'checks_seen',
      seen: { is: 'none' },
    });
    const pauses: number[] = [];
    for (let now = NOW; pauses.length < 8; now = dueAt(record.state) ?? 0) {
      if (now > NOW) ({ record } = after(record, { on: 'time' }, now));
      pauses.push((dueAt(record.state) ?? 0) - now);
    }
    const { first, longest } = REVIEW_POLL_MS;
    expect(pauses.slice(0, 3)).toEqual([first, first, 2 * first]);
    expect(pauses.at(-1)).toBe(longest);
  });
});

describe('a lost sandbox', () => {
  const lose = (record: TaskRecord) =>
    after(record, { on: 'sandbox_gone', generation: record.generation });

  it('is stopped for good and replaced by the next generation', () => {
    const { record, effects } = lose(recordIn(STATES.working));
    expect(record).toMatchObject({ generation: 3, losses: 1, state: { ensured: false } });
    expect(effects).toContainEqual({ do: 'stop_sandbox', generation: 2 });
    expect(effects).toContainEqual({ do: 'dispatch' });
  });

  it('is told to the person once, not for each loss in a row', () => {
    const first = lose(recordIn(STATES.working));
    const second = lose(first.record);
    const told = (effects: typeof first.effects) => effects.filter((one) => one.do === 'notice');
    expect(told(first.effects)).toHaveLength(1);
    expect(told(second.effects)).toHaveLength(0);
  });

  it('fails the task after the limit of losses in a row, and the last one is stopped', () => {
    let record = recordIn(STATES.working);
    for (let loss = 1; loss <= LOSSES_MAX; loss++) record = lose(record).record;
    expect(record.state.is).toBe('starting');
    const last = lose(record);
    expect(last.record.state).toMatchObject({ is: 'failed', reason: /Retry/ });
    expect(last.effects).toContainEqual({ do: 'stop_sandbox', generation: record.generation });
  });

  it('does not count once there was progress since; a heartbeat is none', () => {
    const record = recordIn(STATES.working, { losses: LOSSES_MAX });
    const life = (progress: boolean) =>
      after(record, { on: 'sign_of_life', generation: 2, progress }).record.losses;
    expect(life(false)).toBe(LOSSES_MAX);
    expect(life(true)).toBe(0);
  });

  it('that comes up too late is stopped', () => {
    const late: [TaskState, number][] = [
      [STATES.starting, 1],
      [STATES.working, 1],
      [STATES.cancelled, 2],
      [STATES.failed, 2],
      [STATES.queued, 2],
    ];
    for (const [state, generation] of late) {
      const record = recordIn(state);
      expect(transition(record, { on: 'ensured', generation }, NOW)).toEqual({
        record,
        effects: [{ do: 'stop_sandbox', generation }],
      });
    }
  });
});

describe('a runner that lives while Claude Code stands still', () => {
  const life = (record: TaskRecord, now: number, progress = false) =>
    after(record, { on: 'sign_of_life', generation: record.generation, progress }, now).record;
  /** Works, then sends heartbeats for as long as it takes. */
  const stall = (record: TaskRecord, since: number) => {
    const still = life(life(record, since, true), since + PROGRESS_MS);
    return after(still, { on: 'time' }, since + PROGRESS_MS);
  };

  it('is replaced from its checkpoint after that time, not before', () => {
    const working = life(recordIn(STATES.starting), NOW, true);
    const still = life(working, NOW + PROGRESS_MS - 1);
    expect(transition(still, { on: 'time' }, NOW + PROGRESS_MS - 1)).toBeNull();
    const { record, effects } = after(still, { on: 'time' }, NOW + PROGRESS_MS);
    expect(record).toMatchObject({ generation: 3, stalls: 1, state: { is: 'starting' } });
    expect(effects).toContainEqual({ do: 'stop_sandbox', generation: 2 });
    const reason = 'it stood still for 30 minutes';
    expect(effects).toContainEqual({ do: 'notice', notice: { is: 'recovered', reason } });
  });

  it('has the whole time again after each word of Claude Code’s', () => {
    const first = life(recordIn(STATES.starting), NOW, true);
    const later = life(first, NOW + PROGRESS_MS - 1, true);
    const still = life(later, NOW + PROGRESS_MS + SILENCE_MS);
    expect(transition(still, { on: 'time' }, NOW + PROGRESS_MS + SILENCE_MS)).toBeNull();
  });

  it('and stands still each time fails in words, though it speaks in between', () => {
    let { record } = stall(recordIn(STATES.starting), NOW);
    for (let stalls = 2; stalls <= STALLS_MAX; stalls++) ({ record } = stall(record, NOW));
    const last = stall(record, NOW);
    expect(last.record.state).toMatchObject({ is: 'failed', reason: /stood still.*Retry/ });
    expect(last.effects).toContainEqual({ do: 'stop_sandbox', generation: record.generation });
  });

  it('while it waits for a person may do so for as long as that takes', () => {
    const waiting = life(recordIn(STATES.warm), NOW + PROGRESS_MS);
    expect(waiting.state.is).toBe('waiting');
    const prompt = { on: 'prompt_received', approved: false, outcome: null } as const;
    const { record } = after(waiting, prompt, NOW + PROGRESS_MS);
    const beat = life(record, NOW + PROGRESS_MS);
    expect(dueAt(beat.state)).toBe(NOW + PROGRESS_MS + SILENCE_MS);
  });

  it('is given its time when its row is from before this was measured', () => {
    const old = life(recordIn({ is: 'working', deadline: NOW + 1 }), NOW);
    expect(old.state).toMatchObject({ deadline: NOW + SILENCE_MS, stalledAt: NOW + PROGRESS_MS });
  });
});
