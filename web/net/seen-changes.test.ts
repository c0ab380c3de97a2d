import { expect, it } from 'vitest';
import { withinRoom } from './seen-changes.ts';

const of = (taskId: string, chars: number) => ({ taskId, chars });

it('what was looked at last stays, as far as there is room', () => {
  expect(withinRoom([of('a', 5_000_000), of('b', 16_000_000), of('c', 1)])).toEqual([
    of('a', 5_000_000),
  ]);
  const many = Array.from({ length: 40 }, (_, at) => of(String(at), 1));
  expect(withinRoom(many)).toEqual(many.slice(0, 30));
});
