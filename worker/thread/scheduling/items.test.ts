import { describe, expect, it } from 'vitest';
import type { InboxItem, InboxOutcome } from '../../../protocol/inbox.ts';
import { DISMISSED, itemRepairs } from './items.ts';

const base = { taskId: 'task', title: 'Add a flag', repository: 'demo/tasks', at: 1 };
const settled = (text: string): InboxOutcome => ({ by: 'person', text, at: 2 });
const question = (questionId: string, outcome: InboxOutcome | null = null): InboxItem => ({
  ...base,
  id: `item of ${questionId}`,
  kind: 'question',
  questionId,
  questions: [],
  outcome,
});
const failure = (outcome: InboxOutcome | null): InboxItem => ({
  ...base,
  id: 'failure',
  kind: 'failure',
  reason: 'It broke.',
  outcome,
});
const ASKS = { kind: 'question', id: 'q' } as const;
const FAILED = { kind: 'failure', id: '' } as const;

describe('an inbox and a task', () => {
  it.each([
    ['nothing is needed and nothing is shown', [], null],
    ['its question is shown', [question('q')], ASKS],
    ['its failure is shown', [failure(null)], FAILED],
    ['its failure was put aside', [failure(settled(DISMISSED))], FAILED],
    ['what it asked before was answered', [question('p', settled('Answered'))], null],
  ])('agree when %s', (_, items, waitsFor) => {
    expect(itemRepairs(items, waitsFor)).toEqual({ open: false, settle: [] });
  });

  it.each([
    ['nothing is shown', [], ASKS],
    ['its question counts as answered', [question('q', settled('Answered'))], ASKS],
    [
      'its question was put aside, which no question can be',
      [question('q', settled(DISMISSED))],
      ASKS,
    ],
    ['an earlier failure was tried again', [failure(settled('Retried'))], FAILED],
  ])('have it shown once more when %s', (_, items, waitsFor) => {
    expect(itemRepairs(items, waitsFor)).toEqual({ open: true, settle: [] });
  });

  it('settle what is shown beside what the task needs', () => {
    const items = [question('p'), question('q'), failure(null)];
    const repairs = { open: false, settle: [items[0], items[2]] };
    expect(itemRepairs(items, ASKS)).toEqual(repairs);
  });
});
