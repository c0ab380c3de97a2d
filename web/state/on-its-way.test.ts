import { expect, it } from 'vitest';
import type { InboxItem } from '../../protocol/inbox.ts';
import type { NewCommand } from './state.ts';
import { onItsWay } from './on-its-way.ts';

const base = {
  id: '01ARZ3NDEKTSV4RRFFQ69G5FAA',
  taskId: 't1',
  title: 'Add it',
  repository: 'acme/todo',
  at: 1,
  outcome: null,
} as const;
const failure: InboxItem = { ...base, kind: 'failure', reason: 'It broke.' };
const day: InboxItem = { ...base, kind: 'budget', scope: 'day', limit: 5, used: 6 };
const retry = {
  type: 'task',
  taskId: 't1',
  command: { do: 'retry', from: 'checkpoint' },
} as const satisfies NewCommand;

const NOTHING = {
  pending: [],
  held: [],
  decided: [],
  connection: 'Online',
} satisfies Parameters<typeof onItsWay>[0];

function sent(command: NewCommand, connection: 'Online' | 'Offline' = 'Online') {
  const pending = { command: { ...command, id: 'c' }, at: 1, person: null } as never;
  return { pending: [pending], held: [], decided: [], connection };
}

it('says that a decision waits: to be undone, for the server, for the connection', () => {
  const held = [{ id: 'h', command: retry, words: 'Retrying', until: 9 }];
  expect(onItsWay({ ...NOTHING, held }, failure)).toMatch(/undone/);
  expect(onItsWay(sent(retry), failure)).toBe('Sending …');
  expect(onItsWay(sent(retry, 'Offline'), failure)).toMatch(/connection is back/);
});

it('stays decided once it was taken, until its task says what came of it', () => {
  expect(onItsWay({ ...NOTHING, decided: [failure.id] }, failure)).toBe('Taken');
});

it('is silent about what does not settle it', () => {
  expect(onItsWay(sent({ ...retry, taskId: 't2' }), failure)).toBeNull();
  expect(onItsWay(sent({ type: 'dismiss', itemId: 'other' }), failure)).toBeNull();
  const message = { do: 'message', text: 'Hi', when: 'now' } as const;
  expect(onItsWay(sent({ type: 'task', taskId: 't1', command: message }), failure)).toBeNull();
  expect(onItsWay(NOTHING, failure)).toBeNull();
});

it('a new budget for the day settles what waits for the day’s money, another setting does not', () => {
  const limits = { parallel: 1, taskBudget: null, dayBudget: 9 } as never;
  const change = { is: 'limits', limits } as const;
  expect(onItsWay(sent({ type: 'change_settings', change }), day)).toBe('Sending …');
  const note = { is: 'memory_add', text: 'x' } as never;
  expect(onItsWay(sent({ type: 'change_settings', change: note }), day)).toBeNull();
});
