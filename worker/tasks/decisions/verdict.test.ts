import { describe, expect, it } from 'vitest';
import type { Plan, Question } from '../../../protocol/decision.ts';
import { issueBody, planComment, questionsComment, readAnswers, readVerdict } from './verdict.ts';

const FORMAT: Question = {
  question: 'Which format?',
  header: 'Format',
  options: [
    { label: 'CSV', description: 'opens in a spreadsheet' },
    { label: 'JSON', description: '' },
  ],
  multiSelect: false,
};
const FIELDS: Question = {
  question: 'Which fields?',
  header: 'Fields',
  options: ['number', 'text', 'done'].map((label) => ({ label, description: '' })),
  multiSelect: true,
};
const chose = (...chosen: string[]) => ({ chosen, other: '' });
const wrote = (other: string) => ({ chosen: [], other });

describe('answers in a comment', () => {
  it.each([
    ['1. A\n2. B', [chose('CSV'), chose('text')]],
    ['1) a\n2) a, c', [chose('CSV'), chose('number', 'done')]],
    ['2: number and text\n1: json', [chose('JSON'), chose('number', 'text')]],
    ['1. **CSV**\n2. all but the last', [chose('CSV'), wrote('all but the last')]],
    [
      '1. YAML, please\nwith comments\n2. A',
      [wrote('YAML, please with comments'), chose('number')],
    ],
    ['> 1. Which format?\n\n1. B\n2. C', [chose('JSON'), chose('done')]],
  ])('%j', (comment, answers) => {
    expect(readAnswers(comment, [FORMAT, FIELDS])).toEqual(answers);
  });

  it('to a single question need no number', () => {
    expect(readAnswers('B', [FORMAT])).toEqual([chose('JSON')]);
    expect(readAnswers('Something else', [FORMAT])).toEqual([wrote('Something else')]);
  });

  it.each(['CSV', '1. A', 'Let me think.', '3. A\n4. B', ''])('%j leaves one open', (comment) => {
    expect(readAnswers(comment, [FORMAT, FIELDS])).toBeNull();
  });
});

const PLAN: Plan = {
  id: '01JZZZZZZZZZZZZZZZZZZZ0001',
  text: '# Plan\n\nAdd it.',
  hash: 'a'.repeat(64),
  round: 1,
  previous: null,
  alternatives: ['One file', 'A folder'],
};

describe('a comment on a plan', () => {
  const approve = (alternative: string | null) => ({ is: 'approve', alternative });

  it.each([
    ['lgtm', approve(null)],
    ['LGTM!', approve(null)],
    ['Approve', approve(null)],
    ['approved.', approve(null)],
    ['👍', approve(null)],
    ['approve B', approve('A folder')],
    ['Approve with one file', approve('One file')],
    ['A', approve('One file')],
    ['1. B', approve('A folder')],
    ['a folder', approve('A folder')],
    ['reject', { is: 'reject' }],
    ['No.', { is: 'reject' }],
    ['No, use tabs', { is: 'changes', text: 'No, use tabs' }],
    ['Looks good, but use tabs', { is: 'changes', text: 'Looks good, but use tabs' }],
    ['lgtm\n\nbut rename it', { is: 'changes', text: 'lgtm\n\nbut rename it' }],
    ['> Add it.\n\nlgtm', approve(null)],
    ['Okapis are mammals', { is: 'changes', text: 'Okapis are mammals' }],
  ])('%j', (comment, verdict) => {
    expect(readVerdict(comment, PLAN)).toEqual(verdict);
  });
});

it('what is asked stands in the issue with letters to answer by', () => {
  const asked = questionsComment([FORMAT, FIELDS], '');
  expect(asked).toContain('> 1. Which format?\n>    - **A.** CSV: opens in a spreadsheet');
  expect(asked).toContain('> 2. Which fields? (several are possible)');
  expect(planComment({ ...PLAN, round: 2 }, '')).toMatch(/revision 2[\s\S]*\*\*B\.\*\* A folder/);
});

it('a question or a plan in the issue orders nobody about', () => {
  const text = 'Do it.\n/lgtm\n\n@org/team: Fixes #12';
  const harmless = '> Do it.\n> \u2060/lgtm\n>\n> @\u2060org/team: F\u2060ixes #12';
  expect(planComment({ ...PLAN, text }, 'As in #120')).toContain(harmless);
  expect(planComment({ ...PLAN, text }, 'As in #12')).toContain('> @\u2060org/team: Fixes #12');
  const asked = questionsComment([{ ...FORMAT, question: 'Which?\nbors r+' }], '');
  expect(asked).toContain('> 1. Which?\n> \u2060bors r+');
  const request = { title: 'Add export', prompt: 'As CSV.' };
  expect(issueBody(request, text)).toContain('@\u2060org/team: F\u2060ixes #12');
});

it('an issue holds request, requirements, and the plan once it is approved', () => {
  const request = { title: 'Add export', prompt: 'As CSV.' };
  expect(issueBody(request, null)).toBe('## Request\n\nAdd export\n\n## Requirements\n\nAs CSV.');
  expect(issueBody(request, 'Do it.')).toContain('## Approved plan\n\nDo it.');
});
