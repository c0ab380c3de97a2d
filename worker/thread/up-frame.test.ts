import { ulid } from 'ulid';
import { expect, it } from 'vitest';
import { UP_FRAME_MAX_CHARS } from '../../protocol/up.ts';
import { readFrame } from './up-frame.ts';

const id = ulid();

it('reads what the protocol knows', () => {
  const up = { type: 'stop', id };
  expect(readFrame(JSON.stringify(up))).toEqual({ is: 'up', up });
});

it.each([
  ['bytes', new ArrayBuffer(2), null],
  ['no JSON', '{"type":"stop"', null],
  ['a frame that nobody knows', JSON.stringify({ type: 'juggle', id }), id],
  ['a command that nobody knows', JSON.stringify({ type: 'task', id, command: {} }), id],
  ['an id that is none', JSON.stringify({ type: 'stop', id: '../1' }), null],
])('refuses %s, under its id where it has one', (_, data, named) => {
  expect(readFrame(data)).toMatchObject({ is: 'refused', id: named, code: 'malformed' });
});

it('refuses a frame that is too long in words, under its id wherever that stands', () => {
  const text = 'x'.repeat(UP_FRAME_MAX_CHARS);
  for (const frame of [
    { type: 'send', id, text },
    { type: 'send', text, id },
  ]) {
    expect(readFrame(JSON.stringify(frame))).toMatchObject({
      is: 'refused',
      id,
      code: 'too_long',
      text: expect.stringMatching(/at most 100,000/),
    });
  }
});
