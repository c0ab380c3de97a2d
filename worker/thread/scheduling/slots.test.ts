import { describe, expect, it } from 'vitest';
import type { TaskStatus } from '../../../protocol/task.ts';
import { type TaskState, slotOf, statusOf } from '../../tasks/lifecycle/state.ts';
import { STATES, recordIn } from '../../tasks/testing/records.ts';
import {
  type Repair,
  type SlotRow,
  type TaskSide,
  type ThreadSide,
  disagreements,
  dueSlots,
  rankBetween,
} from './slots.ts';

function row(taskId: string, changed: Partial<SlotRow> = {}): SlotRow {
  return { taskId, attempt: 1, slot: 'waiting', ahead: false, after: null, ...changed };
}

describe('slots that are due', () => {
  const due = (rows: SlotRow[], limit: number, blocking: string[] = []) =>
    dueSlots(rows, limit, (taskId) => blocking.includes(taskId)).map(({ taskId }) => taskId);

  it('go to those who wait, in order, up to the limit', () => {
    expect(due([row('a'), row('b'), row('c')], 2)).toEqual(['a', 'b']);
  });

  it('leave out those at work, and those whose turn was granted but not taken yet', () => {
    const busy = [row('a', { slot: 'taken' }), row('b', { slot: 'granted' })];
    expect(due([...busy, row('c'), row('d')], 3)).toEqual(['c']);
    expect(due([...busy, row('c')], 2)).toEqual([]);
    expect(due([...busy, row('c')], 1)).toEqual([]);
  });

  it('let others go before one that waits for another task', () => {
    const rows = [row('a', { after: 'x' }), row('b')];
    expect(due(rows, 1, ['x'])).toEqual(['b']);
    expect(due(rows, 1)).toEqual(['a']);
  });
});

describe('a rank', () => {
  it('lies between its neighbours, or beyond the only one', () => {
    expect(rankBetween(null, null)).toBe(1);
    expect(rankBetween(3, null)).toBe(4);
    expect(rankBetween(null, 1)).toBe(0);
    expect(rankBetween(1, 2)).toBe(1.5);
  });

  it('is none once a gap was halved so often that no number is left in it', () => {
    let before: number | null = 1;
    let halved = 0;
    for (; before !== null && halved < 100; halved++) before = rankBetween(before, 2);
    expect(before).toBeNull();
    expect(halved).toBeGreaterThan(40);
  });
});

const ATTEMPT = 2;
const STATUSES = [
  'Queued',
  'Starting',
  'Planning',
  'Needs answers',
  'Needs approval',
  'Working',
  'Checking',
  'In review',
  'Done',
  'Failed',
  'Cancelled',
] as const satisfies TaskStatus[];

/** Every row that the conversation can have of a task at its second attempt. */
const ROWS: Record<string, SlotRow | null> = {
  none: null,
  ...Object.fromEntries(
    (['waiting', 'granted', 'taken'] as const).flatMap((slot) =>
      [1, 2, 3].map((attempt) => [`${slot} ${attempt}`, row('a', { slot, attempt })]),
    ),
  ),
};

function sideOf(state: TaskState, stopping: boolean): TaskSide {
  const status = statusOf(recordIn(state));
  return { status, attempt: ATTEMPT, slot: slotOf(state, stopping) };
}

/** Every state of a task, with an earlier sandbox that may still run and without; `unknown` is an empty object. */
const TASKS: Record<string, TaskSide> = {
  unknown: null,
  ...Object.fromEntries(
    Object.entries(STATES).flatMap(([name, state]) => [
      [name, sideOf(state, false)],
      [`${name}, stopping`, sideOf(state, true)],
    ]),
  ),
};

/** What a repair leaves behind on both sides, as the scheduler carries it out. */
function mended(thread: ThreadSide, task: TaskSide, repair: Repair): [ThreadSide, TaskSide] {
  const attempt = task?.attempt ?? 1;
  switch (repair) {
    case 'take_summary':
      return task === null
        ? [thread, task]
        : [{ ...thread, status: task.status, attempt: task.attempt }, task];
    case 'free':
      return [{ ...thread, slot: null }, task];
    case 'take':
      return [{ ...thread, slot: row('a', { slot: 'taken', attempt }) }, task];
    case 'join':
      return [{ ...thread, slot: row('a', { attempt }) }, task];
    case 'grant_again':
      return [
        { ...thread, slot: row('a', { slot: 'taken', attempt }) },
        task === null ? null : { ...task, slot: 'taken' },
      ];
    case 'create_again': {
      // The new object's first report is taken like any other.
      const granted = thread.slot?.slot === 'granted';
      const slot = row('a', { slot: granted ? 'taken' : 'waiting' });
      return [
        { status: 'Queued', attempt: 1, slot },
        { status: 'Queued', attempt: 1, slot: granted ? 'taken' : 'waiting' },
      ];
    }
  }
}

const pairs = Object.entries(TASKS).flatMap(([name, task]) =>
  Object.entries(ROWS).flatMap(([of, slot]) =>
    STATUSES.flatMap((status) =>
      [1, 2, 3].map((attempt) => ({ name, of, task, thread: { status, attempt, slot } })),
    ),
  ),
);

describe('the conversation and a task', () => {
  it('agree once what is found was mended, whatever pair of states they were in', () => {
    expect(pairs.length).toBe((Object.keys(STATES).length * 2 + 1) * 10 * 11 * 3);
    for (const { thread, task } of pairs) {
      let sides: [ThreadSide, TaskSide] = [thread, task];
      for (const repair of disagreements(thread, task)) sides = mended(...sides, repair);
      expect({ thread, task, left: disagreements(...sides) }).toMatchObject({ left: [] });
    }
  });

  const found = (wrong: (pair: (typeof pairs)[number]) => boolean) =>
    pairs.filter(wrong).map(({ thread, task }) => disagreements(thread, task));

  it('disagree wherever a task waits and stands in no queue', () => {
    const lost = found(
      ({ task, thread: { slot } }) =>
        task?.slot === 'waiting' && !(slot?.slot === 'waiting' && slot.attempt === task.attempt),
    );
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.filter((repairs) => repairs.length === 0)).toEqual([]);
  });

  it('disagree wherever a slot is taken by nobody, or work takes no slot', () => {
    const idle = found(({ task, thread }) => task?.slot === 'none' && thread.slot !== null);
    expect(idle.every((repairs) => repairs.includes('free'))).toBe(true);
    const secret = found(
      ({ task, thread }) => task?.slot === 'taken' && thread.slot?.slot !== 'taken',
    );
    expect(secret.every((repairs) => repairs.includes('take'))).toBe(true);
  });

  it('disagree wherever they name another status', () => {
    const other = found(({ task, thread }) => task !== null && task.status !== thread.status);
    expect(other.every((repairs) => repairs.includes('take_summary'))).toBe(true);
  });

  const AGREED: Record<'waiting' | 'taken' | 'none', Record<string, Repair[]>> = {
    none: { none: [] },
    waiting: { 'waiting 2': [], 'granted 2': ['grant_again'] },
    taken: { 'taken 2': [] },
  };
  const OTHERWISE: Record<'waiting' | 'taken' | 'none', Repair[]> = {
    none: ['free'],
    waiting: ['join'],
    taken: ['take'],
  };

  it.each(Object.entries(TASKS).flatMap(([name, task]) => (task === null ? [] : [{ name, task }])))(
    'are mended by the task’s word where only the slot differs: $name',
    ({ task }) => {
      const mends = Object.entries(ROWS).map(([of, slot]) => [
        of,
        disagreements({ ...task, slot }, task),
      ]);
      const expected = Object.keys(ROWS).map((of) => [
        of,
        AGREED[task.slot][of] ?? OTHERWISE[task.slot],
      ]);
      expect(mends).toEqual(expected);
    },
  );

  it.each(STATUSES)(
    'have a task that its object does not know created again unless it ended: %s',
    (status) => {
      const mends = Object.entries(ROWS).map(([of, slot]) => [
        of,
        disagreements({ status, attempt: 1, slot }, null),
      ]);
      const ended = status === 'Done' || status === 'Failed' || status === 'Cancelled';
      const expected = Object.keys(ROWS).map((of): [string, Repair[]] => {
        if (ended) return [of, of === 'none' ? [] : ['free']];
        const keepsRow = of === 'waiting 1' || of === 'granted 1';
        return [of, keepsRow ? ['create_again'] : ['join', 'create_again']];
      });
      expect(mends).toEqual(expected);
    },
  );
});
