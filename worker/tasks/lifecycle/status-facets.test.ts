import { describe, expect, it } from 'vitest';
import { STATUS } from '../../../protocol/task-status.ts';
import { NOW, STATES, recordIn } from '../testing/records.ts';
import { isFinal, statusOf } from './state.ts';
import { type TaskTrigger, transition } from './transition.ts';

const outcome = { by: 'person', text: 'Said so', at: NOW } as const;

describe.each(Object.entries(STATES))('what a page shows of a task that is %s', (_, state) => {
  const record = recordIn(state);
  const status = STATUS[statusOf(record)];
  const isTaken = (trigger: TaskTrigger) => transition(record, trigger, NOW) !== null;

  it('ends where the task ends', () => {
    expect(status.isEnded).toBe(isFinal(state));
  });

  it('offers to cancel and to retry where that is possible', () => {
    expect(!status.isEnded).toBe(isTaken({ on: 'cancel', outcome }));
    expect(status.canRetry).toBe(isTaken({ on: 'retry', from: 'checkpoint', outcome }));
  });

  it('offers to interrupt a turn alone, and money is spent in no other time but at its start', () => {
    expect(status.canInterrupt).toBe(state.is === 'working');
    expect(status.spends).toBe(state.is === 'working' || state.is === 'starting');
  });

  it('says follow-up where words begin another stretch of work on what was delivered or ended', () => {
    const told = transition(record, { on: 'prompt_received', approved: false, outcome }, NOW);
    const begins = told?.record.state.is === 'queued' && state.is !== 'waiting';
    expect(status.message === 'follows_up').toBe(begins && state.is !== 'checking');
    expect(status.blocksAfter).toBe(status.message !== 'follows_up');
  });
});
