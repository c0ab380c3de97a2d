import { expect, it } from 'vitest';
import { noRoom } from './no-room.ts';

const FULL =
  'There is no container instance that can be provided to this durable object, try later';

it.each([
  ['an error', new Error(FULL)],
  ['a text', FULL],
  ['an object of another realm', { message: FULL }],
  ['an error inside others', new Error('outer', { cause: new Error('inner', { cause: FULL }) })],
])('the platform says that it has no room as %s', (_, thrown) => {
  expect(noRoom(thrown)).toBe(FULL);
});

it.each([
  ['another error', new Error('connection refused')],
  ['nothing', undefined],
  ['null', null],
])('%s says something else', (_, thrown) => {
  expect(noRoom(thrown)).toBeNull();
});

it('an error that is its own cause is read to an end', () => {
  const loop: { message: string; cause?: unknown } = { message: 'loop' };
  loop.cause = loop;
  expect(noRoom(loop)).toBeNull();
});
