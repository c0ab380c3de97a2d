import { describe, expect, it } from 'vitest';
import {
  LOOK_AFTER_MS,
  type SandboxSituation,
  WorkflowNext,
  forWorkflow,
  isWork,
  nextStep,
  wakesWorkflow,
} from './next-step.ts';
import { type TaskState, dueAt, isFinal } from './state.ts';
import { NOW, STATES, recordIn } from '../testing/records.ts';

/** Just heard of, and no start under way. */
const HEARD: SandboxSituation = { seenAt: NOW, isStarting: false, startAgainAt: 0 };

function step(
  state: TaskState,
  {
    now = NOW,
    issuePollAt = null,
    ...sandbox
  }: Partial<SandboxSituation> & {
    now?: number;
    issuePollAt?: number | null;
  } = {},
) {
  return nextStep({ record: recordIn(state), sandbox: { ...HEARD, ...sandbox }, issuePollAt }, now);
}

const until = (time: number) => ({ do: 'wait', until: time });
const LATER = NOW + 60_000;
const ENSURED = { ...STATES.starting, ensured: true };

describe('what is next', () => {
  it('for a task with a slot and without a sandbox is to start one, once', () => {
    for (const state of [STATES.queued, STATES.starting]) {
      expect(step(state)).toEqual({ do: 'ensure' });
      expect(step(state, { isStarting: true })).toEqual(until(NOW + 1_000));
      expect(step(state, { startAgainAt: NOW + 500 })).toEqual(until(NOW + 500));
    }
    expect(step(STATES.in_line)).toEqual(until(NOW + 1_000));
  });

  it.each([
    ['starting', { ...ENSURED, deadline: LATER }],
    ['working', { is: 'working', deadline: LATER }],
    ['waiting', { ...STATES.leaving, sandbox: { is: 'leaving', until: LATER } }],
  ] as const)('beside a sandbox that is %s is to ask after it once it is silent', (_, state) => {
    const lookAt = NOW + LOOK_AFTER_MS;
    expect(step(state)).toEqual(until(lookAt));
    expect(step(state, { now: lookAt })).toEqual({ do: 'look_after' });
    expect(step(state, { now: lookAt, seenAt: lookAt })).toEqual(until(lookAt + LOOK_AFTER_MS));
  });

  it('for delivered work is to deliver it, but not before its time', () => {
    expect(step(STATES.delivering)).toEqual({ do: 'deliver' });
    const later = { ...STATES.delivering, notBefore: NOW + 500 };
    expect(step(later)).toEqual(until(NOW + 500));
    expect(step(later, { now: NOW + 500 })).toEqual({ do: 'deliver' });
  });

  it.each(['checking', 'in_review'] as const)('for a task that is %s is to see the host', (is) => {
    expect(step(STATES[is])).toEqual(until(NOW + 1_000));
    expect(step(STATES[is], { now: NOW + 1_000 })).toEqual({ do: 'poll_host' });
  });

  it('for a question in an issue is to read its comments, with a sandbox and without', () => {
    expect(step(STATES.parked, { issuePollAt: LATER })).toEqual(until(LATER));
    for (const state of [STATES.warm, STATES.parked]) {
      expect(step(state, { issuePollAt: NOW })).toEqual({ do: 'poll_host' });
    }
  });

  it('for one that waits for a person alone, or is over, is nothing', () => {
    for (const [name, state] of Object.entries(STATES)) {
      const timeless = isFinal(state) || name === 'parked' || name === 'paused';
      expect(step(state).do === 'end').toBe(timeless);
    }
  });

  it('in every state that has a time is never to wait beyond it', () => {
    for (const state of Object.values(STATES)) {
      const due = dueAt(state);
      if (due === null) continue;
      const late = step(state, { now: due, seenAt: due });
      expect(isWork(late)).toBe(true);
      const early = step(state, { now: due - 1, seenAt: due - 1, isStarting: true });
      expect(early.do === 'wait' ? early.until : due).toBeLessThanOrEqual(due);
    }
  });
});

describe('the Workflow', () => {
  const told = (state: TaskState, now = NOW, look = 3) =>
    forWorkflow(step(state, { now, seenAt: now }), recordIn(state), look, now);

  it('waits under an event of its own each time', () => {
    const types = [1, 2].map((look) => told(ENSURED, NOW, look));
    expect(types).toMatchObject([{ type: 'wake-1' }, { type: 'wake-2' }]);
  });

  it('leaves the close look at a sandbox to the alarm', () => {
    expect(told(STATES.working)).toMatchObject({ do: 'wait', timeoutMs: 20_000 });
    const later = { ...STATES.delivering, notBefore: NOW + 900, deadline: LATER };
    expect(told(later)).toMatchObject({ do: 'wait', timeoutMs: 1_000 });
  });

  it.each(['in_line', 'parked', 'checking', 'in_review', 'done', 'failed', 'cancelled'] as const)(
    'has no part in a task that is %s',
    (name) => {
      expect(told(STATES[name])).toEqual({ do: 'end' });
    },
  );

  it('is woken for what it would begin, or when it has no part any more, and for no wait', () => {
    const wakes = Object.entries(STATES)
      .filter(([, state]) => wakesWorkflow(step(state), state))
      .map(([name]) => name);
    expect(wakes).toEqual([
      'in_line',
      'queued',
      'starting',
      'parked',
      'paused',
      'for_plan',
      'delivering',
      'checking',
      'in_review',
      'done',
      'failed',
      'cancelled',
      'closed',
    ]);
    const later = { ...STATES.delivering, notBefore: NOW + 500 };
    expect(wakesWorkflow(step(later), later)).toBe(false);
  });

  it('can read back whatever it is told', () => {
    for (const state of Object.values(STATES)) {
      expect(WorkflowNext.parse(told(state))).toEqual(told(state));
    }
  });
});
