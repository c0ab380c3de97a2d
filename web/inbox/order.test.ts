import { expect, it } from 'vitest';
import type { InboxItem } from '../../protocol/inbox.ts';
import { nextAfter, stepFrom } from './order.ts';

const items = ['a', 'b', 'c', 'd'].map((id): InboxItem => ({
  id,
  taskId: id,
  title: id,
  repository: 'acme/todo',
  at: 1,
  outcome: null,
  kind: 'failure',
  reason: 'It broke.',
}));
const next = (id: string, ...decided: string[]) =>
  nextAfter(items, id, (item) => decided.includes(item.id))?.id ?? null;

it('after a decision the one below comes, then the one above', () => {
  expect(next('b')).toBe('c');
  expect(next('d')).toBe('c');
  expect(next('b', 'c')).toBe('d');
  expect(next('c', 'd', 'b')).toBe('a');
});

it('nothing comes when all are decided, and the first when the item is gone already', () => {
  expect(next('a', 'b', 'c', 'd')).toBeNull();
  expect(next('gone')).toBe('a');
});

it('steps end at the ends, and begin at the first', () => {
  expect(stepFrom(items, 'a', 1)?.id).toBe('b');
  expect(stepFrom(items, 'a', -1)).toBeNull();
  expect(stepFrom(items, 'd', 1)).toBeNull();
  expect(stepFrom(items, undefined, 1)?.id).toBe('a');
  expect(stepFrom(items, 'gone', -1)?.id).toBe('a');
});
