import { expect, it } from 'vitest';
import type { SpentOnDay } from '../../protocol/pages.ts';
import { byDay, modelOf, repositoryOf, summed, total } from './spent.ts';

const of = (day: string, cost: number, more: Partial<SpentOnDay> = {}): SpentOnDay => ({
  day,
  cost,
  by: 'tasks',
  repository: 'acme/todo',
  model: 'opus',
  ...more,
});
const ROWS = [
  of('2026-02-27', 1),
  of('2026-03-01', 2, { model: 'sonnet' }),
  of('2026-03-01', 4, { by: 'conversation', repository: null, model: null }),
  of('2026-03-02', 8, { repository: null, model: null }),
];

it('each day has its sum, also one on which nothing was spent', () => {
  expect(byDay({ today: '2026-03-02', rows: ROWS }, 4)).toEqual([
    { name: '2026-02-27', cost: 1 },
    { name: '2026-02-28', cost: 0 },
    { name: '2026-03-01', cost: 6 },
    { name: '2026-03-02', cost: 8 },
  ]);
  expect(total(ROWS)).toBe(15);
});

it('sums go by model and by repository, the largest first; the conversation is one of them', () => {
  expect(summed(ROWS, modelOf)).toEqual([
    { name: 'Not known any more', cost: 8 },
    { name: 'The conversation', cost: 4 },
    { name: 'sonnet', cost: 2 },
    { name: 'opus', cost: 1 },
  ]);
  expect(summed(ROWS, repositoryOf).map(({ name }) => name)).toEqual([
    'Not known any more',
    'The conversation',
    'acme/todo',
  ]);
});
