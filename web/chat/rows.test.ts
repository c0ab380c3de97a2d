import { describe, expect, it } from 'vitest';
import { type Row, viewOf } from './rows.ts';

const DAY = new Date(2026, 10, 3, 9).getTime();
const MINUTE_MS = 60_000;

const said = (seq: number, from: 'person' | 'mainloop', minutes: number) => ({
  id: `id${seq}`,
  from,
  at: DAY + minutes * MINUTE_MS,
  seq,
});
const parts = (messages: ReturnType<typeof said>[], newFrom: number | null = null) => ({
  messages,
  newFrom,
  unsent: [],
  notSent: [],
});
/** A row in a word: `(2` begins a turn, `2)` ends it. */
const words = (rows: readonly Row[]) =>
  rows.map((row) =>
    row.is === 'message' ? `${row.isFirst ? '(' : ''}${row.seq}${row.isLast ? ')' : ''}` : row.is,
  );

const TALK = [
  said(1, 'person', 0),
  said(2, 'person', 1),
  said(3, 'mainloop', 2),
  said(4, 'mainloop', 30),
  said(5, 'person', 24 * 60),
];

describe('rows', () => {
  it('days stand apart, and what one side says in a row is one turn', () => {
    expect(words(viewOf(parts(TALK), null).rows)).toEqual([
      'day',
      '(1',
      '2)',
      '(3)',
      '(4)',
      'day',
      '(5)',
    ]);
  });

  it('what is new begins a turn of its own', () => {
    const talk = [said(1, 'mainloop', 0), said(2, 'mainloop', 1), said(3, 'mainloop', 2)];
    expect(words(viewOf(parts(talk, 2), null).rows)).toEqual(['day', '(1)', 'new', '(2', '3)']);
  });

  it('what waits to be sent stands last, and what was refused after it', () => {
    const { rows } = viewOf({ ...parts(TALK.slice(0, 1)), unsent: ['u'], notSent: ['r'] }, null);
    expect(words(rows)).toEqual(['day', '(1)', 'unsent', 'not_sent']);
  });

  it('a row that says the same stays the same object', () => {
    const before = viewOf(parts(TALK.slice(0, 4)), null);
    const after = viewOf(parts(TALK), before);
    expect(after.rows.slice(0, 5)).toEqual(before.rows);
    expect(after.rows.slice(0, 5).every((row, at) => row === before.rows[at])).toBe(true);
    const grouped = viewOf(parts([...TALK.slice(0, 4), said(5, 'mainloop', 31)]), before);
    expect(grouped.rows[4]).not.toBe(before.rows[4]);
    expect(words(grouped.rows).slice(-2)).toEqual(['(4', '5)']);
  });

  it('tells growth at the beginning from growth at the end', () => {
    const before = viewOf(parts(TALK.slice(2, 4)), null);
    expect(before.grewBefore).toBe(false);
    expect(viewOf(parts(TALK.slice(0, 4)), before).grewBefore).toBe(true);
    expect(viewOf(parts(TALK.slice(2)), before).grewBefore).toBe(false);
    expect(viewOf(parts(TALK.slice(2, 4)), before).grewBefore).toBe(false);
  });
});
