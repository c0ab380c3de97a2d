import { describe, expect, it } from 'vitest';
import {
  needsWatch,
  olderRecord,
  olderReport,
  renamedRecord,
  renamedReport,
} from './older-shapes.ts';

const pullRequest = { number: 7, url: 'https://git.example/demo/tasks/pull/7' };
const head = { spec: { mode: 'plan' } };

describe('a record of the version before', () => {
  it.each([
    ['waiting', 'waiting'],
    ['given', 'granted'],
  ])('that was %s a place is %s a slot', (place, slot) => {
    const old = { asked: 'plan', state: { is: 'queued', place, deadline: 1 } };
    expect(renamedRecord(old)).toEqual({
      initialMode: 'plan',
      state: { is: 'queued', slot, deadline: 1 },
    });
  });

  it('is the same when it is renamed once more', () => {
    const once = renamedRecord({ asked: 'plan', state: { is: 'queued', place: 'given' } });
    expect(renamedRecord(once)).toEqual(once);
  });

  it.each([[{ state: 'rubbish' }], [{}]])('that makes no sense stays as it is: %j', (old) => {
    expect(renamedRecord(old)).toEqual(old);
  });
});

describe('a record from before plans, slots and reviews', () => {
  it('is of the mode that its task was given', () => {
    expect(olderRecord({}, head, null)).toMatchObject({ mode: 'plan', initialMode: 'plan' });
    expect(olderRecord({}, 'rubbish', null)).toMatchObject({ mode: 'direct' });
    expect(olderRecord({ mode: 'direct' }, head, null)).toMatchObject({
      mode: 'direct',
      initialMode: 'plan',
    });
  });

  it.each([
    ['was dispatched at once', { is: 'queued', deadline: 1 }, { slot: 'granted' }],
    ['looks for its pushed commit', { is: 'checking', result: {} }, { is: 'delivering' }],
    ['watches its checks', { is: 'checking', since: 1 }, { is: 'checking' }],
    ['is in review', { is: 'in_review', pollAt: 1 }, { checks: { is: 'none' } }],
    ['was cancelled', { is: 'cancelled' }, { by: 'person' }],
    ['was closed at the host', { is: 'cancelled', by: 'host' }, { by: 'host' }],
  ])('that %s is so today', (_, state, today) => {
    expect(olderRecord({ state }, head, null)).toMatchObject({ state: today });
  });

  it('has delivered its last commit where it has a pull request', () => {
    const commit = 'c'.repeat(40);
    expect(olderRecord({ pullRequest }, head, commit)).toMatchObject({
      delivered: { pullRequest, commit },
    });
    expect(olderRecord({ pullRequest }, head, null)).toMatchObject({ delivered: null });
    expect(olderRecord({ pullRequest: null }, head, commit)).toMatchObject({ delivered: null });
  });
});

describe('a report', () => {
  it('is of a task and a slot', () => {
    expect(renamedReport({ line: { id: 't' }, place: 'taken', spent: null })).toEqual({
      task: { id: 't' },
      slot: 'taken',
      spent: null,
    });
  });

  it('that settled an item by words alone settles it as the task', () => {
    const old = { task: { updatedAt: 5 }, inbox: { is: 'settle', text: 'Merged' } };
    expect(olderReport(old)).toEqual({
      task: { updatedAt: 5 },
      slot: 'none',
      spent: null,
      inbox: { is: 'settle', outcome: { by: 'task', text: 'Merged', at: 5 } },
    });
  });
});

it.each([
  ['queued', undefined, true],
  ['in_review', undefined, true],
  ['cancelled', 'host', true],
  ['cancelled', 'person', false],
  ['done', undefined, false],
  ['failed', undefined, false],
])('a task that is %s (%s) wants to hear of its repository: %s', (is, by, wants) => {
  expect(needsWatch({ state: { is, by } })).toBe(wants);
});

it('of a task that cannot be read nothing is wanted', () => {
  expect(needsWatch('rubbish')).toBe(false);
  expect(needsWatch({ state: 1 })).toBe(false);
});
