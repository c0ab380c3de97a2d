import { expect, it } from 'vitest';
import { phasesOf } from './phases.ts';

it('a status lasts until the next one, and the last one still does', () => {
  expect(
    phasesOf([
      { status: 'Queued', at: 1_000 },
      { status: 'Working', at: 3_000 },
    ]),
  ).toEqual([
    { words: 'Queued', isEnd: false, from: 1_000, to: 3_000 },
    { words: 'Working', isEnd: false, from: 3_000, to: null },
  ]);
});

it('what waits for the person says so, and two waits in a row are one', () => {
  const asked = [
    { status: 'Planning', at: 0 },
    { status: 'Needs answers', at: 10_000 },
    { status: 'Needs approval', at: 20_000 },
  ] as const;
  expect(phasesOf(asked).slice(1)).toEqual([
    { words: 'Waits for you', isEnd: false, from: 10_000, to: null },
  ]);
  expect(phasesOf([...asked, { status: 'Working', at: 50_000 }])).toMatchObject([
    { words: 'Planning', to: 10_000 },
    { words: 'Waited for you', from: 10_000, to: 50_000 },
    { words: 'Working', to: null },
  ]);
});

it('an end has no length, also when the task went on later', () => {
  expect(
    phasesOf([
      { status: 'Failed', at: 5 },
      { status: 'Queued', at: 90 },
    ]),
  ).toMatchObject([{ words: 'Failed', isEnd: true, to: null }, { words: 'Queued' }]);
});

it('what was over at once is left out, but for an end and for what lasts', () => {
  expect(
    phasesOf([
      { status: 'Queued', at: 0 },
      { status: 'Starting', at: 200 },
      { status: 'Failed', at: 5_000 },
      { status: 'Queued', at: 5_100 },
    ]).map(({ words }) => words),
  ).toEqual(['Starting', 'Failed', 'Queued']);
});
