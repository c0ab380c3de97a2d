import { expect, it } from 'vitest';
import { type SlotRow, dueSlots } from './slot-store.ts';

function row(taskId: string, changed: Partial<SlotRow> = {}): SlotRow {
  return {
    taskId,
    attempt: 1,
    slot: 'waiting',
    granted: false,
    ahead: false,
    after: null,
    ...changed,
  };
}
const due = (rows: SlotRow[], limit: number, blocking: string[] = []) =>
  dueSlots(rows, limit, (taskId) => blocking.includes(taskId)).map(({ taskId }) => taskId);

it('gives turns in order, up to the limit', () => {
  expect(due([row('a'), row('b'), row('c')], 2)).toEqual(['a', 'b']);
});

it('counts those at work, and those whose turn was granted but not taken yet', () => {
  const busy = [row('a', { slot: 'taken' }), row('b', { granted: true })];
  expect(due([...busy, row('c'), row('d')], 3)).toEqual(['c']);
  expect(due([...busy, row('c')], 2)).toEqual([]);
  expect(due([...busy, row('c')], 1)).toEqual([]);
});

it('lets others go before one that waits for another task', () => {
  const rows = [row('a', { after: 'x' }), row('b')];
  expect(due(rows, 1, ['x'])).toEqual(['b']);
  expect(due(rows, 1)).toEqual(['a']);
});
