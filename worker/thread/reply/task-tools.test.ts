import { describe, expect, it } from 'vitest';
import type { InboxItem } from '../../../protocol/inbox.ts';
import { TaskCommand } from '../../../protocol/task-command.ts';
import { idOf } from '../testing/facts.ts';
import { TASK_TOOLS } from './task-tools.ts';
import { parseCall } from './tools.ts';

const base = {
  id: idOf(2),
  taskId: idOf(1),
  title: 'Export',
  repository: 'demo/tasks',
  at: 1,
  outcome: null,
};
const option = (label: string) => ({ label, description: '' });
const QUESTION: InboxItem = {
  ...base,
  kind: 'question',
  questionId: idOf(3),
  questions: [
    { question: 'Which?', header: '', options: [option('CSV'), option('JSON')], multiSelect: true },
    { question: 'Headers?', header: '', options: [option('Yes')], multiSelect: false },
  ],
};
const PLAN: InboxItem = {
  ...base,
  kind: 'plan',
  plan: {
    id: idOf(4),
    text: '# Export',
    hash: 'a'.repeat(64),
    round: 1,
    previous: null,
    alternatives: [],
  },
};

const SHOT = { id: idOf(9), name: 'shot.png', type: 'image/png', bytes: 5 } as const;
const attached = (ids: readonly string[]) =>
  ids.every((id) => id === SHOT.id) ? ids.map(() => SHOT) : 'Nothing is attached with such an id.';

/** What a call of a tool for the task comes to, or what is wrong with it. */
function commandOf(name: string, input: object, open: InboxItem[] = []): unknown {
  const call = parseCall(name, { task_id: idOf(1), ...input });
  if (call.is === 'own') throw new Error(`${name} asks nothing of a task.`);
  const made = call.is === 'task' ? call.toCommand(open, attached) : call;
  return made.is === 'command' ? TaskCommand.parse(made.command) : made.text;
}

describe('a call comes to a command', () => {
  const decide = { do: 'decide', planId: idOf(4), hash: 'a'.repeat(64) };
  it.each([
    ['message_task', { text: ' Use tabs ' }, { do: 'message', text: 'Use tabs', when: 'now' }],
    [
      'message_task',
      { text: 'Tabs', when: 'later' },
      { do: 'message', text: 'Tabs', when: 'later' },
    ],
    [
      'message_task',
      { text: 'See this', attachments: [idOf(9)] },
      { do: 'message', text: 'See this', when: 'now', attachments: [SHOT] },
    ],
    [
      'message_task',
      { text: 'See this', attachments: [idOf(8)] },
      'Nothing is attached with such an id.',
    ],
    ['interrupt_task', {}, { do: 'interrupt' }],
    ['set_task_model', { model: 'sonnet' }, { do: 'set_model', model: 'sonnet' }],
    ['merge_task', {}, { do: 'merge' }],
    ['mend_task', { what: 'conflicts' }, { do: 'mend', what: 'conflicts' }],
    ['cancel_task', {}, { do: 'cancel', close: false }],
    ['cancel_task', { close: true }, { do: 'cancel', close: true }],
    ['retry_task', {}, { do: 'retry', from: 'checkpoint' }],
    ['retry_task', { from: 'scratch' }, { do: 'retry', from: 'scratch' }],
    ['raise_budget', { limit: 10 }, { do: 'raise_budget', limit: 10 }],
    [
      'answer_question',
      { answers: [{ chosen: ['json', 'TOML'] }, { chosen: [], other: 'Only once' }] },
      {
        do: 'answer',
        questionId: idOf(3),
        answers: [
          { chosen: ['JSON'], other: 'TOML' },
          { chosen: [], other: 'Only once' },
        ],
      },
    ],
    [
      'decide_plan',
      { verdict: 'approve' },
      { ...decide, verdict: { is: 'approve', alternative: null } },
    ],
    [
      'decide_plan',
      { verdict: 'changes', text: 'Name it' },
      { ...decide, verdict: { is: 'changes', text: 'Name it' } },
    ],
    ['decide_plan', { verdict: 'reject' }, { ...decide, verdict: { is: 'reject' } }],
  ])('%s %j', (name, input, command) => {
    expect(commandOf(name, input, [QUESTION, PLAN])).toEqual(command);
  });
});

it.each([
  ['answer_question', { answers: [] }, [PLAN], /asks nothing/],
  ['decide_plan', { verdict: 'approve' }, [QUESTION], /no plan that waits/],
  ['decide_plan', { verdict: 'changes' }, [PLAN], /what should change/],
  ['message_task', { text: ' ' }, [], /text/],
  ['set_task_model', { model: 'gpt' }, [], /model/],
  ['cancel_task', { task_id: '../1' }, [], /task_id/],
])('%s %j says in words what is missing', (name, input, open, words) => {
  expect(commandOf(name, input, open)).toMatch(words);
});

it('every command can be said in the conversation, but for those that need a page', () => {
  const onPagesOnly: TaskCommand['do'][] = ['arrange_queue', 'mark_viewed'];
  const commands = TaskCommand.def.options.map(({ shape }) => shape.do.def.values[0]);
  expect([...TASK_TOOLS.map(({ does }) => does), ...onPagesOnly].toSorted()).toEqual(
    commands.toSorted(),
  );
});

it('each tool names the command that it comes to', () => {
  const inputs: Record<string, object> = {
    message_task: { text: 'Tabs' },
    set_task_model: { model: 'opus' },
    raise_budget: { limit: 1 },
    answer_question: { answers: [] },
    decide_plan: { verdict: 'reject' },
    mend_task: { what: 'checks' },
  };
  for (const { name, does } of TASK_TOOLS) {
    const call = parseCall(name, { task_id: idOf(1), ...inputs[name] });
    const made = call.is === 'task' ? call.toCommand([QUESTION, PLAN], attached) : null;
    expect(made?.is === 'command' ? made.command.do : null).toBe(does);
  }
});
