import { expect, it } from 'vitest';
import type { InboxItem } from '../../protocol/inbox.ts';
import type { TaskStatus } from '../../protocol/task.ts';
import { mainActionOf } from './main-action.ts';

const ID = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const pullRequest = { number: 1, url: 'https://github.test/acme/todo/pull/1' };
const task = (status: TaskStatus) => ({ id: ID, status, pullRequest });
const budget: InboxItem = {
  id: '01ARZ3NDEKTSV4RRFFQ69G5FAW',
  taskId: ID,
  title: 'Dark mode',
  repository: 'acme/todo',
  at: 1,
  outcome: null,
  kind: 'budget',
  scope: 'task',
  limit: 1,
  used: 1,
};

it('what needs the person leads to its own item in the inbox', () => {
  expect(mainActionOf(task('Needs answers'), [{ ...budget, taskId: budget.id }, budget])).toEqual({
    is: 'decide',
    href: `/inbox/${budget.id}`,
    label: 'Raise its budget',
  });
  expect(mainActionOf(task('Needs approval'), [])).toEqual({
    is: 'decide',
    href: '/inbox',
    label: 'Decide',
  });
});

it.each([
  ['Queued', 'cancel'],
  ['Planning', 'cancel'],
  ['Working', 'cancel'],
  ['Checking', 'cancel'],
  ['In review', 'merge'],
  ['Failed', 'retry'],
  ['Cancelled', 'retry'],
] as const)('a task that is %s offers to %s', (status, is) => {
  expect(mainActionOf(task(status), [])).toEqual({ is });
});

it('a task that is done offers nothing', () => {
  expect(mainActionOf(task('Done'), [])).toBeNull();
});

it('in review without a pull request there is nothing to merge', () => {
  expect(mainActionOf({ ...task('In review'), pullRequest: null }, [])).toEqual({ is: 'cancel' });
});
