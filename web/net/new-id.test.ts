import { decodeTime } from 'ulid';
import { expect, it } from 'vitest';
import { Ulid } from '../../protocol/ids.ts';
import { newId } from './new-id.ts';

it('is a ULID that says when it was made, and another one each time', () => {
  const at = Date.UTC(2026, 10, 30, 12);
  const ids = Array.from({ length: 1_000 }, () => newId(at));
  expect(ids.every((id) => Ulid.safeParse(id).success && decodeTime(id) === at)).toBe(true);
  expect(new Set(ids).size).toBe(1_000);
  // Every digit comes up.
  expect(new Set(ids.join('').slice(10)).size).toBe(32);
});

it('sorts by when it was made', () => {
  const ids = [1, 2, 1_000, 1_001, 2_000_000].map((at) => newId(at));
  expect(ids.toSorted()).toEqual(ids);
});
