import { expect, it } from 'vitest';
import { Next, next } from './next-step.ts';
import { NOW, STATES, recordIn } from '../testing/records.ts';

const look = (state: Parameters<typeof recordIn>[0], now = NOW, number = 3) =>
  next(recordIn(state), number, now);

it('a task without a sandbox gets one', () => {
  expect(look(STATES.queued)).toEqual({ do: 'ensure' });
  expect(look(STATES.starting)).toEqual({ do: 'ensure' });
});

it('a sandbox that was asked for is waited for until its deadline', () => {
  expect(look({ ...STATES.starting, ensured: true })).toEqual({
    do: 'wait',
    type: 'wake-3',
    timeoutMs: 1_000,
  });
});

it('a runner at work is waited for until it has been silent too long', () => {
  const state = { is: 'working', deadline: NOW + 20_000 } as const;
  expect(look(state)).toEqual({ do: 'wait', type: 'wake-3', timeoutMs: 20_000 });
});

it('delivered work is delivered, but not before its time', () => {
  expect(look(STATES.delivering)).toEqual({ do: 'deliver' });
  const later = { ...STATES.delivering, notBefore: NOW + 5_000 };
  expect(look(later)).toEqual({ do: 'wait', type: 'wake-3', timeoutMs: 5_000 });
  expect(look(later, NOW + 5_000)).toEqual({ do: 'deliver' });
});

it.each(['checking', 'in_review', 'done', 'failed', 'cancelled'] as const)(
  'a task that is %s needs no Workflow',
  (is) => {
    expect(look(STATES[is])).toEqual({ do: 'end' });
  },
);

it('a question is waited for with the sandbox, and without a Workflow once that is gone', () => {
  expect(look(STATES.warm)).toMatchObject({ do: 'wait', timeoutMs: 1_000 });
  expect(look(STATES.leaving)).toMatchObject({ do: 'wait', timeoutMs: 1_000 });
  expect(look(STATES.parked)).toEqual({ do: 'end' });
});

it('each look waits for an event of its own', () => {
  const types = [1, 2].map((number) => look(STATES.working, NOW, number));
  expect(types).toMatchObject([{ type: 'wake-1' }, { type: 'wake-2' }]);
});

it('a deadline that has passed is no hot loop', () => {
  expect(look(STATES.working, NOW + 60_000)).toMatchObject({ do: 'wait', timeoutMs: 1_000 });
});

it('every decision is one that the Workflow can read back', () => {
  for (const state of Object.values(STATES)) expect(Next.parse(look(state))).toEqual(look(state));
});
