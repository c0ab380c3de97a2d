import { expect, it } from 'vitest';
import {
  type InboxItem,
  type LeftOpen,
  NOTHING_LEFT,
  type ReviewChecks,
} from '../../protocol/inbox.ts';
import { firstAction } from './first-action.ts';

const base = {
  id: 'i',
  taskId: 't1',
  title: 'Add it',
  repository: 'acme/todo',
  at: 1,
  outcome: null,
} as const;
const pullRequest = { number: 3, url: 'http://localhost/acme/todo/pull/3' };
const review = (checks: ReviewChecks, left: Partial<LeftOpen> = {}): InboxItem => ({
  ...base,
  kind: 'review',
  pullRequest,
  summary: '',
  tested: null,
  checks,
  leftOpen: { ...NOTHING_LEFT, ...left },
});
const plan = (alternatives: string[]): InboxItem => ({
  ...base,
  kind: 'plan',
  plan: { id: 'p', text: 'So.', hash: 'a'.repeat(64), round: 1, previous: null, alternatives },
});
const asked = (item: InboxItem) => {
  const { words, act } = firstAction(item);
  return [words, act?.command ?? null];
};
const command = (asks: object) => ({ type: 'task', taskId: 't1', command: asks });

it.each<[InboxItem, string, object | null]>([
  [{ ...base, kind: 'question', questionId: 'q', questions: [] }, 'Answer', null],
  [plan(['One', 'Two']), 'Decide', null],
  [
    plan([]),
    'Approve',
    command({
      do: 'decide',
      planId: 'p',
      hash: 'a'.repeat(64),
      verdict: { is: 'approve', alternative: null },
    }),
  ],
  [review({ is: 'none' }), 'Merge', command({ do: 'merge' })],
  [review({ is: 'unfinished' }), 'Look', null],
  [
    review({ is: 'failed', names: ['test'] }, { conflicts: true }),
    'Fix',
    command({ do: 'mend', what: 'checks' }),
  ],
  [
    review({ is: 'none' }, { conflicts: true }),
    'Resolve',
    command({ do: 'mend', what: 'conflicts' }),
  ],
  [review({ is: 'none' }, { comments: { count: 1, by: ['eve'] } }), 'Look', null],
  [{ ...base, kind: 'word' }, 'Say how', null],
  [
    { ...base, kind: 'failure', reason: 'It broke.' },
    'Retry',
    command({ do: 'retry', from: 'checkpoint' }),
  ],
  [
    { ...base, kind: 'budget', scope: 'task', limit: 5, used: 5.2 },
    'Raise to $10.00',
    command({ do: 'raise_budget', limit: 10 }),
  ],
  [{ ...base, kind: 'budget', scope: 'day', limit: 5, used: 5.2 }, 'Raise budget', null],
])('a swipe on %j: %s', (item, words, does) => {
  expect(asked(item)).toEqual([words, does]);
});
