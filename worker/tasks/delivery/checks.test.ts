import { expect, it } from 'vitest';
import { type Check, checksVerdict, stateOfRun, stateOfStatus, tailOf } from './checks.ts';

const check = (state: Check['state'], name: string = state): Check => ({ name, state, log: '' });

it.each([
  [[], { is: 'none' }],
  [[check('pending')], { is: 'pending' }],
  [[check('passed'), check('pending')], { is: 'pending' }],
  [[check('passed', 'a'), check('passed', 'b')], { is: 'passed', count: 2, names: ['a', 'b'] }],
  [[check('passed'), check('failed')], { is: 'failed', failed: [check('failed')] }],
  [[check('pending'), check('failed')], { is: 'failed', failed: [check('failed')] }],
] as const)('%j together: %j', (checks, verdict) => {
  expect(checksVerdict(checks)).toEqual(verdict);
});

it.each([
  ['queued', null, 'pending'],
  ['in_progress', null, 'pending'],
  ['waiting', null, 'pending'],
  ['completed', 'success', 'passed'],
  ['completed', 'neutral', 'passed'],
  ['completed', 'skipped', 'passed'],
  ['completed', 'failure', 'failed'],
  ['completed', 'timed_out', 'failed'],
  ['completed', 'cancelled', 'failed'],
  ['completed', 'action_required', 'failed'],
])('a run that is %s with %s has %s', (status, conclusion, state) => {
  expect(stateOfRun(status, conclusion)).toBe(state);
});

it('a status is read in the same words', () => {
  expect(['pending', 'success', 'failure', 'error'].map(stateOfStatus)).toEqual([
    'pending',
    'passed',
    'failed',
    'failed',
  ]);
});

it('a long log keeps its end, from a whole line on, without colours', () => {
  expect(tailOf('one\n\u001B[31mtwo\u001B[0m\n', 100)).toBe('one\ntwo');
  expect(tailOf('first line\nsecond line\nthird line', 15)).toBe('… (cut)\nthird line');
});
