import { expect, it } from 'vitest';
import { summaryOf } from './summary.ts';
import { NOW, PULL_REQUEST, STATES, recordIn, taskSpec } from './testing/records.ts';
import type { TaskState } from './lifecycle/state.ts';

function noteOf(state: TaskState, note: string | null = null): string | null {
  return summaryOf({
    spec: taskSpec(),
    createdAt: NOW,
    record: recordIn(state),
    note,
    usage: { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, cost: 0 },
    changes: null,
    queued: [],
    budget: null,
    issue: null,
    now: NOW,
  }).note;
}

it('a task that is done without a pull request says that there are no changes', () => {
  expect(noteOf({ is: 'done', pullRequest: null }, 'I changed everything')).toBe('No changes');
  expect(noteOf({ is: 'done', pullRequest: PULL_REQUEST })).toBeNull();
});

it('what a worker does is on the card while it works only', () => {
  expect(noteOf(STATES.working, 'Edit: a.ts')).toBe('Edit: a.ts');
  expect(noteOf(STATES.in_review, 'Edit: a.ts')).toBeNull();
});
