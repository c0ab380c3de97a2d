import { describe, expect, it } from 'vitest';
import { NOW, PULL_REQUEST, STATES, recordIn } from '../testing/records.ts';
import { UNREADABLE_RECORD, salvagedRecord } from './salvage.ts';

const traces = { mode: 'plan', lastEvent: 12, generation: 2, pullRequest: null } as const;

describe('a record in place of one that cannot be read', () => {
  it.each([undefined, null, 7, 'rubbish', [], {}])('is a failed task, from %j too', (record) => {
    expect(salvagedRecord(record, traces)).toMatchObject({
      state: { is: 'failed', reason: UNREADABLE_RECORD },
      mode: 'plan',
      initialMode: 'plan',
    });
  });

  it('keeps each field that can be read by itself', () => {
    const record = { ...recordIn(STATES.working), attempt: 4, rounds: 'many', state: 'gone' };
    expect(salvagedRecord(record, traces)).toMatchObject({
      mode: 'direct',
      attempt: 4,
      startedAt: NOW - 60_000,
      pullRequest: PULL_REQUEST,
    });
  });

  it('has an attempt that no Workflow had: each attempt left an event at least', () => {
    expect(salvagedRecord({}, traces).attempt).toBe(12);
    expect(salvagedRecord({ attempt: 'x' }, { ...traces, lastEvent: 0 }).attempt).toBe(1);
  });

  it('has a generation above every sandbox’s that left a key', () => {
    expect(salvagedRecord({ generation: 1 }, traces).generation).toBe(2);
    expect(salvagedRecord({ generation: 5 }, traces).generation).toBe(5);
  });

  it('knows the pull request by the task’s own events', () => {
    expect(salvagedRecord({}, { ...traces, pullRequest: PULL_REQUEST })).toMatchObject({
      pullRequest: PULL_REQUEST,
    });
  });
});
