import { expect, it } from 'vitest';
import { DEMO_EXAMPLES } from '../../../web/chat/examples.ts';
import { JOBS } from '../worker/job.ts';
import { type OpenTask, type Waiting, readContext } from './context.ts';
import { understood } from './intents.ts';

const JSON_TASK = {
  id: 'j',
  title: 'Add a --json flag',
  status: 'Working',
  repository: 'acme/todo',
};
const ASKS: Waiting = {
  id: 't1',
  title: 'Add an export command',
  questions: [
    { question: 'Which format?', options: ['CSV', 'JSON'], several_possible: false },
    { question: 'Which fields?', options: ['number', 'text', 'done'], several_possible: true },
  ],
  alternatives: [],
};
const PLANS: Waiting = {
  id: 't2',
  title: 'Rework the store',
  questions: [],
  alternatives: ['One file', 'A folder'],
};

function reading(words: string, openTasks: OpenTask[] = [], waiting: Waiting[] = []) {
  const context = { ...readContext(''), openTasks, waiting };
  return understood({
    context,
    words,
    attached: [],
    notice: null,
    again: false,
    rounds: [],
    earlier: [],
  });
}

it.each([
  ['work', 'Add a --json flag to the list command'],
  ['work', 'Can you add a remove command to todo?'],
  ['work', 'Let’s not talk. Fix the crash in done.'],
  ['work', 'todo done 7 crashes with a stack trace'],
  ['work', 'Change the default port to 8080'],
  ['status', 'How is it going?'],
  ['status', 'Is the json flag done?'],
  ['status', 'list my tasks'],
  ['cancel', 'Please stop it'],
  ['interrupt', 'pause the json task'],
  ['steer', 'for the json task: name the flag --as-json'],
  ['setting', 'Remember that we deploy on Tuesdays only'],
  ['setting', 'The budget of a task shall be $2'],
  ['repositories', 'Which repositories do you see?'],
  ['recall', 'what did I say at the start?'],
  ['recall', 'Do you remember my name?'],
  ['remember', 'Message number 17: the weather is fine.'],
  ['help', 'Which model are you?'],
  ['help', 'Hello number 2'],
  ['thanks', 'Thanks, that is remark 5.'],
  ['unclear', 'Written in a tunnel'],
])('understands as %s: %s', (is, words) => {
  expect(reading(words).is).toBe(is);
});

it.each(DEMO_EXAMPLES)('can do what the first page offers: %s', (example) => {
  const jobs = JOBS.filter(
    ({ asks }) => asks.length > 0 && asks.every((one) => new RegExp(one, 'i').test(example)),
  );
  const understoodAs = { work: jobs.length === 1, repositories: true, help: true };
  expect(understoodAs).toHaveProperty(reading(example).is, true);
});

it.each([
  ['cancel the json task', 'cancel_task', {}],
  ['Merge it', 'merge_task', {}],
  ['Resolve the conflicts', 'mend_task', { what: 'conflicts' }],
  ['Please fix the failing checks of the json task', 'mend_task', { what: 'checks' }],
  ['Address the review comments on the json task', 'mend_task', { what: 'comments' }],
  ['Raise the budget of the json task to $20', 'raise_budget', { limit: 20 }],
  ['Use sonnet for the next turn', 'set_task_model', { model: 'sonnet' }],
  ['tell the json task to hurry', 'message_task', { text: 'hurry' }],
  ['also mention it in the README', 'message_task', { text: 'also mention it in the README' }],
])('“%s” acts on the open task by %s', (words, name, input) => {
  const { calls } = reading(words, [JSON_TASK]).reply;
  expect(calls).toEqual([{ name, input: { task_id: 'j', ...input } }]);
});

it('acts on no task when none is meant', () => {
  const { text, calls } = reading('cancel the payroll task', [JSON_TASK]).reply;
  expect(calls).toEqual([]);
  expect(text).toContain('I do not know which task you mean');
});

it.each([
  ['CSV, with number and text', [{ chosen: ['CSV'] }, { chosen: ['number', 'text'] }]],
  [
    'tell the export task to use JSON and all fields',
    [{ chosen: ['JSON'] }, { chosen: ['number', 'text', 'done'] }],
  ],
])('takes “%s” as an answer', (words, answers) => {
  const { calls } = reading(words, [], [ASKS]).reply;
  expect(calls).toEqual([{ name: 'answer_question', input: { task_id: 't1', answers } }]);
});

it('asks back for what was left open', () => {
  expect(reading('Use JSON', [], [ASKS]).reply).toEqual({
    text: 'And for **Add an export command**:\n- Which fields? (number, text, done)',
    calls: [],
  });
});

it.each([
  ['lgtm', { verdict: 'approve' }],
  ['Approve the plan with a folder', { verdict: 'approve', alternative: 'A folder' }],
  ['Change the plan: name it tasks.csv', { verdict: 'changes', text: 'name it tasks.csv' }],
  ['Looks good, but name it tasks.csv', { verdict: 'changes', text: 'name it tasks.csv' }],
  ['tell the store task to keep the tests', { verdict: 'changes', text: 'keep the tests' }],
  ['reject it', { verdict: 'reject' }],
])('takes “%s” as a verdict', (words, verdict) => {
  const { calls } = reading(words, [], [PLANS]).reply;
  expect(calls).toEqual([{ name: 'decide_plan', input: { task_id: 't2', ...verdict } }]);
});

it('asks which of two plans is meant, and takes other words for what they are', () => {
  const other = { ...PLANS, id: 't3', title: 'Redesign the site' };
  expect(reading('lgtm', [], [PLANS, other]).reply.text).toMatch(/^Which task do you mean/);
  expect(reading('Add a --json flag to the list command', [], [ASKS, PLANS]).is).toBe('work');
  expect(reading('How is it going?', [], [ASKS, PLANS]).is).toBe('status');
});
