import { describe, expect, it } from 'vitest';
import type { Context, Waiting } from './context.ts';
import { decisionOf, decisionReply } from './decisions.ts';

const ASKS: Waiting = {
  taskId: 't1',
  title: 'Add an export command',
  questions: [
    { question: 'Which format?', options: ['CSV', 'JSON'], several: false },
    { question: 'Which fields?', options: ['number', 'text', 'done'], several: true },
  ],
  alternatives: [],
};
const PLANS: Waiting = {
  taskId: 't2',
  title: 'Rework the store',
  questions: [],
  alternatives: ['One file', 'A folder'],
};

const waitingFor = (...waiting: Waiting[]): Context => ({
  repositories: [],
  openTasks: [],
  waiting,
  summary: '',
});

describe('an answer', () => {
  it.each([
    'CSV, with number and text',
    'tell the export task to use CSV with number and text',
    'number, text; csv',
  ])('%s', (words) => {
    expect(decisionOf(words, waitingFor(ASKS))).toMatchObject({
      is: 'answer',
      waiting: { taskId: 't1' },
      answers: [{ chosen: ['CSV'] }, { chosen: ['number', 'text'] }],
    });
  });

  it('to one of the questions is asked back about the others', () => {
    const decision = decisionOf('Use JSON', waitingFor(ASKS));
    expect(decision).toMatchObject({ is: 'ask back', open: [{ question: 'Which fields?' }] });
    if (decision === null) throw new Error('Nothing was decided.');
    expect(decisionReply(decision, [])).toEqual({
      text: 'And for **Add an export command**:\n- Which fields? (number, text, done)',
      calls: [],
    });
  });

  it('is carried out by the tool, and told by what the tool said', () => {
    const decision = decisionOf('CSV and all fields', waitingFor(ASKS));
    if (decision === null) throw new Error('Nothing was decided.');
    const { calls } = decisionReply(decision, []);
    const answers = [{ chosen: ['CSV'] }, { chosen: ['number', 'text', 'done'] }];
    expect(calls).toEqual([{ name: 'answer_question', input: { task_id: 't1', answers } }]);
    const round = { name: 'answer_question', input: {}, result: '{"done":true}', failed: false };
    expect(decisionReply(decision, [round]).text).toBe(
      'Answered **Add an export command**: CSV; number, text, done.',
    );
    const late = { ...round, result: '{"error":"That was decided before: Answered: JSON."}' };
    expect(decisionReply(decision, [late]).text).toBe('That was decided before: Answered: JSON.');
  });
});

describe('a verdict', () => {
  it.each([
    ['lgtm', { is: 'approve', alternative: null }],
    ['Looks good, go ahead', { is: 'approve', alternative: null }],
    ['Approve the plan with a folder', { is: 'approve', alternative: 'A folder' }],
    ['one file', { is: 'approve', alternative: 'One file' }],
    ['Change the plan: name it tasks.csv', { is: 'changes', text: 'name it tasks.csv' }],
    ['looks good, but name it tasks.csv', { is: 'changes', text: 'name it tasks.csv' }],
    ['tell the store task to keep the tests', { is: 'changes', text: 'keep the tests' }],
    ['reject it', { is: 'reject' }],
  ])('%s', (words, decision) => {
    expect(decisionOf(words, waitingFor(PLANS))).toMatchObject(decision);
  });
});

it.each([
  'How is it going?',
  'Add a --json flag to the list command',
  'Fix done when the number is wrong',
  'hi',
])('decides nothing: %s', (words) => {
  expect(decisionOf(words, waitingFor(ASKS, PLANS))).toBeNull();
  expect(decisionOf('lgtm', waitingFor())).toBeNull();
});

it('asks which of two plans is meant, unless the words tell', () => {
  const other = { ...PLANS, taskId: 't3', title: 'Redesign the site' };
  expect(decisionOf('lgtm', waitingFor(PLANS, other))).toMatchObject({ is: 'which' });
  expect(decisionOf('approve the redesign', waitingFor(PLANS, other))).toMatchObject({
    is: 'approve',
    waiting: { taskId: 't3' },
  });
});
